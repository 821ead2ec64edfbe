"""Things the model does not know, to be asked about: strangers, notes, the unknown of the known."""

from __future__ import annotations

from random import Random

from training import attributes as a
from training import known as k
from training import note_values, notes
from training.documents import country_subject, element_subject, person_subject
from training.facts import Attribute, Fact, Subject
from training.names import Names, misspell
from training.reading import someone
from training.world import World, the

PERSON_ASKS = (
    a.WHO,
    a.WHO,
    a.WHO,
    a.WHO,
    a.BORN,
    a.BORN,
    a.CITY,
    a.CITY,
    a.JOB,
    a.JOB,
    a.COUNTRY,
    a.DIED,
)
"""The attributes a person is asked for; the more often listed, the more often asked."""


class Topics:
    """Draws subjects with a question and, if there is one, the fact that answers it."""

    def __init__(self, world: World, names: Names, lost: list[k.Known], rng: Random) -> None:
        self.world, self.names, self.lost, self.rng = world, names, lost, rng
        self.people = world.train
        self.real = {p.name for p in (*world.known, *world.searchable)}
        self.firsts = tuple(sorted({p.name.split()[0] for p in world.known if " " in p.name}))
        self.lasts = tuple(sorted({p.name.split()[-1] for p in world.known if " " in p.name}))

    def stranger(self) -> str:
        """An invented name; two in five are made of well-known parts or misspelt."""
        rng = self.rng
        for _ in range(20):
            odd = rng.random()
            if odd < 0.16:
                name = f"{rng.choice(self.firsts)} {rng.choice(self.lasts)}"
            elif odd < 0.24:
                name = f"{rng.choice(self.firsts)} {self.names.invent(rng).split()[-1]}"
            elif odd < 0.32:
                name = f"{self.names.invent(rng).split()[0]} {rng.choice(self.lasts)}"
            elif odd < 0.42:
                name = misspell(rng.choice(self.world.known).name, rng)
            elif odd < 0.45:
                name = note_values.word(rng)
            else:
                name = self.names.invent(rng)
            if name not in self.real:
                return name
        return self.names.invent(rng)

    def draw(self) -> tuple[Subject, Attribute, Fact | None]:
        """Something the model does not know: subject, question, and the fact that would answer."""
        rng, kind = self.rng, self.rng.random()
        if kind < 0.36:
            name = self.stranger()
            subject = person_subject(someone(name, self.people, rng), rng)
        elif kind < 0.54:
            subject = person_subject(rng.choice(self.people), rng)
        elif kind < 0.92:
            subject = notes.subject(self.names, rng)
            fact = rng.choice(subject.facts)
            return subject, fact.attribute, fact
        elif self.lost and kind < 0.95:
            lost = rng.choice(self.lost)
            fact = Fact(lost.attribute, lost.value, lost.answer)
            return Subject(lost.subject, (fact,), ()), lost.attribute, fact
        else:
            return self.beyond()
        attribute = rng.choice(PERSON_ASKS) if rng.random() < 0.8 else rng.choice(a.PRIVATE)
        facts = [f for f in subject.facts if f.attribute.key == attribute.key]
        return subject, attribute, rng.choice(facts) if facts else None

    def beyond(self) -> tuple[Subject, Attribute, Fact | None]:
        """A question about something known that goes beyond what is known."""
        rng, kind = self.rng, self.rng.random()
        if kind < 0.4:
            person = rng.choice(self.world.known)
            return person_subject(person, rng), rng.choice(a.PRIVATE), None
        if kind < 0.75:
            country = rng.choice(self.world.countries)
            subject = country_subject(country, rng)
            subject = Subject(the(country.name), subject.facts, subject.missing)
            attribute = rng.choice((a.AREA, a.NEIGHBOURS, a.POPULATION, a.LEADER, a.ANTHEM))
        else:
            subject = element_subject(rng.choice(self.world.elements), rng)
            subject = Subject(subject.name.lower(), subject.facts, subject.missing)
            attribute = rng.choice((a.MASS, a.FINDER, a.MELT, a.PRICE))
        return (
            subject,
            attribute,
            next((f for f in subject.facts if f.attribute is attribute), None),
        )
