"""Measured beyond the templates: files in sentences never seen, questions in two steps.

Everything goes through real searches in indexed files or in the encyclopedia.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from training import attributes as a
from training import notes
from training.chains import STEPS, question
from training.documents import country_values
from training.drills import Drills
from training.facts import Attribute, Subject, capital
from training.items import Item
from training.names import Names
from training.plain import Plain
from training.prose import Prose
from training.reading import someone
from training.wordings import RECALL_HELD
from training.world import World

ASKED = (a.WHO, a.BORN, a.CITY, a.COUNTRY, a.JOB, a.DIED)


class Unseen:
    """Draws items about people and things whose names and sentences no training has shown."""

    def __init__(self, world: World, names: Names, rng: Random) -> None:
        self.world, self.names, self.rng = world, names, rng
        self.prose, self.plain = Prose(names, rng, True), Plain(names, rng, True)
        self.drills = Drills(names, rng, True)
        self.countries = {country.name: country for country in world.countries}
        self.people = [p for p in world.test if p.country in self.countries]
        self.taken: set[str] = set()

    def round(self) -> Iterator[Item]:
        """One item of each kind."""
        yield from self.told()
        yield self.drill()
        yield from self.note()
        yield self.two_steps()
        yield self.recall()

    def _name(self) -> str:
        while (name := self.names.invent(self.rng, True)) in self.taken:
            pass
        self.taken.add(name)
        return name

    def told(self) -> Iterator[Item]:
        """A person in sentences never seen; two files, one asked what it tells, one what not."""
        rng = self.rng
        for answered in (True, False):
            while True:
                person = someone(self._name(), self.world.test, rng)
                if rng.random() < 0.3:
                    other = someone(self._name(), self.world.test, rng)
                    subject = self.prose.together(person, [other])
                else:
                    subject = self.prose.subject(person)
                missing = [m for m in subject.missing if m in ASKED]
                facts = [f for f in subject.facts if f.attribute in ASKED]
                if (facts if answered else missing) and subject.name in subject.text():
                    break
            file = (subject.name, subject.text())
            if answered:
                fact = rng.choice(facts)
                asked = self._ask(fact.attribute, subject)
                yield Item(
                    "read: sentences never seen, real index",
                    "read",
                    asked,
                    fact.value,
                    subject.name,
                    file=file,
                )
            else:
                asked = self._ask(rng.choice(missing), subject)
                yield Item(
                    "no answer: sentences never seen, real index",
                    "unknown",
                    asked,
                    name=subject.name,
                    file=file,
                )

    def drill(self) -> Item:
        """A page of random sentences, with verbs, nouns and names that no training has."""
        while (page := self.drills.subject()).name.lower() in self.taken:
            pass
        self.taken.add(page.name.lower())
        fact = self.rng.choice(page.facts)
        asked = fact.attribute.question(page.name, self.rng)
        return Item(
            "read: words never seen, real index",
            "read",
            asked,
            fact.value,
            page.name,
            file=(capital(page.name), "\n".join(page.sentences)),
            source=fact.sentence.lstrip("-* "),
        )

    def note(self) -> Iterator[Item]:
        """A note in a plain style, with words around it that were never seen."""
        note = self.plain.retold(notes.subject(self.names, self.rng, test=True))
        if note.name.lower() in self.taken or note.name.lower() not in note.text().lower():
            return
        self.taken.add(note.name.lower())
        fact = self.rng.choice(note.facts)
        yield Item(
            "read: plain note, real index",
            "read",
            self._ask(fact.attribute, note),
            fact.value,
            note.name,
            file=(capital(note.name), note.text()),
        )

    def two_steps(self) -> Item:
        """Something about the country of a person who stands only in the encyclopedia."""
        person = self.rng.choice(self.people)
        attribute = self.rng.choice(tuple(STEPS.values()))
        value = dict(country_values(self.countries[person.country]))[attribute]
        asked = question(attribute, person.name, self.rng, held=self.rng.random() < 0.5)
        return Item("two steps: real index", "chain", asked, value, person.name)

    def recall(self) -> Item:
        """What was just asked."""
        name = self._name()
        asked = self._ask(self.rng.choice(ASKED), Subject(name, (), ()))
        before = ((asked, f"I don't know {a.WHO.unknown.format(n=name)}."),)
        return Item(
            "what was just asked", "talk", self.rng.choice(RECALL_HELD), asked, before=before
        )

    def _ask(self, attribute: Attribute, subject: Subject) -> str:
        return attribute.question(subject.name, self.rng, held=self.rng.random() < 0.5)
