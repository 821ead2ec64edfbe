"""What a fact is, and how it is told, asked for, searched for and missed.

An `Attribute` holds the wordings; `{n}` stands for the subject and `{v}` for the value. The last
wordings of a question (`held`) are kept out of training and used only to measure it.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Attribute:
    """One kind of fact in all its wordings."""

    key: str
    questions: tuple[str, ...]
    held: tuple[str, ...]
    queries: tuple[str, ...]
    tellings: tuple[str, ...]
    unknown: str  # what follows "I don't know"

    def question(self, name: str, rng: Random, held: bool = False) -> str:
        """The question in one of its wordings."""
        wording = rng.choice(self.held if held and self.held else self.questions)
        return capital(wording.format(n=name)) if wording != "{n}" else name

    def query(self, name: str, rng: Random) -> str:
        """The search query: the name, then a few words for the attribute. Where there are no
        queries, the question's own words are one (`wordings.keywords`)."""
        return rng.choice(self.queries).format(n=name.removeprefix("the ").removeprefix("The "))

    def tell(self, name: str, value: str, rng: Random) -> str:
        """A sentence that states the fact."""
        return capital(rng.choice(self.tellings).format(n=name, v=value))

    @property
    def label(self) -> str:
        """The word for it, as its query has it; "" where that is the name alone."""
        return self.queries[0].replace("{n}", "").strip()

    def said(self, name: str, value: str) -> str:
        """The answer in the wording of the question; "" where the attribute has none."""
        if not self.tellings:
            return ""
        return capital(self.tellings[0].format(n=name, v=value))

    def missed(self, name: str) -> str:
        """What to say when nobody knows."""
        return f"I don't know {self.unknown.format(n=name)}."


@dataclass(frozen=True, slots=True)
class Fact:
    """One true sentence about a subject, with the value a good answer must contain."""

    attribute: Attribute
    value: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody or something that a passage can be about."""

    name: str
    facts: tuple[Fact, ...]
    missing: tuple[Attribute, ...]  # sensible questions whose answer is not in the facts
    kind: str = ""
    lines: tuple[str, ...] = ()  # the whole text in order, where it says more than the facts

    @property
    def sentences(self) -> tuple[str, ...]:
        """The text in pieces: the lines, or the sentence of each fact once."""
        return self.lines or tuple(dict.fromkeys(fact.sentence for fact in self.facts))

    def text(self) -> str:
        """The sentences, each once, in order."""
        return " ".join(self.sentences)


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def attribute(
    key: str, questions: str, queries: str, tellings: str, unknown: str, held: str = ""
) -> Attribute:
    """An attribute from wordings separated by bars."""

    def split(text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split("|") if part.strip())

    return Attribute(key, split(questions), split(held), split(queries), split(tellings), unknown)


def an(noun: str) -> str:
    """The noun with its article."""
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"
