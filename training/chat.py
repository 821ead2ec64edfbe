"""The conversation as training sees it: messages whose assistant parts are said or searched.

`frame` is the one place where passages become the block that the model reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.dialect import results
from app.dialect.markers import ORSON
from app.dialect.results import BUDGET_SPENT, NO_RESULTS, REPEATED_QUERY
from search_adapters.protocol import Passage

PAD, BOS, SYSTEM, USER, ASSISTANT, END = (
    "<|pad|>",
    "<|bos|>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|end|>",
)
SPECIALS = (PAD, BOS, SYSTEM, USER, ASSISTANT, END, *ORSON.markers)
"""The control tokens; their ids are their places in this tuple."""
SEARCH_START, SEARCH_END, RESULTS_START, RESULTS_END = ORSON.markers
TOOLS_ON, TOOLS_OFF = "Tools: search.", "Tools: none."
LAST_CALL = BUDGET_SPENT
SORRY = "I don't know the answer to that."
"""Where there is no better word for what is asked."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words of the assistant; `learn` is False where they only set the scene."""

    text: str
    learn: bool = True


@dataclass(frozen=True, slots=True)
class Searched:
    """A search call of the assistant and the block that came back (without its tags)."""

    query: str
    block: str
    learn: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and the parts of its answer."""

    user: str
    parts: tuple[Said | Searched, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A system line and the turns under it."""

    system: str
    turns: tuple[Turn, ...]


def frame(passages: Sequence[Passage], first: int = 1, notice: str = "") -> str:
    """What stands between the results markers, made by the code that serves."""
    empty = NO_RESULTS if not passages and notice in ("", LAST_CALL) else ""
    return results.body(results.number(passages, first), empty, notice)


def cite(sentence: str, number: int) -> str:
    """The sentence with its source: "It is so." -> "It is so [2]."."""
    return (
        f"{sentence.rstrip()[:-1]} [{number}]."
        if sentence.rstrip()[-1:] in ".!?"
        else f"{sentence} [{number}]."
    )


__all__ = ["REPEATED_QUERY", "Conversation", "Passage", "Said", "Searched", "Turn", "cite", "frame"]
