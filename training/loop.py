"""The training loop: draw, pack, step, log, save; it ends by clock or tokens and can go on."""

from __future__ import annotations

import json
import signal
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training import device as devices
from training.feed import Feed
from training.model import Llama, Shape
from training.muon import Muon
from training.quantise import rounding

MATRIX_RATE, OTHER_RATE = 6e-3, 3e-3
"""Step sizes of Muon and of AdamW beside it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to train, by tokens where they are given and else by the clock; the step sizes."""

    minutes: float
    matrix_rate: float = MATRIX_RATE
    other_rate: float = OTHER_RATE
    warmup: int = 60
    top: float = 1.0  # factor on both step sizes at the beginning
    fall_from: float = 1.0  # share of the time after which the rates fall to `floor`
    floor: float = 0.05
    clip: float = 1.0
    save_every: float = 240.0  # seconds
    show_every: float = 15.0  # seconds
    tokens: int = 0  # where not 0, the end: a machine that others slow down learns as much
    muon: bool = True  # for the matrices; a pretrained model is taught by AdamW alone


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
    held = torch.load(path, weights_only=True, map_location="cpu")
    model = Llama(Shape(**held["shape"]))
    model.load_state_dict(held["model"])
    return model, held


def optimisers(model: Llama, plan: Plan) -> list[torch.optim.Optimizer]:
    """Muon for the matrices, AdamW for the embedding and the gains."""
    matrices = [
        p for n, p in model.named_parameters() if p.dim() == 2 and not n.startswith("embed")
    ]
    others = [p for n, p in model.named_parameters() if p.dim() != 2 or n.startswith("embed")]
    adam = {"betas": (0.9, 0.97), "weight_decay": 0.0, "fused": True}
    return [
        Muon(matrices, plan.matrix_rate)
        if plan.muon
        else torch.optim.AdamW(matrices, plan.matrix_rate, **adam),
        torch.optim.AdamW(others, plan.other_rate, **adam),
    ]


class Progress:
    """What a run tells as it goes: now and then a line of JSON, on screen and in a file."""

    def __init__(self, path: Path, tokens: int, every: float) -> None:
        self.path, self.every = path, every
        self.shown, self.tokens, self.waited = time.monotonic(), tokens, 0.0
        self.loss: Tensor | None = None

    def add(self, loss: Tensor, waited: float) -> None:
        """Count a step; `waited` are the seconds in which its batch was not there yet."""
        self.loss = loss if self.loss is None else self.loss.lerp(loss, 0.03)
        self.waited += waited

    def show(self, state: dict[str, Any], factor: float, norm: Tensor, last: bool = False) -> None:
        """Write a line where it is time for one."""
        now = time.monotonic()
        if self.loss is None or not (last or now - self.shown > self.every):
            return
        passed = max(1e-6, now - self.shown)
        row = {
            "step": state["steps"],
            "tokens": state["tokens"],
            "loss": round(float(self.loss), 4),
            "norm": round(float(norm), 2),
            "rate": round(factor, 3),
            "tok/s": round((state["tokens"] - self.tokens) / passed),
            "waiting": round(self.waited / passed, 3),
            "minutes": round(state["seconds"] / 60, 2),
        }
        print(json.dumps(row), flush=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        self.shown, self.tokens, self.waited = now, state["tokens"], 0.0


def run(
    model: Llama,
    feed: Feed,
    plan: Plan,
    out: Path,
    *,
    held: dict[str, Any] | None = None,
    device: torch.device | None = None,
    compiled: bool = True,
    half: bool = False,
    quantised: bool = False,
) -> bool:
    """Train `model` until the plan is fulfilled, or a signal ends it; whether it was fulfilled.

    With `quantised`, losses and gradients are those of the weights as `quantise` rounds them.
    """
    device = device or torch.device("cpu")
    model.to(device)
    optimizers = optimisers(model, plan)
    state: dict[str, Any] = {"steps": 0, "tokens": 0, "seconds": 0.0}
    if held is not None and "optimizers" in held:
        for optimizer, kept in zip(optimizers, held["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        state = {k: held.get(k, v) for k, v in state.items()}
    if compiled:
        devices.compiled(model, device)
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: stopping.append(number))
    began = saved = time.monotonic()
    before, factor, norm = float(state["seconds"]), 0.0, torch.zeros(())
    progress = Progress(out / "log.jsonl", state["tokens"], plan.show_every)
    while True:
        now = time.monotonic()
        state["seconds"] = before + now - began
        spent = (
            state["tokens"] / plan.tokens if plan.tokens else state["seconds"] / (plan.minutes * 60)
        )
        if spent >= 1.0 or stopping:
            break
        factor = rate(plan, state["steps"], spent)
        for optimizer, base in zip(optimizers, (plan.matrix_rate, plan.other_rate), strict=True):
            optimizer.param_groups[0]["lr"] = base * factor
        ids, weights = feed.batch(state["steps"], state["tokens"])
        waited = time.monotonic() - now
        with rounding(model) if quantised else nullcontext():
            with devices.precision(device, half):
                loss = model.loss(ids.to(device).long(), weights.to(device).float())
            loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        state["steps"] += 1
        state["tokens"] += ids.numel()
        progress.add(loss.detach(), waited)
        progress.show(state, factor, norm)
        if now - saved > plan.save_every:
            save(out / "checkpoint.pt", model, optimizers, state)
            saved = now
    progress.show(state, factor, norm, last=True)
    save(out / "checkpoint.pt", model, optimizers, state)
    return not stopping
