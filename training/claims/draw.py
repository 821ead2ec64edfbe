"""The claims' figures, from the points that were measured: small SVG files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

from training.evaluation.intervals import wilson

GOOD, BAD, NEUTRAL, SEARCH = "#2a7f62", "#c8553d", "#9aa5b1", "#3d6fb6"
MISREAD = "#b9cbe6"
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "orson",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "figure.constrained_layout.use": True,
}


def opened(path: Path) -> dict[str, Any]:
    """The points of a claim."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def mean(values: list[float]) -> float:
    """The mean of some numbers."""
    return sum(values) / len(values)


def saved(figure: Any, path: Path) -> Path:
    """Write the figure beside its points."""
    target = path.with_suffix(".svg")
    figure.savefig(target, metadata={"Date": None})
    plt.close(figure)
    return target


def hallucination(path: Path) -> Path:
    """Bars of outcomes: three models by three kinds of people; error bars of what is invented."""
    points = opened(path)
    found = points["shares"]
    groups = list(next(iter(found.values())))
    parts = {
        GOOD: ("right",),
        SEARCH: ("searched, right",),
        NEUTRAL: ("refused", "searched, refused"),
        MISREAD: ("searched, wrong",),
        BAD: ("wrong",),
    }
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, len(groups), figsize=(8, 2.8), sharey=True)
        for axis, group in zip(axes, groups, strict=True):
            of = points["people"][group]
            for at, model in enumerate(found):
                bottom = share = 0.0
                for colour, names in parts.items():
                    share = mean(
                        [sum(run.get(n, 0.0) for n in names) for run in found[model][group]]
                    )
                    axis.bar(at, 100 * share, bottom=100 * bottom, color=colour, width=0.7)
                    bottom += share
                low, high = wilson(round(share * of), of)
                error = [[100 * max(0.0, high - share)], [100 * max(0.0, share - low)]]
                axis.errorbar(at, 100 * (1 - share), error, color="black", capsize=3, lw=1)
            axis.set_title(f"told of {group}", fontsize=9)
            axis.set_xticks(range(len(found)), [m.replace("after ", "after\n") for m in found])
        axes[0].set_ylabel("% of questions")
        handles = [plt.Rectangle((0, 0), 1, 1, color=c) for c in parts]
        labels = ["right", "searched, right", '"I don\'t know"', "searched, wrong", "invented"]
        figure.legend(handles, labels, loc="outside upper center", ncols=5, frameon=False)
        return saved(figure, path)


def few(path: Path) -> Path:
    """Decisions right by number of examples, *when* and *how* apart."""
    points = opened(path)["points"]
    panels = {
        "when to search": {"known: answered at once": GOOD, "unknown: searched": SEARCH},
        "how to search": {
            "query holds the name": NEUTRAL,
            "read right, of found": GOOD,
            "query and answer right": SEARCH,
        },
    }
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, 2, figsize=(8, 3), sharey=True)
        counts = sorted({p["examples"] for p in points})
        for axis, (title, lines) in zip(axes, panels.items(), strict=True):
            for name, colour in lines.items():
                runs = [
                    [100 * p[name] for p in points if p["examples"] == n and p[name] is not None]
                    for n in counts
                ]
                axis.plot(counts, [mean(r) for r in runs], "o-", color=colour, label=name)
                axis.fill_between(
                    counts, [min(r) for r in runs], [max(r) for r in runs], color=colour, alpha=0.15
                )
            axis.set_xscale("log", base=2)
            axis.set_xticks(counts, [f"{n:,}" for n in counts])
            axis.set_xlabel("examples")
            axis.set_title(title, fontsize=9)
            axis.legend(frameon=False, fontsize=8)
        axes[0].set_ylabel("% (mean and range of three seeds)")
        axes[0].set_ylim(0, 103)
        return saved(figure, path)


def consistency(path: Path) -> Path:
    """Being right by how many samples agree, and how well that tells right from wrong."""
    found = opened(path)
    with plt.rc_context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
        for point, colour in zip(found["points"], (NEUTRAL, BAD, GOOD, SEARCH), strict=True):
            curve = [c for c in point["curve"] if c["right"] is not None]
            left.plot(
                [100 * c["agree"] / c["of"] for c in curve],
                [100 * c["right"] for c in curve],
                "o-",
                color=colour,
                label=f"k = {point['k']}",
            )
        left.set_xlabel("% of samples that agree with the greedy answer")
        left.set_ylabel("% right")
        left.legend(frameon=False)
        ks = [str(p["k"]) for p in found["points"]]
        right.plot(ks, [p["auroc"] for p in found["points"]], "o-", color=SEARCH, label="AUROC")
        right.plot(
            ks,
            [p["all agree: right"] for p in found["points"]],
            "o-",
            color=GOOD,
            label="right, when all agree",
        )
        right.plot(
            ks,
            [p["right ones that all agree on"] for p in found["points"]],
            "o-",
            color=NEUTRAL,
            label="right ones all agree on",
        )
        right.set_xlabel("samples")
        right.set_ylim(0.5, 1.01)
        right.legend(frameon=False)
        return saved(figure, path)


def exposures(path: Path) -> Path:
    """Knowing and refusing by the number of texts that told of somebody."""
    points = opened(path)["points"]
    with plt.rc_context(STYLE):
        figure, axis = plt.subplots(figsize=(6, 3))
        at = range(len(points))
        lines = {
            "base: right": (GOOD, "--", [[p["base"].get("right", 0.0)] for p in points]),
            "taught: right": (
                GOOD,
                "-",
                [[t.get("right", 0.0) for t in p["taught"]] for p in points],
            ),
            'taught: "I don\'t know"': (
                NEUTRAL,
                "-",
                [[t.get("refused", 0.0) for t in p["taught"]] for p in points],
            ),
            "taught: wrong": (
                BAD,
                "-",
                [[t.get("wrong", 0.0) for t in p["taught"]] for p in points],
            ),
        }
        for name, (colour, dash, runs) in lines.items():
            axis.plot(at, [100 * mean(r) for r in runs], "o", ls=dash, color=colour, label=name)
            axis.fill_between(
                at,
                [100 * min(r) for r in runs],
                [100 * max(r) for r in runs],
                color=colour,
                alpha=0.15,
            )
            for x, point, shares in zip(at, points, runs, strict=True):
                share, of = mean(shares), point["people"]
                low, high = wilson(round(share * of), of)
                error = [[100 * max(0.0, share - low)], [100 * max(0.0, high - share)]]
                axis.errorbar(x, 100 * share, error, color=colour, capsize=2, lw=0.8)
        axis.set_xticks(at, [str(p["exposures"]) for p in points])
        axis.set_xlabel("texts in pretraining that tell of the person")
        axis.set_ylabel("% of questions")
        axis.legend(frameon=False, fontsize=8)
        return saved(figure, path)
