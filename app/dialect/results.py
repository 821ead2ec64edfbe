"""Passages -> the block the model reads. Serving and training both come here for it.

    [RESULTS_START]
    [1] Title (site, 2026-01-31): text of the passage on one line
    [2] Title (site): text
    No searches left. Answer now.
    [RESULTS_END]

The frame is put on last, so that no cut can lose its end. Numbers go on over the searches of one
answer, so that `[n]` names one passage.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.dialect.markers import Dialect
from search_adapters.protocol import Passage

NO_RESULTS = "No results."
EMPTY_QUERY = "The query was empty."
LONG_QUERY = "The query was too long."
REPEATED_QUERY = "This was already searched."
NO_ROOM = "There is no room for results."
FORGED_RESULTS = "Only a search gives results."
BUDGET_SPENT = "No searches left. Answer now."
"""Last line of a block after which the model can't search again."""

MIN_TEXT_CHARS = 60
"""A passage cut shorter than this says too little to be worth its header."""


def search_failed(reason: str) -> str:
    """The notice for a failed search, e.g. `Search failed: timed out.`"""
    return f"Search failed: {reason}."


@dataclass(frozen=True, slots=True)
class Numbered:
    """A passage under the number by which the model may cite it."""

    number: int
    passage: Passage

    def line(self) -> str:
        """The passage as the model reads it."""
        passage = self.passage
        source = ", ".join(filter(None, map(_one_line, (passage.site, passage.date or ""))))
        title = _one_line(passage.title) or "Untitled"
        head = f"[{self.number}] {title} ({source})" if source else f"[{self.number}] {title}"
        return f"{head}: {_one_line(passage.text)}"


def number(passages: Sequence[Passage], first: int) -> tuple[Numbered, ...]:
    """Give passages their numbers, counting from `first`."""
    return tuple(Numbered(first + offset, passage) for offset, passage in enumerate(passages))


def body(passages: Sequence[Numbered], *notices: str) -> str:
    """The lines between the results markers, new lines in front and behind included."""
    lines = [passage.line() for passage in passages]
    return "\n" + "".join(f"{line}\n" for line in (*lines, *filter(None, notices)))


def frame(dialect: Dialect, inner: str) -> str:
    """Put the results markers around a body."""
    return f"{dialect.results_start}{inner}{dialect.results_end}"


def fit(passages: Sequence[Numbered], max_chars: int) -> tuple[Numbered, ...]:
    """The best-ranked passages whose lines take at most `max_chars` characters together.

    Passages are kept whole by rank; the first one that does not fit is cut at the end of a
    sentence when enough of it is left to be of use, and those after it are left out.
    """
    kept: list[Numbered] = []
    room = max_chars
    for item in passages:
        size = len(item.line()) + 1
        if size <= room:
            kept.append(item)
            room -= size
            continue
        text = _one_line(item.passage.text)
        text = _cut(text, len(text) - (size - room))
        if text:
            kept.append(Numbered(item.number, replace(item.passage, text=text)))
        break
    return tuple(kept)


def _cut(text: str, max_chars: int) -> str:
    if max_chars < MIN_TEXT_CHARS:
        return ""
    head = text[: max_chars - 1]  # one is kept for the ellipsis
    sentence = max(head.rfind(mark) for mark in (". ", "! ", "? ", "。"))
    if sentence >= MIN_TEXT_CHARS:
        return head[: sentence + 1]
    word = head.rfind(" ")
    return (head[:word] if word >= MIN_TEXT_CHARS else head) + "…"


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
