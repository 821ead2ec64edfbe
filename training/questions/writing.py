"""A model writes questions from a passage: what it is told, and how its reply is read. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from training.records import Turn
from training.served.wire import Ask

_INSTRUCTIONS = """\
You write quiz questions from a passage. Write up to {count} questions that the passage answers, \
each about another fact. For each write three lines:
Q: the question. It must be clear to somebody who has never seen the passage: it names who or what \
it is about in full, and never says "he", "it", "this" or "the text".
A: the answer, one to six words, copied from the passage. It must not stand in the question.
S: one sentence that states the answer and is clear by itself.
Ask for facts that can be looked up: names, places, dates, numbers. No yes-or-no questions, no \
opinions. If the passage holds no such fact, reply NONE."""
TOKENS_EACH = 110
"""Of one question with its answer and sentence, at most."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question as the model wrote it, before it is checked."""

    question: str
    answer: str
    statement: str = ""


def ask(passage: str, title: str, count: int, *, seed: int = 0) -> Ask:
    """What the model is asked to write questions by."""
    head = f"Title: {title}\n\n" if title else ""
    return Ask(
        (
            Turn("system", _INSTRUCTIONS.format(count=count)),
            Turn("user", f"{head}Passage:\n{passage}"),
        ),
        max_tokens=TOKENS_EACH * count,
        seed=seed,
    )


_LINE = re.compile(
    r"^[\s>*#\-\d.)]*(?P<key>Q(?:uestion)?|A(?:nswer)?|S(?:entence|tatement)?)[\s*\d]*[:.)]\**\s*(?P<text>.+?)\**\s*$",
    re.IGNORECASE | re.MULTILINE,
)


def read(reply: str, count: int) -> list[Candidate]:
    """The questions in a reply: lines of Q, A and S, or JSON, whichever it wrote."""
    found = list(_from_json(reply)) or list(_from_lines(reply))
    return found[:count]


def _from_lines(reply: str) -> Iterator[Candidate]:
    parts: dict[str, str] = {}
    for match in _LINE.finditer(reply):
        key = match["key"][0].upper()
        if key == "Q":
            yield from _whole(parts)
            parts = {}
        parts.setdefault(key, _clean(match["text"]))
    yield from _whole(parts)


def _from_json(reply: str) -> Iterator[Candidate]:
    start, end = reply.find("["), reply.rfind("]")
    if start < 0 or end < start:
        return
    try:
        rows: list[Any] = json.loads(reply[start : end + 1])
    except ValueError:
        return
    for row in rows:
        if isinstance(row, dict):
            lower = {str(key).lower()[:1]: str(value) for key, value in row.items()}
            yield from _whole({key.upper(): _clean(text) for key, text in lower.items()})


def _whole(parts: dict[str, str]) -> Iterator[Candidate]:
    if parts.get("Q") and parts.get("A"):
        yield Candidate(parts["Q"], parts["A"], parts.get("S", ""))


def _clean(text: str) -> str:
    return " ".join(text.strip().strip('"“”').split())
