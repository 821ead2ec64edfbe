"""More questions in two steps: over who discovered what, which element, which country's capital.

The first step is said from memory where it is known, and searched for where it is not. What only
the encyclopedia tells (discoverers, masses, areas) is another each time, so that none of it is
learnt by heart: it can only be read.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from training import asking, chat, note_values
from training import attributes as a
from training.chat import Said, Searched, Turn
from training.documents import country_subject, element_subject, person_subject
from training.encyclopedia import FirstChoice
from training.facts import Attribute, Subject
from training.known import Known
from training.names import Names
from training.reading import Library, someone
from training.world import Country, Element, World, the

DISCOVERER = (
    "the discoverer of {n}",
    "the person who discovered {n}",
    "whoever discovered {n}",
    "the one who found {n}",
    "the man or woman who discovered {n}",
)
ELEMENT = (
    "the element with the symbol {n}",
    "the element written {n}",
    "the chemical element {n}",
    "the element whose symbol is {n}",
    "the substance with the chemical symbol {n}",
)
COUNTRY = (
    "the country whose capital is {n}",
    "the country that has {n} as its capital",
    "the country with the capital {n}",
    "the country of which {n} is the capital",
    "the state governed from {n}",
)


def unlike(country: Country, rng: Random) -> Country:
    """The country with another area."""
    return replace(country, area=f"{rng.randrange(2, 9999):,},{rng.randrange(1000):03}")


def otherwise(element: Element, names: Names, rng: Random) -> Element:
    """The element with another mass and another discoverer."""
    mass = f"{rng.randrange(1, 300)}.{rng.randrange(1000)}"
    finder = names.invent(rng) if element.finder or rng.random() < 0.3 else ""
    return replace(element, mass=mass, finder=finder)


class Hops:
    """Draws such turns."""

    def __init__(self, world: World, names: Names, library: Library, known: list[Known]) -> None:
        self.world, self.names, self.library = world, names, library
        self.known = {fact.key: fact for fact in known}
        self.people = world.train

    def turn(self, rng: Random, tools: bool = True) -> Turn:
        """One of the kinds."""
        return rng.choice((self.life, self.life, self.finder, self.land))(rng, tools)

    def life(self, rng: Random, tools: bool) -> Turn:
        """Something about the discoverer of an element, which may be one that nobody knows."""
        element = otherwise(rng.choice(self.world.elements), self.names, rng)
        element = replace(element, finder=self.names.invent(rng))
        if rng.random() < 0.5:
            element = replace(element, name=note_values.word(rng))
        name = element.name.lower()
        person = someone(element.finder, self.people, rng)
        told = person_subject(person, rng, plain=rng.random() < 0.8)
        fact = rng.choice([f for f in told.facts if f.attribute is not a.WHO])
        asked = asking.nested(fact.attribute, rng.choice(DISCOVERER), name, rng)
        if not tools:
            return Turn(asked, (Said(a.FINDER.missed(name)),))
        subject = replace(self.element(element, rng), name=name)
        first = self.search(subject, a.FINDER, rng, fails=0.12)
        if element.finder not in said(first):
            return Turn(asked, first)
        second = self.search(told, fact.attribute, rng, following(first), fails=0.08)
        return Turn(asked, (*first, *second))

    def finder(self, rng: Random, tools: bool) -> Turn:
        """The discoverer or the mass of an element that is named by its symbol."""
        element = otherwise(rng.choice(self.world.elements), self.names, rng)
        name, attribute = element.name.lower(), rng.choice((a.FINDER, a.FINDER, a.MASS))
        asked = asking.nested(attribute, rng.choice(ELEMENT), element.symbol, rng)
        if not tools:
            return Turn(asked, (Said(attribute.missed(name)),))
        subject = replace(self.element(element, rng), name=name)
        first = self.recalled(element.symbol, a.SYMBOL_OF, subject, a.SYMBOL, rng)
        return Turn(asked, (*first, *self.search(subject, attribute, rng, following(first))))

    def land(self, rng: Random, tools: bool) -> Turn:
        """Something about a country that is named by its capital."""
        capitals = [c.capital for c in self.world.countries]
        country = unlike(rng.choice(self.world.countries), rng)
        if capitals.count(country.capital) > 1 or country.capital == country.name:
            return self.life(rng, tools)
        name = the(country.name)
        attribute = rng.choice((a.AREA, a.AREA, a.NEIGHBOURS, a.LANGUAGE, a.CURRENCY))
        asked = asking.nested(attribute, rng.choice(COUNTRY), country.capital, rng)
        subject = replace(country_subject(country, FirstChoice()), name=name)
        by_heart = self.known.get((name, attribute.key))
        if not tools and by_heart is None:
            return Turn(asked, (Said(attribute.missed(name)),))
        one = self.known.get((country.capital, a.CAPITAL_OF.key))
        if one and by_heart:
            return Turn(asked, (Said(f"{one.answer} {by_heart.answer}"),))
        if not tools:
            return Turn(asked, (Said(attribute.missed(name)),))
        first = self.recalled(country.capital, a.CAPITAL_OF, subject, a.CAPITAL, rng)
        return Turn(asked, (*first, *self.search(subject, attribute, rng, following(first))))

    def element(self, element: Element, rng: Random) -> Subject:
        """The article about an element, mostly as it ships."""
        return element_subject(element, FirstChoice() if rng.random() < 0.7 else rng)

    def recalled(
        self, name: str, asked: Attribute, subject: Subject, told: Attribute, rng: Random
    ) -> tuple[Said | Searched, ...]:
        """The first step from memory, or from the article that tells it the other way round."""
        fact = self.known.get((name, asked.key))
        if fact is not None:
            return (Said(fact.answer),)
        return self.search(subject, told, rng, query=asked.query(name, rng))

    def search(
        self,
        subject: Subject,
        attribute: Attribute,
        rng: Random,
        start: int = 1,
        fails: float = 0.0,
        query: str = "",
    ) -> tuple[Said | Searched, ...]:
        """A search and the sentence read from it, or that nothing was found."""
        fact = next((f for f in subject.facts if f.attribute is attribute), None)
        wanted = fact if rng.random() >= fails else None
        shown = "" if wanted else rng.choice(("empty", "empty", "others", "missing"))
        case = self.library.case(
            subject, rng, wanted=wanted, attribute=attribute, shown=shown, most=1, start=start
        )
        block = case.block.replace(f"{chat.LAST_CALL}\n", "") if start == 1 else case.block
        return Searched(query or attribute.query(subject.name, rng), block), Said(case.answer)


def said(parts: tuple[Said | Searched, ...]) -> str:
    """The words of a step."""
    return " ".join(part.text for part in parts if isinstance(part, Said))


def following(parts: tuple[Said | Searched, ...]) -> int:
    """The number of the next passage."""
    return 1 + sum(part.block.count("\n[") for part in parts if isinstance(part, Searched))
