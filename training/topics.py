"""Things the model does not know, to be asked about: strangers, notes, the unknown of the known."""

from __future__ import annotations

from random import Random

from training import absent, hops, note_values, notes
from training import attributes as a
from training import known as k
from training.articles import Articles
from training.documents import country_subject, element_subject, person_subject
from training.drills import Drills
from training.facts import Attribute, Fact, Subject
from training.lists import Lists
from training.names import Names, misspell
from training.plain import Plain
from training.prose import Prose
from training.reading import someone
from training.tales import Tales
from training.world import Person, World, the

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

    def __init__(
        self,
        world: World,
        names: Names,
        lost: list[k.Known],
        rng: Random,
        articles: Articles | None = None,
    ) -> None:
        self.world, self.names, self.lost, self.rng = world, names, lost, rng
        self.articles = articles
        self.people = world.train
        self.prose, self.plain = Prose(names, rng), Plain(names, rng)
        self.drills = Drills(names, rng)
        self.tales, self.lists = Tales(names, rng), Lists(names, rng)
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

    def told(self, person: Person | None = None) -> tuple[Subject, Attribute, Fact | None]:
        """A person in sentences of many shapes, asked for what the text tells or leaves open."""
        rng = self.rng
        person = person or someone(self.stranger(), self.people, rng)
        if rng.random() < 0.3:
            others = [
                someone(self.names.invent(rng), self.people, rng) for _ in range(rng.choice((1, 2)))
            ]
            subject = self.prose.together(person, others)
        else:
            subject = self.prose.subject(person)
        if subject.facts and (rng.random() < 0.9 or not subject.missing):
            fact = rng.choice(subject.facts)
            return subject, fact.attribute, fact
        missing = [m for m in subject.missing if m not in a.PRIVATE]
        return subject, rng.choice(missing or subject.missing or a.PRIVATE), None

    def note(self, tales: float = 0.0) -> tuple[Subject, Attribute, Fact | None]:
        """An invented note in a plain style, a tale or a list, alone or with others on a page."""
        rng = self.rng
        if rng.random() < tales:
            subject = self.lists.told() if rng.random() < 0.3 else self.tales.told()
        else:
            subject = self.plain.retold(notes.subject(self.names, rng))
        if rng.random() < 0.25:
            others = [
                self.plain.retold(notes.subject(self.names, rng, most=2))
                for _ in range(rng.choice((1, 2)))
            ]
            subject = self.plain.page(subject, others)
        fact = rng.choice(subject.facts)
        return subject, fact.attribute, fact

    def drill(self) -> tuple[Subject, Attribute, Fact | None]:
        """A page of random sentences, asked for what one of them says or none."""
        rng, subject = self.rng, self.drills.subject()
        if subject.missing and rng.random() < 0.12:
            return subject, rng.choice(subject.missing), None
        fact = rng.choice(subject.facts)
        return subject, fact.attribute, fact

    def article(self, articles: Articles) -> tuple[Subject, Attribute, Fact | None]:
        """A real article about somebody or a film that nobody knows by this name."""
        rng = self.rng
        wanted = articles.wanted()
        subject = articles.subject(wanted)
        if subject.missing and rng.random() < 0.08:
            return subject, rng.choice(subject.missing), None
        fact = rng.choice([f for f in subject.facts if f.attribute.key == wanted])
        return subject, fact.attribute, fact

    def draw(
        self, drills: float = 0.0, articles: float = 0.0, tales: float = 0.0
    ) -> tuple[Subject, Attribute, Fact | None]:
        """Something the model does not know: subject, question, and the fact that would answer.

        `drills` is the share of pages of random sentences, `articles` that of real articles,
        `tales` that of things told in free sentences and of lists.
        """
        if self.articles and self.rng.random() < articles:
            return self.article(self.articles)
        if self.rng.random() < tales:
            return self.note(1.0)
        if self.rng.random() < drills:
            return self.drill()
        rng, kind = self.rng, self.rng.random()
        if kind < 0.10:
            subject = person_subject(someone(self.stranger(), self.people, rng), rng)
        elif kind < 0.40:
            return self.told()
        elif kind < 0.58:
            subject = person_subject(rng.choice(self.people), rng, plain=rng.random() < 0.8)
        elif kind < 0.90:
            return self.note()
        elif self.lost and kind < 0.93:
            lost = rng.choice(self.lost)
            fact = Fact(lost.attribute, lost.value, lost.answer)
            return Subject(lost.subject, (fact,), ()), lost.attribute, fact
        else:
            return self.beyond()
        attribute = rng.choice(PERSON_ASKS) if rng.random() < 0.8 else self.untold("person")
        facts = [f for f in subject.facts if f.attribute.key == attribute.key]
        return subject, attribute, rng.choice(facts) if facts else None

    def untold(self, kind: str) -> Attribute:
        """What no article tells of a person, a country or an element."""
        more = {"person": a.PRIVATE, "country": (a.LEADER, a.ANTHEM), "element": (a.MELT, a.PRICE)}
        rare = self.rng.random() < 0.65
        return self.rng.choice(absent.attributes(kind) if rare else more[kind])

    def beyond(self) -> tuple[Subject, Attribute, Fact | None]:
        """A question about something known that goes beyond what is known."""
        rng, kind = self.rng, self.rng.random()
        if kind < 0.4:
            person = rng.choice(self.world.known)
            return person_subject(person, rng), self.untold("person"), None
        if kind < 0.75:
            country = hops.unlike(rng.choice(self.world.countries), rng)
            subject = country_subject(country, rng)
            subject = Subject(the(country.name), subject.facts, subject.missing)
            attribute = rng.choice((a.AREA, a.NEIGHBOURS, a.POPULATION, self.untold("country")))
        else:
            element = hops.otherwise(rng.choice(self.world.elements), self.names, rng)
            subject = element_subject(element, rng)
            subject = Subject(subject.name.lower(), subject.facts, subject.missing)
            attribute = rng.choice((a.MASS, a.FINDER, self.untold("element")))
        return (
            subject,
            attribute,
            next((f for f in subject.facts if f.attribute is attribute), None),
        )
