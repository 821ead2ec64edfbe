"""Questions in two steps: the first search tells somebody's country, the second asks about it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from search_adapters.passages import split
from training import asking, chat
from training import attributes as a
from training.chat import Passage, Said, Searched, Turn
from training.documents import country_subject, person_subject
from training.encyclopedia import FirstChoice
from training.facts import Attribute, Subject
from training.hops import Hops
from training.known import Known
from training.reading import Library, someone, window
from training.topics import Topics
from training.wordings import HOPS, HOPS_HELD
from training.world import Country, Person, World, the

STEPS = {attr.key: attr for attr in (a.CAPITAL, a.CONTINENT, a.LANGUAGE, a.CURRENCY)}
_SHARES = (4, 3, 3, 2)
HOMES = (
    "the country where {n} was born",
    "the country in which {n} was born",
    "the country that {n} comes from",
    "the country {n} is from",
    "{n}'s home country",
    "{n}'s country of birth",
    "{n}'s native country",
    "the home country of {n}",
    "the native land of {n}",
    "the country of {n}'s birth",
    "the country of birth of {n}",
)


def question(attribute: Attribute, name: str, rng: Random, held: bool = False) -> str:
    """A two-step question about somebody."""
    if not held and rng.random() < 0.5:
        return asking.nested(attribute, rng.choice(HOMES), name, rng, HOPS_HELD[attribute.key])
    wording = rng.choice((HOPS_HELD if held else HOPS)[attribute.key])
    return wording.format(n=name)


class Chains:
    """Draws two-step turns."""

    def __init__(
        self, world: World, topics: Topics, library: Library, known: list[Known], rng: Random
    ) -> None:
        self.topics, self.library, self.rng = topics, library, rng
        self.countries = {country.name: country for country in world.countries}
        self.people = tuple(p for p in world.train if p.country in self.countries)
        self.known = {fact.key: fact for fact in known}
        self.hops = Hops(world, topics.names, library, known)
        self.famous = [p for p in world.known if p.country in self.countries]

    def turn(self, tools: bool = True) -> Turn:
        """A two-step question with both steps, or as far as one gets."""
        rng = self.rng
        if rng.random() < 0.35:
            return self.hops.turn(rng, tools)
        attribute = rng.choices(list(STEPS.values()), _SHARES)[0]
        if rng.random() < 0.15 and (turn := self.by_heart(attribute)):
            return turn
        person, subject = self.somebody()
        asked = question(attribute, subject.name, rng)
        if not tools:
            return Turn(asked, (Said(a.COUNTRY.missed(subject.name)),))
        failed = rng.random() < 0.14
        one = self.library.case(
            subject,
            rng,
            wanted=None if failed else next(f for f in subject.facts if f.attribute is a.COUNTRY),
            attribute=a.COUNTRY,
            shown=rng.choice(("empty", "empty", "missing", "others")) if failed else "",
            most=1,
        )
        block = one.block.replace(f"{chat.LAST_CALL}\n", "")  # there is a second search
        first = Searched(a.COUNTRY.query(subject.name, rng), block)
        if failed:
            return Turn(asked, (first, Said(one.answer)))
        country = self.countries[person.country]
        second = self.about(country, attribute, 1 + len(one.passages))
        return Turn(asked, (first, Said(one.answer), *second))

    def by_heart(self, attribute: Attribute) -> Turn | None:
        """Both steps from memory, about somebody well known."""
        person = self.rng.choice(self.famous)
        one = self.known.get((person.name, a.COUNTRY.key))
        two = self.known.get((the(person.country), attribute.key))
        if one is None or two is None:
            return None
        asked = question(attribute, person.name, self.rng)
        return Turn(asked, (Said(f"{one.answer} {two.answer}"),))

    def somebody(self) -> tuple[Person, Subject]:
        """Somebody unknown, and a text that tells the country."""
        rng = self.rng
        while True:
            how = rng.random()
            person = rng.choice(self.people)
            if how > 0.55:
                person = someone(self.topics.stranger(), self.people, rng)
            if how < 0.7:
                subject = person_subject(person, rng, plain=how < 0.6)
            else:
                subject = self.topics.prose.subject(person)
            if any(fact.attribute is a.COUNTRY for fact in subject.facts):
                return person, subject

    def beside(self, country: Country) -> list[Subject]:
        """Articles that a search for a country brings too: neighbours name it, so do its people."""
        rng = self.rng
        near = [self.countries[name] for name in country.neighbours if name in self.countries]
        others = rng.sample(near, min(2, len(near))) or rng.sample(list(self.countries.values()), 2)
        found = [country_subject(other, FirstChoice()) for other in others]
        somebody = replace(
            someone(self.topics.names.invent(rng), self.people, rng), country=country.name
        )
        return [*found, *found, person_subject(somebody, rng, plain=True)]

    def about(self, country: Country, attribute: Attribute, start: int) -> tuple[Searched, Said]:
        """The second search and the answer: the country's article among its people."""
        rng = self.rng
        subject = country_subject(country, FirstChoice())
        fact = next(f for f in subject.facts if f.attribute is attribute)
        query = attribute.query(the(country.name), rng)
        if rng.random() < 0.06:
            return Searched(query, chat.frame([])), Said(attribute.missed(the(country.name)))
        text = window(list(subject.sentences), fact.sentence, rng)
        found = [Passage(country.name, "", text, "encyclopedia")]
        for other in rng.sample(self.beside(country), rng.choice((0, 1, 1, 2))):
            found.append(Passage(other.name, "", split(other.text())[0], "encyclopedia"))
        if rng.random() < 0.1:
            rng.shuffle(found)
        at = next(i for i, p in enumerate(found, start) if p.title == country.name)
        notice = chat.LAST_CALL if rng.random() < 0.2 else ""
        return (
            Searched(query, chat.frame(found, start, notice)),
            Said(chat.cite(fact.sentence, at)),
        )
