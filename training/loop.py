"""The training loop: draw, pack, step, log, save; it stops by the clock and can go on later."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from training.model import Llama, Shape
from training.muon import Muon
from training.pack import Packer


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: minutes by the clock, step sizes, and how they fall."""

    minutes: float
    matrix_rate: float = 6e-3
    other_rate: float = 3e-3
    warmup: int = 60
    top: float = 1.0  # factor on both step sizes at the beginning
    fall_from: float = 1.0  # share of the time after which the rates fall to `floor`
    floor: float = 0.05
    clip: float = 1.0
    long_every: int = 8  # steps between two batches of long rows
    save_every: float = 240.0  # seconds


def rate(plan: Plan, steps: int, spent: float) -> float:
    """The factor on both step sizes after `steps` steps and the share `spent` of the time."""
    up = min(1.0, (steps + 1) / plan.warmup)
    if spent <= plan.fall_from:
        return up * plan.top
    left = max(0.0, 1.0 - spent) / max(1e-6, 1.0 - plan.fall_from)
    return up * (plan.floor + (plan.top - plan.floor) * left)


def save(
    path: Path, model: Llama, optimizers: list[torch.optim.Optimizer], state: dict[str, Any]
) -> None:
    """Write a checkpoint in one step, so that a kill leaves the old or the new one."""
    held = {
        "model": model.state_dict(),
        "shape": model.shape.as_dict(),
        "optimizers": [o.state_dict() for o in optimizers],
        **state,
    }
    temporary = path.with_suffix(".tmp")
    torch.save(held, temporary)
    temporary.replace(path)


def restore(path: Path) -> tuple[Llama, dict[str, Any]]:
    """The model of a checkpoint, and all else that was saved with it."""
    held = torch.load(path, weights_only=True)
    model = Llama(Shape(**held["shape"]))
    model.load_state_dict(held["model"])
    return model, held


def run(
    model: Llama,
    short: Packer,
    long: Packer,
    plan: Plan,
    out: Path,
    *,
    held: dict[str, Any] | None = None,
    progress: Callable[[float, int], None] = lambda spent, tokens: None,
    compiled: bool = True,
) -> None:
    """Train `model` until the plan's time is up; rows of `long` now and then."""
    matrices = [
        p for n, p in model.named_parameters() if p.dim() == 2 and not n.startswith("embed")
    ]
    others = [p for n, p in model.named_parameters() if p.dim() != 2 or n.startswith("embed")]
    optimizers: list[torch.optim.Optimizer] = [
        Muon(matrices, plan.matrix_rate),
        torch.optim.AdamW(others, plan.other_rate, betas=(0.9, 0.97), weight_decay=0.0, fused=True),
    ]
    state: dict[str, Any] = {"steps": 0, "tokens": 0, "seconds": 0.0}
    if held is not None and "optimizers" in held:
        for optimizer, kept in zip(optimizers, held["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        state = {k: held.get(k, v) for k, v in state.items()}
    if compiled:
        model.hidden = torch.compile(model.hidden)  # type: ignore[method-assign]
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.append(number))
    log = (out / "log.jsonl").open("a", encoding="utf-8")
    began, saved, shown, mean = time.monotonic(), time.monotonic(), time.monotonic(), 0.0
    before, shown_tokens = float(state["seconds"]), int(state["tokens"])
    while True:
        now = time.monotonic()
        state["seconds"] = before + now - began
        spent = state["seconds"] / (plan.minutes * 60)
        if spent >= 1.0 or stopping:
            break
        progress(spent, state["tokens"])
        factor = rate(plan, state["steps"], spent)
        for optimizer, base in zip(optimizers, (plan.matrix_rate, plan.other_rate), strict=True):
            optimizer.param_groups[0]["lr"] = base * factor
        ids, weights = long.batch(4) if state["steps"] % plan.long_every == 0 else short.batch(10)
        loss = model.loss(torch.from_numpy(ids), torch.from_numpy(weights))
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        state["steps"] += 1
        state["tokens"] += ids.size
        mean = loss.item() if mean == 0.0 else 0.97 * mean + 0.03 * loss.item()
        if now - shown > 15:
            speed = (state["tokens"] - shown_tokens) / (now - shown)
            row = {
                "step": state["steps"],
                "tokens": state["tokens"],
                "loss": round(mean, 4),
                "norm": round(float(norm), 2),
                "rate": round(factor, 3),
                "tok/s": round(speed),
                "minutes": round(state["seconds"] / 60, 1),
            }
            print(json.dumps(row), flush=True)
            log.write(json.dumps(row) + "\n")
            log.flush()
            shown, shown_tokens = now, state["tokens"]
        if now - saved > plan.save_every:
            save(out / "checkpoint.pt", model, optimizers, state)
            saved = now
    save(out / "checkpoint.pt", model, optimizers, state)
    log.close()
