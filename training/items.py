"""One question of a measurement, and what a good answer does with it."""

from __future__ import annotations

from dataclasses import dataclass

from training.chat import TOOLS_ON, Passage


@dataclass(frozen=True, slots=True)
class Item:
    """One question and what a good answer does with it.

    `expect`: direct, talk, search, read, chain (two searches), unknown (after a search) or off
    (unknown without one).
    """

    category: str
    expect: str
    question: str
    value: str = ""
    name: str = ""
    system: str = TOOLS_ON
    passages: tuple[Passage, ...] | None = (
        None  # what the search gives; None: the real encyclopedia
    )
    before: tuple[tuple[str, str], ...] = ()
    failure: str = ""
    source: str = ""  # text of the passage to be cited
    file: tuple[str, str] | None = None  # a note (title, text) to index before asking
