"""Questions and models -> what each signal is worth, as JSON and as a plot."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from training.inside.listening import Heard, Listener
from training.inside.signals import measure
from training.probing.agreement import same
from training.probing.judging import abstains, matches
from training.records import Question


def agreement(heard: Heard, question: str) -> float:
    """The share of samples that mean what the greedy answer means."""
    return sum(same(heard.greedy, s, question) for s in heard.samples) / len(heard.samples)


def judged(questions: Sequence[Question], heard: Sequence[Heard]) -> dict[str, Any]:
    """Both targets of one model."""
    right = np.array(
        [matches(h.greedy, q.answers) is True for q, h in zip(questions, heard, strict=True)]
    )
    tried = np.array([not abstains(h.greedy) for h in heard]) | right
    groups = [q.subject or (q.document.id if q.document else q.id) for q in questions]
    states = np.stack([h.states for h in heard]).astype(np.float64)
    inner = np.stack([h.neurons for h in heard]).astype(np.float64)
    logprob = np.array([h.logprob for h in heard])
    agree = np.array([agreement(h, q.question) for q, h in zip(questions, heard, strict=True)])

    def of(chosen: Any) -> dict[str, Any]:
        at = np.flatnonzero(chosen)
        found = measure(
            states[at], inner[at], logprob[at], agree[at], ~right[at], [groups[i] for i in at]
        )
        return asdict(found)

    return {
        "right": int(right.sum()),
        "refused": int((~tried).sum()),
        "wrong": int((tried & ~right).sum()),
        "targets": {"wrong": of(tried), "not right": of(np.ones_like(right))},
    }


def run(
    models: Sequence[str],
    questions: Sequence[Question],
    *,
    system: str,
    samples: int,
    temperature: float,
    limit: int,
    seed: int,
    progress: Callable[[str], None] = lambda model: None,
) -> dict[str, Any]:
    """Ask every model every question; a summary that is plain JSON."""
    import torch

    from training.pretrained import opened

    found = {}
    for name in models:
        torch.manual_seed(seed)
        tokenizer, model = opened(name)
        if torch.cuda.is_available():
            model = model.to("cuda")
        listener = Listener(model, tokenizer, samples=samples, temperature=temperature)
        texts = [q.question for q in questions]
        heard = listener.hear(texts, system, limit, lambda name=name: progress(name))  # type: ignore[misc]
        found[name] = judged(questions, heard)
    return {
        "questions": len(questions),
        "system": system,
        "samples": samples,
        "temperature": temperature,
        "models": found,
    }


def save(summary: dict[str, Any], out: Path) -> Path:
    """Write `uncertainty.json`."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / "uncertainty.json"
    path.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return path


def draw(summary: dict[str, Any], out: Path) -> Path:
    """AUROC by layer for the probe, and lines for the other signals: a panel for each model."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    models = summary["models"]
    style = {"svg.fonttype": "none", "svg.hashsalt": "orson", "font.size": 9}
    with plt.rc_context({**style, "figure.constrained_layout.use": True}):
        targets = ("wrong", "not right")
        figure, axes = plt.subplots(
            len(models), 2, figsize=(8, 2.7 * len(models)), sharey=True, squeeze=False
        )
        for row, (name, found) in zip(axes, models.items(), strict=True):
            for axis, target in zip(row, targets, strict=True):
                m = found["targets"][target]
                axis.set_title(
                    f"{_short(name)}: {m['bad']} of {m['questions']} {target}", fontsize=9
                )
                axis.axhline(0.5, color="#9aa5b1", linewidth=0.8)
                axis.set_ylim(0.25, 1.0)
                axis.set_xlabel("layer")
                if not m["layers"]:
                    axis.text(0.5, 0.5, "too few to say", transform=axis.transAxes, ha="center")
                    continue
                axis.plot(
                    range(len(m["layers"])), m["layers"], "o-", color="#3d6fb6", label="probe"
                )
                for key, colour in (
                    ("neuron", "#c8553d"),
                    ("logprob", "#8a6d3b"),
                    ("consistency", "#2a7f62"),
                ):
                    if m[key] is not None:
                        axis.axhline(m[key], color=colour, linestyle="--", label=key)
                axis.legend(frameon=False, fontsize=7, ncols=2, loc="lower right")
            row[0].set_ylabel("AUROC")
        path = out / "uncertainty.svg"
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
        return path


def _short(name: str) -> str:
    parts = Path(name).parts
    return "/".join(parts[-2:])
