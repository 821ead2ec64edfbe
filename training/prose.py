"""Texts about people in sentences of many shapes: what they tell, and what only looks like it.

Dates, towns and names that answer nothing stand between the facts; a share of the shapes is kept
out of training, so that reading can be measured on sentences never seen.
"""

from __future__ import annotations

import re
from random import Random

from training import attributes as a
from training import weave
from training.facts import Attribute, Fact, Subject, an, capital
from training.lexicon import Lexicon
from training.names import Names
from training.note_values import CITIES, word
from training.shapes import FILLERS, SHAPES
from training.world import Person, held_out, the

TOLD: dict[str, tuple[Attribute, ...]] = {
    "y": (a.BORN,),
    "c": (a.CITY,),
    "k": (a.COUNTRY,),
    "o": (a.JOB,),
    "j": (a.JOB,),
    "d": (a.DIED,),
}
_SHARE = 0.15
WOVEN = 0.6
"""Share of the sentences that are put together from parts (`weave`)."""
ASIDE = (
    (("married {m}",), a.SPOUSE, "m"),
    (("studied in {e}", "to school in {e}"), a.SCHOOL, "e"),
    (("lives in {e}",), a.HOME, "e"),
)
"""What some fillers tell of the questions that articles leave open."""
TOUCHED = (
    ("marr", "spouse"), ("stud", "school"), ("school", "school"), ("pupil", "school"),
    ("live", "home"), ("moved", "home"), ("house", "home"), ("return", "home"),
    ("prize", "prize"), ("work", "employer"), ("chess", "hobby"), ("like", "hobby"),
    ("love", "hobby"), ("collect", "hobby"), ("choir", "hobby"), ("waiter", "employer"),
)  # fmt: skip
"""Words after which a question may no longer count as left open, by the attribute's key."""


