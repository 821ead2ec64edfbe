"""Sentences and lines that give a property of something its value, in the ways notes are kept.

"The lantern of room 12 is amber-40", "Room 12 (lantern: amber-40)": any noun is a property of
anything, and its value is anything, so that only the text can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from training.facts import Attribute, Fact, capital
from training.lexicon import Lexicon
from training.note_values import WORDS, word

SENTENCES = (
    "The {p} of {x} is {v}.",
    "The {p} of {x} is {v}.",
    "{xs} {p} is {v}.",
    "The {p} of {x} was {v}.",
    "The {p} for {x} is {v}.",
    "{x} has {v} as its {p}.",
    "{v} is the {p} of {x}.",
    "{v} is what {x} has for a {p}.",
    "As for {x}, the {p} is {v}.",
    "For {x}, the {p} is now {v}.",
    "The {p} of {x}, says {m}, is {v}.",
    "{m} found out that the {p} of {x} is {v}.",
    "The {p} of {x} was changed to {v}.",
    "We set the {p} of {x} to {v}.",
    "The {p} of {x} used to be {w}, now it is {v}.",
    "Not {w} but {v} is the {p} of {x}.",
    "The {p} that belongs to {x} is {v}.",
    "If you need the {p} of {x}: it is {v}.",
    "Use {v} as the {p} of {x}.",
    "{x} got {v} as {p}.",
    "In {month} the {p} of {x} became {v}.",
    "The {p} of {x} will be {v} from {month} on.",
    "Somebody wrote that the {p} of {x} is {v}.",
    "{x} (its {p} is {v}) was mentioned too.",
    "We chose {v} for the {p} of {x}.",
    "It is {v} that is the {p} of {x}.",
    "Everybody agreed on {v} as the {p} of {x}.",
)
LINES = (
    "{x} {p}: {v}",
    "{p} of {x}: {v}",
    "{p} ({x}): {v}",
    "{x}, {p}: {v}",
    "{x}: {p} {v}",
    "{x} - {p} - {v}",
    "{x} | {p} | {v}",
    "{x} ({p}: {v})",
    "{p}, {x}: {v}",
    "{x}; {p}: {v}",
    "{p} for {x} = {v}",
    "{x} {p} -> {v}",
    "{x}'s {p}: {v}",
)
UNDER = (
    "{p}: {v}",
    "{p}: {v}.",
    "{p} - {v}",
    "{p} = {v}",
    "{p} | {v}",
    "The {p} is {v}.",
    "Its {p} is {v}.",
    "The {p}: {v}.",
    "{v} is the {p}.",
)
"""Where a heading says what it is about."""
ASKED = (
    "What is the {p} of {x}?",
    "What is the {p} of {x}?",
    "What is {xs} {p}?",
    "What's the {p} of {x}?",
    "What's {xs} {p}?",
    "Tell me the {p} of {x}.",
    "Which {p} does {x} have?",
    "Which {p} has {x}?",
    "What is the {p} for {x}?",
    "What {p} does {x} have?",
    "{x}: what is the {p}?",
    "What was the {p} of {x}?",
    "Give me the {p} of {x}.",
    "I need the {p} of {x}.",
    "What do we know about the {p} of {x}?",
    "{p} of {x}?",
)


def _filled(text: str, x: str, p: str, **more: str) -> str:
    ends = "'" if x.endswith("s") else "'s"
    return capital(text.format(x=x, xs=f"{x}{ends}", p=p, **more))


@dataclass(frozen=True, slots=True)
class Property:
    """What of what is what."""

    thing: str
    name: str
    value: str

    def tell(self, words: Lexicon, form: str) -> str:
        """In the words of a form."""
        return _filled(
            form,
            self.thing,
            self.name,
            v=self.value,
            m=words.person(),
            w=words.value(),
            month=words.time().split()[-1],
        )

    def fact(self, sentence: str, rng: Random) -> Fact:
        """What a sentence answers."""
        return Fact(attribute(self.thing, self.name, rng), self.value, sentence)


def attribute(thing: str, name: str, rng: Random) -> Attribute:
    """The question about a property."""
    return Attribute(
        f"the {name} of {thing}",
        (_filled(rng.choice(ASKED), thing, name),),
        (),
        (f"{thing.removeprefix('the ')} {name}",),
        (f"The {name} of {thing} is {{v}}.",),
        f"the {name} of {thing}",
    )


def named(asked: Attribute) -> str:
    """The name of the property that a question is about, or "" where it is about none."""
    rest = asked.key.removeprefix("the ")
    return rest.split(" of ", 1)[0] if rest != asked.key and " of " in rest else ""


def thing(words: Lexicon) -> str:
    """What has properties."""
    rng = words.rng
    how = rng.random()
    if how < 0.3:
        return words.person()
    if how < 0.5:
        return f"the {words.noun()}"
    if how < 0.65:
        return f"{words.noun()} {rng.randrange(1, 99)}"
    if how < 0.8:
        return word(rng)
    if how < 0.9:
        return f"the {word(rng)} {words.noun()}"
    return f"{rng.choice(WORDS).capitalize()} {word(rng)}"
