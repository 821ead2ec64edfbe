"""Lists of several things, a line each: where they are, what they cost, whom to call.

In `plain` a page is about one thing and its lines about its properties; here every line is about
another thing, as in most lists that people keep, and says of it one thing or several.
"""

from __future__ import annotations

from random import Random

from training import note_values, notes
from training.facts import Attribute, Fact, Subject, capital
from training.names import Names

ONE = (
    "{n}: {v}",
    "{n} - {v}",
    "{n}, {v}",
    "{n} ({v})",
    "{n} -> {v}",
    "{n} | {v}",
    "{n} = {v}",
    "{n} {v}",
    "{v}: {n}",
)
"""Lines of a list that has one subject."""
SEVERAL = (", ", "; ", " - ", " | ", " · ")
MARKS = ("", "", "- ", "- ", "* ", "• ", "[ ] ")
TITLES = {
    ("thing", "where"): ("Where things are", "Household", "Storage", "Where is what"),
    ("thing", "owner"): ("Who has what", "Lent out", "Things and their owners"),
    ("thing", "code"): ("Codes", "Passwords", "Numbers to remember"),
    ("thing", "price"): ("What we paid", "Receipts", "Prices"),
    ("thing", "colour"): ("Colours", "Which is which"),
    ("someone", "phone"): ("Phone numbers", "Contacts", "Whom to call"),
    ("someone", "desk"): ("Seating plan", "Who sits where", "Rooms"),
    ("someone", "birthday"): ("Birthdays", "Cake list"),
    ("someone", "role"): ("Who does what", "Roles", "Our people"),
    ("someone", "allergy"): ("Allergies", "For the kitchen"),
    ("someone", "home"): ("Where we live", "Addresses"),
    ("room", "where"): ("Rooms", "Floors", "How to find it"),
    ("room", "seats"): ("Seats", "How many fit where"),
    ("room", "wifi"): ("Wifi", "Passwords of the rooms"),
    ("room", "door"): ("Door codes", "Doors"),
    ("gadget", "price"): ("Price list", "Prices"),
    ("gadget", "where"): ("Equipment", "Where the machines are"),
    ("gadget", "serial"): ("Serial numbers", "Inventory"),
    ("project", "lead"): ("Projects and their leaders", "Who leads what"),
    ("project", "deadline"): ("Deadlines", "What is due when"),
    ("project", "budget"): ("Budgets", "Money"),
    ("meeting", "when"): ("Dates", "Calendar", "When we meet"),
    ("meeting", "where"): ("Where we meet", "Rooms for meetings"),
    ("recipe", "time"): ("Minutes in the oven", "Cooking times"),
    ("pet", "food"): ("Feeding", "Who eats what"),
    ("pet", "age"): ("How old they are", "Ages"),
    ("book", "author"): ("Books", "Reading list"),
    ("company", "seat"): ("Where they are", "Suppliers"),
    ("place", "mayor"): ("Mayors", "Towns"),
}
"""Headings of a list, by the kind of thing and the attribute that its lines tell."""


class Lists:
    """Draws lists of invented things."""

    def __init__(self, names: Names, rng: Random) -> None:
        self.names, self.rng = names, rng

    def _value(self, kind: str) -> str:
        return note_values.value(kind, self.names, self.rng, False)

    def told(self) -> Subject:
        """A list; the subject is one of its things, with what its line tells."""
        return self.columns() if self.rng.random() < 0.4 else self.pairs()

    def pairs(self) -> Subject:
        """Each line a thing and one value."""
        rng = self.rng
        (kind, key), titles = rng.choice(list(TITLES.items()))
        attribute, wanted = next(row for row in notes.SCHEMA[kind] if row[0].key == key)
        form, mark = rng.choice(ONE), rng.choice(MARKS)
        rows = [(self._named(kind), self._value(wanted)) for _ in range(rng.randint(2, 7))]
        lines = [mark + capital(form.format(n=_bare(n), v=v)) for n, v in rows]
        return self._made(kind, rows[0][0], [(attribute, rows[0][1], lines[0])], lines, titles)

    def columns(self) -> Subject:
        """Each line a thing and what there is to say of it, in the same order or in any."""
        rng = self.rng
        kind = rng.choice(("someone", "someone", "thing", "room", "gadget", "project", "pet"))
        schema = [row for row in notes.SCHEMA[kind] if row[0].key != "is"]
        keys = rng.sample(schema, rng.choice((2, 2, 3)))
        joint, mark, labelled = rng.choice(SEVERAL), rng.choice(MARKS), rng.random() < 0.5
        facts: list[tuple[Attribute, str, str]] = []
        lines: list[str] = []
        first = ""
        for _ in range(rng.randint(1, 5)):
            name = self._named(kind)
            values = [(attribute, self._value(wanted)) for attribute, wanted in keys]
            if rng.random() < 0.3:
                rng.shuffle(values)
            said = [f"{a.label} {v}" if labelled else v for a, v in values]
            line = mark + joint.join((capital(_bare(name)), *said))
            if not facts:
                first, facts = name, [(attribute, v, line) for attribute, v in values]
            lines.append(line)
        return self._made(kind, first, facts, lines, ("List", "Overview", "Notes", "Everything"))

    def _named(self, kind: str) -> str:
        return notes.name(kind, self.names, self.rng, False)

    def _made(
        self,
        kind: str,
        name: str,
        facts: list[tuple[Attribute, str, str]],
        lines: list[str],
        titles: tuple[str, ...],
    ) -> Subject:
        rng = self.rng
        many = kind == "thing" and name.endswith("s")
        rng.shuffle(lines)
        head = [rng.choice(titles)] if rng.random() < 0.5 else []
        keys = {attribute.key for attribute, _, _ in facts}
        left = [a for a, _ in notes.SCHEMA[kind] if a.key != "is" and a.key not in keys]
        return Subject(
            name,
            tuple(Fact(notes.plural(a) if many else a, v, line) for a, v, line in facts),
            tuple(notes.plural(a) if many else a for a in left),
            kind,
            (*head, *lines),
        )


def _bare(name: str) -> str:
    return name.removeprefix("the ")
