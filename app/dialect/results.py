"""Passages -> the block the model reads. Serving and training both come here for it.

Each dialect has a frame of its own; the bundled model's is

    [RESULTS_START]
    [1] Title (site, 2026-01-31): text of the passage on one line
    [2] Title (site): text
    No searches left. Answer now.
    [RESULTS_END]

The frame is put on last, so that no cut can lose its end. Numbers go on over the searches of one
answer, so that `[n]` names one passage.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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
        return f"{self.head()}: {one_line(self.passage.text)}"

    def head(self) -> str:
        """Its number, and what it is."""
        passage = self.passage
        source = ", ".join(filter(None, map(one_line, (passage.site, passage.date or ""))))
        title = one_line(passage.title) or "Untitled"
        return f"[{self.number}] {title} ({source})" if source else f"[{self.number}] {title}"


Line = Callable[[Numbered], str]
"""How one passage stands in a block."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the lines of a block, and how a line is written.

    lead RESULTS_START opening lines closing RESULTS_END trail
    """

    lead: str = ""
    """Between the call and the results marker: the end of the model's turn, where it has one."""
    opening: str = "\n"
    """`{tool}` and `{id}` are those of the call, where it gave them."""
    closing: str = "\n"
    trail: str = ""
    """Behind the end marker: what opens the model's turn anew."""
    line: Line = Numbered.line
    escape: Callable[[str], str] = str
    """The lines as they stand in the frame, such as a string of JSON."""
    tool: str = ""
    """What `{tool}` becomes where the call names none."""
    id: str = "{id}"
    """What `{id}` becomes, given the call's own."""
    no_id: str = ""
    """What it becomes where the call has none."""

    def around(self, tool: str = "", id_: str = "") -> tuple[str, str]:
        """Opening and closing, for one call."""
        own = self.id.replace("{id}", id_) if id_ else self.no_id
        opening, closing = (
            text.replace("{tool}", tool or self.tool).replace("{id}", own)
            for text in (self.opening, self.closing)
        )
        return opening, closing


def number(passages: Sequence[Passage], first: int) -> tuple[Numbered, ...]:
    """Give passages their numbers, counting from `first`."""
    return tuple(Numbered(first + offset, passage) for offset, passage in enumerate(passages))


def lines(
    passages: Sequence[Numbered], *notices: str, line: Line = Numbered.line
) -> tuple[str, ...]:
    """The lines of a block: passages first, then the gateway's own words."""
    return (*map(line, passages), *filter(None, notices))


def body(passages: Sequence[Numbered], *notices: str) -> str:
    """The lines between our own results markers, new lines in front and behind included."""
    return "\n" + "".join(f"{line}\n" for line in lines(passages, *notices))


def fit(
    passages: Sequence[Numbered], max_chars: int, line: Line = Numbered.line
) -> tuple[Numbered, ...]:
    """The best-ranked passages whose lines take at most `max_chars` characters together.

    Passages are kept whole by rank; the first one that does not fit is cut at the end of a
    sentence when enough of it is left to be of use, and those after it are left out.
    """
    kept: list[Numbered] = []
    room = max_chars
    for item in passages:
        size = len(line(item)) + 1
        if size <= room:
            kept.append(item)
            room -= size
            continue
        text = one_line(item.passage.text)
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


def one_line(text: str) -> str:
    """`text` with every run of white space as one space."""
    return re.sub(r"\s+", " ", text).strip()
