"""Which split a document belongs to: by a hash of its id, so it is the same in every run.

Whole documents are split, never questions: a fact told in a test document is in no training
question.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from training.records import SPLITS, Split


@dataclass(frozen=True, slots=True)
class Shares:
    """How many documents of a hundred go where; the rest goes to training."""

    dev: float = 10.0
    test: float = 10.0
    seed: int = 0

    def split(self, document: str) -> Split:
        """The split of the document with this id."""
        digest = hashlib.sha256(f"{self.seed}:{document}".encode()).digest()
        place = int.from_bytes(digest[:7], "big") / 2**56 * 100
        if place < self.test:
            return "test"
        return "dev" if place < self.test + self.dev else "train"


def strictest(splits: Sequence[Split]) -> Split:
    """Where something belongs that is made from several: with the one kept back the most."""
    return max(splits, key=SPLITS.index)
