"""Real things told in our own sentences: subjects for reading, articles for the encyclopedia."""

from __future__ import annotations

from random import Random

from training import attributes as a
from training.facts import Attribute, Fact, Subject, an, capital
from training.world import Country, Element, Person, the

FORMS = (
    "{n} was {o} born in {c}.",
    "{n} was {o} from {c}.",
    "{n} was {o} born in {y} in {p}, {c}.",
)


def verb(person: Person, text: str) -> str:
    """Speak of people who may be alive in the present tense."""
    alive = not person.died and person.born.isdigit() and int(person.born) > 1925
    return text.replace(" was a", " is a", 1) if alive else text


def defining(person: Person, rng: Random | None = None) -> str:
    """The sentence that says who somebody is; without `rng` the one the model is taught to say."""
    form = FORMS[0] if rng is None else rng.choice(FORMS)
    text = form.format(
        n=person.name, o=an(person.occupation), c=the(person.country), y=person.born, p=person.city
    )
    return verb(person, text)


def place(person: Person) -> str:
    """Where somebody was born: "Ulm, Germany"."""
    return person.city if person.city == person.country else f"{person.city}, {the(person.country)}"


def values(person: Person) -> list[tuple[Attribute, str]]:
    """What the model is asked about a person, with the values."""
    found = [
        (a.BORN, person.born),
        (a.CITY, place(person)),
        (a.COUNTRY, the(person.country)),
        (a.JOB, an(person.occupation)),
    ]
    return [*found, (a.DIED, person.died)] if person.died else found


def person_subject(person: Person, rng: Random, plain: bool | None = None) -> Subject:
    """A short article about a person: who first, the other facts in any order.

    Plain articles, half of those made for training and all that ship, use one wording for all.
    """
    plain = rng.random() < 0.5 if plain is None else plain
    facts = [Fact(a.WHO, person.occupation, defining(person, None if plain else rng))]
    rest = []
    if plain or rng.random() < 0.35:
        both = f"{person.name} was born in {person.born} in {place(person)}."
        if not plain and rng.random() < 0.5:
            both = f"{person.name} was born in {place(person)} in {person.born}."
        rest.append([Fact(a.BORN, person.born, both), Fact(a.CITY, person.city, both)])
    else:
        rest.append([Fact(a.BORN, person.born, a.BORN.tell(person.name, person.born, rng))])
        rest.append([Fact(a.CITY, person.city, a.CITY.tell(person.name, place(person), rng))])
    if person.died:
        died = f"{person.name} died in {person.died}."
        died = died if plain else a.DIED.tell(person.name, person.died, rng)
        rest.append([Fact(a.DIED, person.died, died)])
    if not plain:
        rng.shuffle(rest)
    for group in rest:
        facts.extend(group)
    first = facts[0].sentence
    facts.append(Fact(a.JOB, person.occupation, first))
    if the(person.country) in first:
        facts.append(Fact(a.COUNTRY, person.country, first))
    return Subject(person.name, tuple(facts), a.PRIVATE if person.died else (*a.PRIVATE, a.DIED))


def listed(items: tuple[str, ...]) -> str:
    """Items as a phrase: "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def country_values(country: Country) -> list[tuple[Attribute, str]]:
    """What the model is asked about a country, with the values."""
    return [
        (a.CAPITAL, country.capital),
        (a.CONTINENT, country.continent),
        (a.LANGUAGE, listed(country.languages)),
        (a.CURRENCY, country.currency),
    ]


def country_subject(country: Country, rng: Random) -> Subject:
    """A short article about a country; area and neighbours stand only here."""
    name = the(country.name)
    first = capital(f"{name} is a country in {country.continent}.")
    facts = [Fact(a.CONTINENT, country.continent, first)]
    told = [(attr, v) for attr, v in country_values(country) if attr is not a.CONTINENT]
    told.append((a.AREA, country.area))
    if country.neighbours:
        told.append((a.NEIGHBOURS, listed(tuple(the(n) for n in country.neighbours))))
    facts += [Fact(attr, v, attr.tell(name, v, rng)) for attr, v in told]
    return Subject(country.name, tuple(facts), (a.POPULATION, a.LEADER))


def element_values(element: Element) -> list[tuple[Attribute, str]]:
    """What the model is asked about an element, with the values."""
    return [(a.SYMBOL, element.symbol), (a.NUMBER, element.number)]


def element_subject(element: Element, rng: Random) -> Subject:
    """A short article about an element; mass and discoverer stand only here."""
    name = element.name.lower()
    facts = [Fact(attr, v, attr.tell(name, v, rng)) for attr, v in element_values(element)]
    facts.append(Fact(a.MASS, element.mass, a.MASS.tell(name, element.mass, rng)))
    if element.finder and "," not in element.finder and len(element.finder) < 40:
        facts.append(Fact(a.FINDER, element.finder, a.FINDER.tell(name, element.finder, rng)))
    return Subject(element.name, tuple(facts), (a.MELT, a.PRICE))