def _split(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    lines = [line for line in text.strip().splitlines() if line]
    kept = tuple(line for line in lines if not held_out(line, _SHARE))
    return kept, tuple(line for line in lines if held_out(line, _SHARE))


TRAINED, HELD = _split(SHAPES)
FILL, FILL_HELD = _split(FILLERS)
SHEET = (
    ("Name", "n"),
    ("Born", "y"),
    ("Year of birth", "y"),
    ("Birthplace", "c"),
    ("Place of birth", "c"),
    ("Country", "k"),
    ("Occupation", "j"),
    ("Job", "j"),
    ("Profession", "j"),
    ("Died", "d"),
)
"""Lines of a sheet of facts: "Born: 1931"."""


UNFIT = re.compile(
    r"(?:\} |of |after |by |with |call |know |found |to |for |about |around is )\{n\}"
)
"""Where "she" would have to be "her"."""


def slots(shape: str) -> frozenset[str]:
    """The slots of a shape."""
    return frozenset(re.findall(r"\{(\w+)\}", shape))


class Prose:
    """Writes about one person at a time."""

    def __init__(self, names: Names, rng: Random, test: bool = False) -> None:
        self.names, self.rng, self.test = names, rng, test
        self.shapes = HELD if test else TRAINED
        self.fillers = FILL_HELD if test else FILL
        self.words = Lexicon(names, rng)
        self.woven = 0.0 if test else WOVEN

    def _shape(self) -> str:
        """A shape of the list, or one put together that is not kept for measuring."""
        if self.rng.random() < self.woven and (made := weave.shape(self.words)) not in HELD:
            return made
        return self.rng.choice(self.shapes)

    def _filler(self) -> str:
        if self.rng.random() < self.woven:
            return weave.filler(self.words)
        return self.rng.choice(self.fillers)

    def _city(self) -> str:
        return self.rng.choice(CITIES) if self.rng.random() < 0.6 else word(self.rng)

    def _aside(self, shape: str, person: Person, alone: bool) -> tuple[str, list[Fact]]:
        """A filler, and what it happens to tell."""
        held = {"e": self._city(), "m": self.names.invent(self.rng, self.test)}
        sentence = self.sentence(shape, person, False, alone, held)
        return sentence, [
            Fact(attr, held[slot], sentence)
            for parts, attr, slot in ASIDE
            if any(part in shape for part in parts)
        ]

    def _fill(
        self, shape: str, person: Person, call: str, possessive: str, held: dict[str, str]
    ) -> str:
        rng = self.rng
        text = shape.format(
            n=call,
            ns=possessive,
            y=person.born,
            c=person.city,
            k=the(person.country),
            o=an(person.occupation),
            j=person.occupation,
            d=person.died,
            z=str(rng.randrange(1750, 2024)),
            **held,
        )
        if not person.died and rng.random() < 0.5:
            text = text.replace(" was a", " is a", 1)
        return capital(text)

    def sentence(
        self,
        shape: str,
        person: Person,
        opening: bool,
        alone: bool,
        held: dict[str, str] | None = None,
    ) -> str:
        """A shape filled in; after the opening a person may be "she", a last or a first name."""
        rng, last = self.rng, person.name.split()[-1]
        held = held or {"e": self._city(), "m": self.names.invent(rng, self.test)}
        p, s = ("she", "her") if person.female else ("he", "his")
        how = rng.random()
        if opening or not alone or how < 0.3:
            return self._fill(shape, person, person.name, f"{person.name}'s", held)
        if how < 0.5 or UNFIT.search(shape):
            part = last if rng.random() < 0.65 else person.name.split()[0]
            return self._fill(shape, person, part, f"{part}'s", held)
        return self._fill(shape, person, p, s, held)

    def subject(self, person: Person, alone: bool = True, most: int = 5) -> Subject:
        """A text of one to `most` sentences, the facts it tells, the questions it leaves."""
        rng = self.rng
        if rng.random() < 0.12:
            return self.sheet(person)
        have = {"y", "c", "k", "o", "j"} | ({"d"} if person.died else set())
        lines: list[str] = []
        facts: list[Fact] = []
        told: set[str] = set()
        for at in range(rng.choice((1, 1, 2, 2, 3, 3, 4, most))):
            if lines and rng.random() < 0.35:
                line, aside = self._aside(self._filler(), person, alone)
                lines.append(line)
                facts += aside
                continue
            for _ in range(12):
                shape = self._shape()
                new = slots(shape) & set(TOLD)
                if new <= have and not {t for x in new for t in TOLD[x]} & told_of(told):
                    break
            else:
                continue
            sentence = self.sentence(shape, person, at == 0, alone)
            lines.append(sentence)
            told |= new
            facts += [Fact(t, value(person, x), sentence) for x in sorted(new) for t in TOLD[x]]
        return self._made(person, lines, facts)

    def together(self, person: Person, others: list[Person]) -> Subject:
        """A text about several people, with the facts of the first of them."""
        alone = self.rng.random() < 0.5
        mine = self.subject(person, alone, 3)
        parts = [mine.lines, *(self.subject(other, alone, 2).lines for other in others)]
        self.rng.shuffle(parts)
        lines = tuple(line for part in parts for line in part)
        return Subject(mine.name, mine.facts, mine.missing, mine.kind, lines)

    def sheet(self, person: Person) -> Subject:
        """Facts as lines of a form: "Born: 1931"."""
        rng = self.rng
        rows = rng.sample(SHEET[1:], rng.randint(2, 4))
        lines, facts, told = [], [], set()
        if rng.random() < 0.6:
            lines.append(f"Name: {person.name}")
        for label, slot in rows:
            if slot in told or not value(person, slot):
                continue
            told.add(slot)
            lines.append(f"{label}: {value(person, slot)}")
            facts += [Fact(t, value(person, slot), lines[-1]) for t in TOLD[slot]]
        return self._made(person, lines, facts)

    def _made(self, person: Person, lines: list[str], facts: list[Fact]) -> Subject:
        keys = {fact.attribute.key for fact in facts}
        jobs = [fact for fact in facts if fact.attribute is a.JOB]
        if jobs and jobs[0].sentence in (lines[0], *lines[1:2]):
            facts = [Fact(a.WHO, jobs[0].value, jobs[0].sentence), *facts]
        asked = (a.BORN, a.CITY, a.COUNTRY, a.JOB, a.DIED)
        missing = [attr for attr in asked if attr.key not in keys]
        if "city" in keys or "country" in keys:
            missing = [attr for attr in missing if attr.key not in ("city", "country")]
        text = " ".join(lines)
        touched = keys | {key for part, key in TOUCHED if part in text}
        private = [attr for attr in a.PRIVATE if attr.key not in touched]
        return Subject(
            person.name,
            tuple(facts),
            (*missing, *self.rng.sample(private, min(1, len(private)))),
            "prose",
            tuple(lines),
        )


def told_of(told: set[str]) -> set[Attribute]:
    """The attributes that some slots tell."""
    return {attr for slot in told for attr in TOLD[slot]}


def value(person: Person, slot: str) -> str:
    """What a slot holds, as it must stand in an answer."""
    return {
        "n": person.name,
        "y": person.born,
        "c": person.city,
        "k": person.country,
        "o": person.occupation,
        "j": person.occupation,
        "d": person.died,
    }[slot]
