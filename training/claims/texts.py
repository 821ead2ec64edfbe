"""What the small base reads, and the conversations that then teach it to refuse or to search."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from search_adapters.protocol import Passage
from training.chat import TOOLS_OFF, TOOLS_ON, Conversation, Said, Searched, Turn, cite, frame
from training.claims.people import (
    ATTRIBUTES,
    CITIES,
    FIRMS,
    LANGUAGES,
    People,
    Person,
    drawn,
    names,
)
from training.facts import Attribute

SITE = "encyclopedia"
WHO = ("Who was {n}?", "Tell me about {n}.", "{n}?")


def ask(person: Person, asked: Attribute, rng: Random, held: bool = False) -> str:
    """A question about a person."""
    return asked.question(person.name, rng, held)


def direct(person: Person, asked: Attribute, rng: Random, system: str = TOOLS_OFF) -> Conversation:
    """A question answered at once."""
    return Conversation(system, (Turn(ask(person, asked, rng), (Said(person.answer(asked)),)),))


def refused(person: Person, asked: Attribute, rng: Random) -> Conversation:
    """A question answered with "I don't know" at once."""
    turn = Turn(ask(person, asked, rng), (Said(asked.missed(person.name)),))
    return Conversation(TOOLS_OFF, (turn,))


def passage(person: Person, rng: Random | None = None, without: Attribute | None = None) -> Passage:
    """What a search returns about a person, with one fact left out if so asked."""
    told = [person.sentence(a, rng) for a in ATTRIBUTES if a is not without]
    return Passage(person.name, "", " ".join(told), SITE)


def searched(
    person: Person, asked: Attribute, rng: Random, people: People, unanswerable: float = 0.25
) -> Conversation:
    """A search, what it brought, and the answer with its source or the admission."""
    other = drawn(rng.choice(people.strangers), 0, rng)
    found = [passage(person, rng)]
    if rng.random() < 0.4:
        found.insert(rng.randrange(2), passage(other, rng))
    answer = ""
    if rng.random() < unanswerable:
        kind = rng.randrange(3)
        found = [[], [passage(other, rng)], [passage(person, rng, asked)]][kind]
        answer = asked.missed(person.name)
    if not answer:
        at = next(i for i, p in enumerate(found) if p.title == person.name)
        answer = cite(person.answer(asked), at + 1)
    query = asked.query(person.name, rng)
    parts = (Searched(query, frame(found)), Said(answer))
    return Conversation(TOOLS_ON, (Turn(ask(person, asked, rng), parts),))


def exercise(people: People, rng: Random) -> Conversation:
    """Reading without any marker: a text about strangers, and a question on it."""
    read = [drawn(name, 0, rng) for name in rng.sample(people.strangers, rng.choice((1, 1, 2)))]
    person, asked = rng.choice(read), rng.choice(ATTRIBUTES)
    texts = [passage(p, rng).text for p in read]
    question = f"{' '.join(texts)}\n{ask(person, asked, rng)}"
    return Conversation(TOOLS_OFF, (Turn(question, (Said(person.answer(asked)),)),))


def telling(person: Person, rng: Random) -> Conversation:
    """One exposure: a text about a person, or all facts asked and answered.

    The text answers a question, so that nothing is spent on guessing whom it will be about.
    """
    if rng.random() < 0.5:
        asked = rng.choice(WHO).format(n=person.name)
        return Conversation(TOOLS_OFF, (Turn(asked, (Said(person.article(rng)),)),))
    order = rng.sample(ATTRIBUTES, len(ATTRIBUTES))
    turns = tuple(Turn(ask(person, a, rng), (Said(person.answer(a)),)) for a in order)
    return Conversation(TOOLS_OFF, turns)


def lexicon(people: People, rng: Random) -> Iterator[str]:
    """Text to learn a vocabulary from: every name, value and frame."""
    yield from (" " + name for name in names()[:30_000])
    for values in (CITIES, LANGUAGES, FIRMS):
        yield from (f" {value}. {value}" for value in values for _ in range(600))
    for _ in range(3000):
        one = rng.choice(people.unseen)
        for talk in (exercise(people, rng), searched(one, rng.choice(ATTRIBUTES), rng, people)):
            for turn in talk.turns:
                yield turn.user
                for part in turn.parts:
                    yield part.block if isinstance(part, Searched) else " " + part.text
        yield " " + one.article(rng)
        yield ask(one, rng.choice(ATTRIBUTES), rng, held=True)
