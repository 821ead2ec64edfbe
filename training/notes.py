# ruff: noqa: E501
"""Invented notes: small texts about projects, rooms, pets, codes, people who never lived.

They teach reading in general. Values are drawn from wide pools and invented names, so that no
note can be answered from memory; a share of attributes is met only when the model is measured.
"""

from __future__ import annotations

import re
from random import Random

from training.facts import Attribute, Fact, Subject, attribute
from training.names import Names
from training.note_kinds import KINDS, NOUNS, NOUNS_HELD, PEOPLE_ROWS
from training.note_values import FOODS, MEETINGS, OBJECTS, OBJECTS_HELD, RECIPES, WORDS, value, word


def name(kind: str, names: Names, rng: Random, test: bool) -> str:
    """What the subject of a note is called."""
    w, made = rng.choice(WORDS).capitalize(), word(rng)
    if rng.random() < 0.4:
        w = names.phrase(rng, test, 1).capitalize()
    match kind:
        case "project":
            return rng.choice(
                (f"Project {w}", f"Project {made}", f"the {w} project", f"Operation {w}", made)
            )
        case "company":
            return rng.choice(
                (
                    made,
                    f"{made} {rng.choice(('Labs', 'Works', 'Foods', 'Systems', 'Group', 'Ltd'))}",
                    f"{w} {rng.choice(('Labs', 'Bikes', 'Coffee', 'Bank'))}",
                )
            )
        case "room":
            return rng.choice(
                (
                    f"room {rng.randrange(1, 500)}",
                    f"the {w} room",
                    f"{w} Hall",
                    f"the {made} office",
                    f"Studio {rng.randrange(1, 30)}",
                )
            )
        case "pet":
            return rng.choice((w, made, names.invent(rng, test).split()[0]))
        case "meeting":
            return (
                rng.choice(MEETINGS)
                if rng.random() < 0.6
                else f"the {w} {rng.choice(('meeting', 'workshop', 'review'))}"
            )
        case "gadget":
            return rng.choice(
                (
                    f"the {made} {rng.randrange(2, 99)}",
                    f"the {made}",
                    f"the {w} {rng.randrange(2, 99)}",
                    made,
                )
            )
        case "thing" if rng.random() < 0.6:
            return f"the {names.phrase(rng, test)}"
        case "thing":
            return f"the {rng.choice(OBJECTS_HELD if test else OBJECTS)}"
        case "place":
            return made
        case "recipe":
            return rng.choice(
                (
                    f"{w} {rng.choice(RECIPES)}",
                    f"{made} {rng.choice(RECIPES)}",
                    f"the {rng.choice(FOODS)} {rng.choice(RECIPES)}",
                )
            )
        case "book":
            return rng.choice(
                (
                    f"The {w} {rng.choice(WORDS).capitalize()}",
                    f"The {rng.choice(WORDS).capitalize()} of {made}",
                    f"{w} and {rng.choice(WORDS).capitalize()}",
                )
            )
    return names.invent(rng, test)


def rows(text: str) -> list[tuple[Attribute, str]]:
    """The attributes of a block of the schema, each with the kind of its value."""
    found = []
    for line in text.strip().splitlines():
        key, questions, query, tellings, unknown, kind = (part.strip() for part in line.split(";"))
        *trained, last = questions.split("|")
        held = last if len(trained) > 1 else ""
        found.append(
            (
                attribute(
                    key,
                    "|".join(trained) if held else questions,
                    f"{{n}} {query}".strip(),
                    tellings,
                    unknown,
                    held,
                ),
                kind,
            )
        )
    return found


def plural(attr: Attribute) -> Attribute:
    """The attribute worded for several things: "Where are the spare keys?"."""

    def many(text: str) -> str:
        for one, more in (("is", "are"), ("was", "were"), ("has", "have")):
            text = re.sub(rf"(?<!of )\{{n\}} {one}\b", f"{{n}} {more}", text)
        for one, more in (("is", "are"), ("was", "were"), ("does", "do")):
            text = text.replace(f"{one} {{n}}", f"{more} {{n}}")
        return text

    return Attribute(
        attr.key,
        tuple(map(many, attr.questions)),
        tuple(map(many, attr.held)),
        attr.queries,
        tuple(map(many, attr.tellings)),
        many(attr.unknown),
    )


SCHEMA = {kind: rows(text) for kind, text in KINDS.items()} | {"someone": rows(PEOPLE_ROWS)}


def generic(noun: str) -> Attribute:
    """The attribute "the NOUN of X", for any noun."""
    return attribute(
        noun,
        f"What is the {noun} of {{n}}? | What is {{n}}'s {noun}? | Tell me the {noun} of {{n}}. | Which {noun} does {{n}} have?",
        f"{{n}} {noun}",
        f"The {noun} of {{n}} is {{v}}. | {{n}}'s {noun} is {{v}}. | {{n}} has the {noun} {{v}}. | The {noun} is {{v}}.",
        f"the {noun} of {{n}}",
        held=f"Please tell me {{n}}'s {noun}. | Do you know the {noun} of {{n}}?",
    )


def subject(
    names: Names, rng: Random, test: bool = False, most: int = 4, kind: str = "", must: str = ""
) -> Subject:
    """An invented thing or person with one to `most` facts, and questions it does not answer.

    `kind` and `must` (the key of an attribute) ask for a rival of another subject.
    """
    kind = kind or rng.choice((*SCHEMA, "someone", "thing"))
    title = name(kind, names, rng, test)
    pool = list(SCHEMA[kind])
    nouns = rng.sample(NOUNS_HELD if test and rng.random() < 0.5 else NOUNS, 3)
    nouns += [names.phrase(rng, test), names.phrase(rng, test)]
    for noun in dict.fromkeys(nouns):
        if rng.random() < 0.5:
            pool.append(
                (
                    generic(noun),
                    rng.choice(
                        ("person", "word", "secret", "number", "word", "colour", "city", "spot")
                    ),
                )
            )
    rng.shuffle(pool)
    pool.sort(key=lambda pair: pair[0].key != must)
    count = rng.choice((1, 1, 2, 2, 3, most))
    told, missing = pool[:count], [attr for attr, _ in pool[count:]]
    told.sort(key=lambda pair: pair[0].key != "is")
    if kind == "thing" and title.endswith("s"):
        told, missing = (
            [(plural(attr), wanted) for attr, wanted in told],
            [plural(attr) for attr in missing],
        )
    facts = []
    for at, (attr, wanted) in enumerate(told):
        v = value(wanted, names, rng, test)
        sentence = attr.tell(title, v, rng)
        if at == 0:
            for _ in range(8):
                if title.lower() in sentence.lower():
                    break
                sentence = attr.tell(title, v, rng)
        facts.append(Fact(attr, v, sentence))
    return Subject(title, tuple(facts), tuple(missing), kind)
