"""What the model is taught to say: the fact, where it stands, or that it doesn't know."""

import re
from collections.abc import Sequence
from random import Random

from search_adapters.passages import sentences
from search_adapters.protocol import Passage
from training.composing.exchanges import Said, cited
from training.probing.judging import matches
from training.probing.words import words
from training.questions.templates import Templates
from training.records import Question, Verdict

MAX_SENTENCE_WORDS = 40
_POINTS = "he she it they his her its their this that these those"
_POINTING = frozenset(_POINTS.split())
_UNKNOWN = ("I don't know {w}.", "I don't know {w}. I am not sure enough to say.")
_NOTHING = (
    "I searched but found nothing about that, so I don't know {w}.",
    "I looked it up and found nothing. I don't know {w}.",
    "My search found nothing, so I don't know {w}.",
)
_MISSING = (
    "I looked it up, but what I found doesn't say. I don't know {w}.",
    "The results don't answer that, so I don't know {w}.",
    "I searched, but none of the results says it, so I don't know {w}.",
)
_FAILED = (
    "The search failed, so I couldn't look it up, and I don't know {w}.",
    "I couldn't search just now, and I don't know {w}.",
)


def fact(question: Question) -> str:
    """The answer as a sentence: its statement, what the model itself said, or the bare answer."""
    if question.statement:
        return question.statement
    if isinstance(question, Verdict) and question.greedy_right and "\n" not in question.greedy:
        return _sentence(question.greedy)
    return _sentence(question.answers[0])


def found(question: Question, passage: Passage) -> Said:
    """The answer with its source: our sentence, or the passage's own where we have none."""
    return Said(cited(question.statement or _quoted(question, passage)), (passage,))


def _quoted(question: Question, passage: Passage) -> str:
    for sentence in sentences(passage.text):
        said = words(sentence)
        if (
            said
            and said[0] not in _POINTING
            and len(said) <= MAX_SENTENCE_WORDS
            and matches(sentence, question.answers)
        ):
            return _sentence(re.sub(r"[{}]", "", sentence))
    return _sentence(question.answers[0])


def disagreeing(question: Question, other: str, pair: Sequence[Passage], rng: Random) -> Said:
    """Two sources that say different things: the reader is told both."""
    first, second = question.answers[0], other
    wording = rng.choice(
        (
            "The sources disagree: one says {a} {{1}}, another {b} {{2}}.",
            "I found two answers: {a} {{1}} and {b} {{2}}. I can't tell which is right.",
            "According to one source it is {a} {{1}}, according to another {b} {{2}}.",
        )
    )
    return Said(wording.format(a=first, b=second), tuple(pair))


def unknown(question: Question, templates: Templates, rng: Random) -> Said:
    """Where nothing can be looked up."""
    return Said(rng.choice(_UNKNOWN).format(w=_what(question, templates)))


def nothing(question: Question, templates: Templates, rng: Random) -> Said:
    """After an empty search."""
    return Said(rng.choice(_NOTHING).format(w=_what(question, templates)))


def missing(question: Question, templates: Templates, rng: Random) -> Said:
    """After results that don't hold the answer."""
    return Said(rng.choice(_MISSING).format(w=_what(question, templates)))


def failed(question: Question, templates: Templates, rng: Random) -> Said:
    """After a search that failed."""
    return Said(rng.choice(_FAILED).format(w=_what(question, templates)))


def _what(question: Question, templates: Templates) -> str:
    if question.subject and question.attribute:
        return templates.phrase(question.subject, question.attribute)
    return "the answer to that"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text[-1:] in ".!?" else f"{text}."
