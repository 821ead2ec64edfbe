"""Whole sequences into rows of a fixed length, wasting little and splitting nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from training.render import Sequence

Batch = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]


class Packer:
    """Fills rows first-fit from a bounded shelf of waiting sequences."""

    def __init__(self, draw: Callable[[], Sequence], length: int, shelf: int = 48) -> None:
        self.draw, self.length, self.shelf = draw, length, shelf
        self.waiting: list[Sequence] = []

    def row(self) -> tuple[list[int], list[float]]:
        """One row of ids and weights, padded at its end."""
        ids: list[int] = []
        weights: list[float] = []
        while True:
            while len(self.waiting) < self.shelf:
                drawn = self.draw()
                if 1 < len(drawn.ids) <= self.length:
                    self.waiting.append(drawn)
            room = self.length - len(ids)
            fit = next((i for i, s in enumerate(self.waiting) if len(s.ids) <= room), None)
            if fit is None:
                break
            chosen = self.waiting.pop(fit)
            ids += chosen.ids
            weights += chosen.weights
        pad = self.length - len(ids)
        return ids + [0] * pad, weights + [0.0] * pad

    def batch(self, rows: int) -> Batch:
        """Rows as two arrays (rows, length)."""
        drawn = [self.row() for _ in range(rows)]
        return np.array([r[0] for r in drawn], np.int64), np.array(
            [r[1] for r in drawn], np.float32
        )
