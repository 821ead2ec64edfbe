"""Steps of training over a fixed list of sequences: counted in examples, never by the clock.

A claim must not depend on how busy the machine was, so unlike `training.loop` everything here is a
number of steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch

from training.model import Llama
from training.muon import Muon
from training.pack import Packer
from training.render import Sequence as Tokens

KEEP_EVERY = 200


@dataclass(frozen=True, slots=True)
class Course:
    """How long, in rows of what length, at which step sizes (falling to zero at the end)."""

    steps: int
    rows: int = 8
    length: int = 192
    matrix_rate: float = 6e-3
    other_rate: float = 3e-3
    warmup: int = 30
    fall_from: float = 0.4


def cycled(texts: Sequence[Tokens], rng: Random) -> Callable[[], Tokens]:
    """Draw every one once, in a new order each time round."""
    waiting: list[Tokens] = []

    def draw() -> Tokens:
        if not waiting:
            waiting.extend(rng.sample(texts, len(texts)))
        return waiting.pop()

    return draw


def streamed(texts: Iterable[Tokens], rest: Callable[[], Tokens]) -> Callable[[], Tokens]:
    """Draw from `texts` until they run out, then from `rest`."""
    left: Iterator[Tokens] = iter(texts)
    return lambda: next(left, None) or rest()


def fit(
    model: Llama,
    draw: Callable[[], Tokens],
    course: Course,
    report: Callable[[int, float, float], None] = lambda step, loss, speed: None,
    keep: Path | None = None,
) -> Llama:
    """Train `model` in place and give it back; `report` hears step, loss and tokens a second.

    With `keep` the state is written there every `KEEP_EVERY` steps, and a run that was killed goes
    on from it over the same texts: `draw` must give them in the same order again.
    """
    named = list(model.named_parameters())
    matrices = [p for n, p in named if p.dim() == 2 and not n.startswith("embed")]
    others = [p for n, p in named if p.dim() != 2 or n.startswith("embed")]
    optimizers: list[torch.optim.Optimizer] = [
        Muon(matrices, course.matrix_rate),
        torch.optim.AdamW(others, course.other_rate, betas=(0.9, 0.97), weight_decay=0.0),
    ]
    packer, first, mean = Packer(draw, course.length), 0, 0.0
    if keep is not None and keep.exists():
        held = torch.load(keep, weights_only=True)
        model.load_state_dict(held["model"])
        for optimizer, state in zip(optimizers, held["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        first, mean = held["step"], held["mean"]
        for _ in range(first):
            packer.batch(course.rows)
    began = time.monotonic()
    for step in range(first, course.steps):
        left = (course.steps - step) / max(1.0, course.steps * (1 - course.fall_from))
        factor = min(1.0, (step + 1) / course.warmup, left)
        for optimizer, rate in zip(
            optimizers, (course.matrix_rate, course.other_rate), strict=True
        ):
            optimizer.param_groups[0]["lr"] = rate * factor
        ids, weights = packer.batch(course.rows)
        loss = model.loss(torch.from_numpy(ids), torch.from_numpy(weights))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        mean = loss.item() if step == 0 else 0.97 * mean + 0.03 * loss.item()
        if step % 50 == 49:
            done = (step + 1 - first) * course.rows * course.length
            report(step + 1, mean, done / (time.monotonic() - began))
        if keep is not None and (step + 1) % KEEP_EVERY == 0:
            state = {"model": model.state_dict(), "step": step + 1, "mean": mean}
            torch.save(state | {"optimizers": [o.state_dict() for o in optimizers]}, keep)
    return model
