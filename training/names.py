"""Names of people who never lived, and names that almost match a given one.

Invented names teach the model what not to recognise; near misses teach it to look twice.
First and last names are split by hash, so that held-out names share no part with training ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

from training.world import FORBIDDEN, held_out

LETTERS = "abcdefghijklmnoprstuvyz"


@dataclass(frozen=True, slots=True)
class Names:
    """First and last names, in two disjoint halves."""

    first: tuple[str, ...]
    last: tuple[str, ...]
    first_test: tuple[str, ...]
    last_test: tuple[str, ...]
    words: tuple[str, ...] = ("lantern",)
    words_test: tuple[str, ...] = ("teapot",)

    def invent(self, rng: Random, test: bool = False) -> str:
        """A full name; one in ten has a middle initial or a double surname."""
        first = rng.choice(self.first_test if test else self.first)
        lasts = self.last_test if test else self.last
        name = f"{first} {rng.choice(lasts)}"
        odd = rng.random()
        if odd < 0.05:
            name = f"{first} {rng.choice('ABCDEFGHJKLMNPRSTW')}. {name.split(' ', 1)[1]}"
        elif odd < 0.10:
            name = f"{name}-{rng.choice(lasts)}"
        return name

    def phrase(self, rng: Random, test: bool = False, most: int = 2) -> str:
        """One to `most` ordinary words, in no sensible combination."""
        pool = (test and self.words_test) or self.words
        return " ".join(rng.choice(pool) for _ in range(rng.randint(1, most)))


def ordinary(data: Path) -> list[str]:
    """Lower-case words of real questions: what notes are made of beside names."""
    text = (data / "nq_open.jsonl").read_text(encoding="utf-8").lower()
    return sorted(w for w in set(re.findall(r"[a-z]{4,11}", text)) if FORBIDDEN not in w)


def read(path: Path) -> list[str]:
    """The plain capitalised names of a list."""
    lines = path.read_text(encoding="utf-8").splitlines()
    good = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ]{2,10}")
    return [
        n
        for n in (line.strip() for line in lines)
        if good.fullmatch(n) and FORBIDDEN not in n.lower()
    ]


def load(data: Path) -> Names:
    """Both lists, split by hash."""
    first, last = read(data / "first_names.txt"), read(data / "surnames.txt")
    words = ordinary(data)
    return Names(
        tuple(n for n in first if not held_out(n)),
        tuple(n for n in last if not held_out(n)),
        tuple(n for n in first if held_out(n)),
        tuple(n for n in last if held_out(n)),
        tuple(w for w in words if not held_out(w)),
        tuple(w for w in words if held_out(w)),
    )


def misspell(name: str, rng: Random) -> str:
    """The name with one letter changed, dropped, doubled or swapped; never the name itself."""
    for _ in range(10 if len(name) > 1 else 0):
        at = rng.randrange(1, len(name))
        if not name[at].isalpha():
            continue
        kind = rng.randrange(4)
        if kind == 0:
            out = name[:at] + rng.choice(LETTERS) + name[at + 1 :]
        elif kind == 1:
            out = name[:at] + name[at + 1 :]
        elif kind == 2:
            out = name[:at] + name[at] + name[at:]
        else:
            out = name[:at] + rng.choice(LETTERS) + name[at:]
        if out.lower() != name.lower():
            return out
    return name + "o"


def near(name: str, names: Names, rng: Random, test: bool = False) -> str:
    """Another person whose name shares the first or the last part, or all but one letter."""
    parts = name.split()
    other = names.invent(rng, test).split()
    kind = rng.random()
    if len(parts) == 1 or kind < 0.2:
        return misspell(name, rng)
    return f"{parts[0]} {other[-1]}" if kind < 0.6 else f"{other[0]} {parts[-1]}"
