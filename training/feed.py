"""Batches for the training loop: made in this process, or by workers beside it.

One core makes some 350,000 tokens a second (BPE is a third of it), a hundred times what a small
model trains on beside it, and less than a GPU takes in; so a CPU run makes its own and a GPU run
has workers, each with a random stream of its own, whose batches come in turn. The same seed,
workers and starting point give the same batches.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from training.pack import Packer
from training.recipe import Recipe, Texts
from training.render import Sequence

Batch = tuple[Tensor, Tensor]


class Feed(Protocol):
    """Where batches come from."""

    def batch(self, step: int, tokens: int) -> Batch:
        """Ids and weights (rows, length) for a step, after so many tokens of training."""


class Here:
    """Short rows, and every eighth time long ones, made as they are asked for."""

    long_every = 8

    def __init__(self, texts: Texts, short: tuple[int, int] = (10, 385)) -> None:
        self.texts = texts
        self.rows, self.short = short[0], Packer(texts.draw, short[1])
        self.long = Packer(texts.draw_long, 1025)

    def batch(self, step: int, tokens: int) -> Batch:
        """The next batch."""
        self.texts.reach(tokens)
        ids, weights = (
            self.long.batch(4) if step % self.long_every == 0 else self.short.batch(self.rows)
        )
        return torch.from_numpy(ids), torch.from_numpy(weights)


@dataclass(frozen=True, slots=True)
class Rows:
    """What workers make: batches of rows of one length, so that a GPU compiles once."""

    rows: int = 64
    length: int = 1025
    long: float = 0.06
    """Share of the draws that is long; by tokens about a fifth."""
    start: int = 0
    """Steps already trained."""
    tokens: int = 0
    """Tokens already trained."""

    @property
    def size(self) -> int:
        """Tokens of a batch."""
        return self.rows * self.length


class Stream(IterableDataset[Any]):
    """One worker's batches, in the smallest types that hold them."""

    def __init__(self, recipe: Recipe, rows: Rows, seed: int) -> None:
        super().__init__()
        self.recipe, self.rows, self.seed = recipe, rows, seed

    def __iter__(self) -> Iterator[Any]:
        info = get_worker_info()
        worker, of = (info.id, info.num_workers) if info else (0, 1)
        rng, rows = Random(f"{self.seed}/{self.rows.start}/{worker}"), self.rows
        texts = Texts(self.recipe, rng)

        def draw() -> Sequence:
            return texts.draw_long() if rng.random() < rows.long else texts.draw()

        packer, at = Packer(draw, rows.length), worker
        while True:
            texts.reach(rows.tokens + at * rows.size)
            ids, weights = packer.batch(rows.rows)
            yield ids.astype(np.uint16), weights.astype(np.float16)
            at += of


def _alone(worker: int) -> None:
    """A signal to the whole group is for the trainer, which saves and then lets its workers go."""
    os.setsid()
    torch.set_num_threads(1)


def _as_is(batch: Any) -> Any:
    return batch


class Beside:
    """Batches of worker processes, in turn."""

    def __init__(self, recipe: Recipe, rows: Rows, seed: int, workers: int) -> None:
        # Arrays travel through pipes: a container's shared memory may be too small for tensors.
        loader = DataLoader(
            Stream(recipe, rows, seed),
            batch_size=None,
            num_workers=workers,
            prefetch_factor=4,
            collate_fn=_as_is,
            worker_init_fn=_alone,
            multiprocessing_context="spawn",
        )
        self.batches = iter(loader)

    def batch(self, step: int, tokens: int) -> Batch:
        """The next batch; waits where the workers are slower than the training."""
        ids, weights = next(self.batches)
        return torch.from_numpy(ids.astype(np.int32)), torch.from_numpy(weights)
