"""How facts are asked and told: wordings by attribute, and general ones for all others.

`{s}` stands for the subject, `{v}` for the value. A file of one's own, in JSON, adds attributes or
replaces them: {"flagship": {"questions": ["..."], "statement": "...", "phrase": "..."}}.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.questions.public_facts import Fact
from training.questions.splitting import Shares
from training.records import Question


@dataclass(frozen=True, slots=True)
class Wording:
    """The words for one attribute."""

    questions: tuple[str, ...]
    statement: str
    """A sentence that tells the fact."""
    phrase: str
    """What stands for the value in another question: `the capital of {s}`."""
    query: str = "{s} {a}"
    """What to search for."""


def _asked(questions: str, statement: str, phrase: str, query: str = "{s} {a}") -> Wording:
    return Wording(tuple(part.strip() for part in questions.split("|")), statement, phrase, query)


KNOWN: Mapping[str, Wording] = {
    "birth year": _asked(
        "In which year was {s} born?|When was {s} born?|What is the birth year of {s}?"
        "|What year was {s} born in?",
        "{s} was born in {v}.",
        "the year in which {s} was born",
    ),
    "birthplace": _asked(
        "Where was {s} born?|In which city or town was {s} born?|What is the birthplace of {s}?"
        "|Which place does {s} come from?",
        "{s} was born in {v}.",
        "the place where {s} was born",
    ),
    "country of birth": _asked(
        "In which country was {s} born?|What is {s}'s country of birth?|Which country is {s} from?",
        "{s} was born in {v}.",
        "the country where {s} was born",
        "{s} country",
    ),
    "occupation": _asked(
        "What was {s}'s occupation?|What did {s} do for a living?|What is {s} known as by "
        "profession?",
        "{s} is known as {a_v}.",
        "the profession of {s}",
    ),
    "capital": _asked(
        "What is the capital of {s}?|Which city is the capital of {s}?|Name the capital of {s}.",
        "The capital of {s} is {v}.",
        "the capital of {s}",
    ),
    "continent": _asked(
        "On which continent is {s}?|Which continent does {s} belong to?|What continent is {s} in?",
        "{s} is in {v}.",
        "the continent of {s}",
    ),
    "currency": _asked(
        "What is the currency of {s}?|Which currency is used in {s}?|What do people in {s} pay "
        "with?",
        "The currency of {s} is the {v}.",
        "the currency of {s}",
    ),
    "language": _asked(
        "What is the official language of {s}?|Which language is official in {s}?|Which language "
        "is spoken in {s}?",
        "The official language of {s} is {v}.",
        "the official language of {s}",
    ),
    "chemical symbol": _asked(
        "What is the chemical symbol of {s}?|Which symbol does the element {s} have?|How is {s} "
        "written in the periodic table?",
        "The chemical symbol of {s} is {v}.",
        "the symbol of {s}",
    ),
    "atomic number": _asked(
        "What is the atomic number of {s}?|Which number does {s} have in the periodic table?",
        "The atomic number of {s} is {v}.",
        "the atomic number of {s}",
    ),
    "atomic mass": _asked(
        "What is the atomic mass of {s}?|What is the atomic weight of {s}?",
        "The atomic mass of {s} is {v}.",
        "the atomic mass of {s}",
    ),
    "discoverer": _asked(
        "Who discovered {s}?|By whom was {s} discovered?|Who is the discoverer of {s}?",
        "{s} was discovered by {v}.",
        "the discoverer of {s}",
    ),
}
ANY = _asked(
    "What is the {a} of {s}?|Tell me the {a} of {s}.|Which {a} does {s} have?",
    "The {a} of {s} is {v}.",
    "the {a} of {s}",
)


class Templates:
    """Words facts as questions and sentences."""

    def __init__(self, own: Path | None = None) -> None:
        """`own`: a file that adds wordings or replaces them; ValueError if it is no such file."""
        self._known = dict(KNOWN)
        if own is not None:
            for attribute, fields in json.loads(own.read_text("utf-8")).items():
                self._known[attribute] = _own(attribute, fields)

    def question(self, fact: Fact, shares: Shares) -> Question:
        """The fact as a question, in the first of its wordings; the others go along."""
        first, *rest = self.wordings(fact.subject, fact.attribute)
        return Question(
            id=_id(fact),
            question=first,
            wordings=tuple(rest),
            answers=fact.values,
            statement=self.statement(fact.subject, fact.attribute, fact.values[0]),
            subject=fact.subject,
            attribute=fact.attribute,
            document=fact.source,
            split=shares.split(fact.source.id),
            source="template",
        )

    def wordings(self, subject: str, attribute: str) -> tuple[str, ...]:
        """All ways to ask for an attribute of a subject."""
        known = self._known.get(attribute, ANY)
        named = _the(subject)
        return tuple(_capital(w.format(s=named, a=attribute)) for w in known.questions)

    def statement(self, subject: str, attribute: str, value: str) -> str:
        """A sentence that tells the fact."""
        known = self._known.get(attribute, ANY)
        text = known.statement.format(
            s=_the(subject), a=attribute, v=_the(value), a_v=_with_article(value)
        )
        return _capital(text)

    def phrase(self, subject: str, attribute: str) -> str:
        """What stands for the value: `the country where Ada Brankovic was born`."""
        return self._known.get(attribute, ANY).phrase.format(s=_the(subject), a=attribute)

    def query(self, subject: str, attribute: str) -> str:
        """What to search for."""
        return self._known.get(attribute, ANY).query.format(s=subject, a=attribute)


def _own(attribute: str, fields: dict[str, Any]) -> Wording:
    questions = fields.get("questions")
    if not isinstance(questions, list) or not questions or not all("{s}" in q for q in questions):
        raise ValueError(f"'{attribute}' needs a list of questions that hold {{s}}")
    return Wording(
        tuple(questions),
        fields.get("statement", ANY.statement),
        fields.get("phrase", ANY.phrase),
        fields.get("query", ANY.query),
    )


def _id(fact: Fact) -> str:
    told = f"{fact.source.id}|{fact.subject}|{fact.attribute}"
    return "f-" + hashlib.sha256(told.encode()).hexdigest()[:16]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_PLURAL = """Bahamas Comoros Gambia Maldives Netherlands Philippines Seychelles"""
_KINDS = ("United ", "Isle ")
_KIND_ENDS = (" Islands", " Republic", " Territories")


def _the(name: str) -> str:
    """The name of a country as it stands in a sentence: the United States, France."""
    if name in _PLURAL.split() or name.startswith(_KINDS) or name.endswith(_KIND_ENDS):
        return f"the {name}"
    return name


def _with_article(noun: str) -> str:
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"
