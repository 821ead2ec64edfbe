"""Some thousand nouns by kind: trades, dishes, tools, dogs.

A model that meets few words learns them by heart and stops reading; one that meets many copies
what stands there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

from training.world import FORBIDDEN, held_out


@cache
def nouns() -> dict[str, tuple[str, ...]]:
    """The nouns of each kind; a share of them is kept for measuring."""
    found = {}
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("//"):
            kind, _, words = line.partition(": ")
            found[kind] = tuple(
                w for w in words.split(" | ") if not held_out(w, 0.1) and FORBIDDEN not in w
            )
    return found


def noun(kind: str, rng: Random) -> str:
    """One of a kind; KeyError."""
    return rng.choice(nouns()[kind])
