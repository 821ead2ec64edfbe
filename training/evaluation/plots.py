"""Runs as pictures: figures against their targets, grades by kind, and results by group.

Needs matplotlib (the `train` extra); imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.evaluation import bundled
from training.evaluation.intervals import wilson
from training.evaluation.report import groups, is_bundled, kinds, measures
from training.evaluation.running import Run

GRADES = {"correct": "#2a9d5c", "not_attempted": "#b9c0c8", "incorrect": "#d1495b"}
LEAST_IN_GROUP = 5
"""A group of fewer questions says nothing that is worth a bar."""


def draw(runs: Sequence[Run], folder: Path) -> list[Path]:
    """Draw all that these runs give; the files.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    name = runs[0].suite.name
    files = [_figures(runs, folder / f"{name}-metrics.png")]
    files.append(_grades(runs, folder / f"{name}-grades.png"))
    if any(map(_grouped, runs)):
        files.append(_groups(runs, folder / f"{name}-groups.png"))
    return files


def _figures(runs: Sequence[Run], path: Path) -> Path:
    """The headline shares with their intervals; a line where each target lies."""
    import matplotlib.pyplot as plt

    found = [measures(run) for run in runs]
    names = [name for name in found[0] if any(each[name].good is not None for each in found)]
    figure, axes = plt.subplots(figsize=(8, 0.32 * len(names) * max(1, len(runs)) ** 0.5 + 1.4))
    height = 0.8 / len(runs)
    for at, (run, each) in enumerate(zip(runs, found, strict=True)):
        shown = [(y, each[name]) for y, name in enumerate(names) if each[name].value is not None]
        places = [y + (at - (len(runs) - 1) / 2) * height for y, _ in shown]
        values = [100 * (m.value or 0) for _, m in shown]
        low = [100 * max(0, (m.value or 0) - (m.low or 0)) for _, m in shown]
        high = [100 * max(0, (m.high or 0) - (m.value or 0)) for _, m in shown]
        axes.barh(places, values, height * 0.9, label=run.target.name)
        axes.errorbar(values, places, xerr=[low, high], fmt="none", ecolor="#333", capsize=2)
    if all(map(is_bundled, runs)):
        for y, name in enumerate(names):
            wanted = 100 * bundled.target(name)[1]
            axes.plot([wanted, wanted], [y - 0.45, y + 0.45], color="black", linewidth=2)
    labels = [
        f"{name} {bundled.target(name)[0]}" if is_bundled(runs[0]) else name for name in names
    ]
    axes.set_yticks(range(len(names)), labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("% (95 % interval; black: target)" if is_bundled(runs[0]) else "%")
    if len(runs) > 1:
        axes.legend(loc="lower right", fontsize=8)
    return _saved(figure, path)


def _grades(runs: Sequence[Run], path: Path) -> Path:
    """Right, not attempted, wrong, by kind of question: one bar a kind and run."""
    import matplotlib.pyplot as plt

    rows = [(run, kind, marks) for run in runs for kind, marks in kinds(run).items()]
    figure, axes = plt.subplots(figsize=(8, 0.3 * len(rows) + 1.4))
    for y, (_run, _kind, marks) in enumerate(rows):
        left = 0.0
        for grade, colour in GRADES.items():
            part = 100 * sum(mark.grade == grade for mark in marks) / len(marks)
            axes.barh(y, part, left=left, color=colour, label=grade if y == 0 else None)
            left += part
    several = len(runs) > 1
    labels = [f"{kind} ({run.target.name})" if several else kind for run, kind, _ in rows]
    axes.set_yticks(range(len(rows)), labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of the questions")
    figure.legend(ncols=3, loc="upper center", fontsize=8)
    return _saved(figure, path)


def _grouped(run: Run) -> dict[str, dict[str, list[bool]]]:
    """The groups worth drawing, by kind: at least two of a kind, none too small."""
    found: dict[str, dict[str, list[bool]]] = {}
    for (kind, group), good in groups(run).items():
        if len(good) >= LEAST_IN_GROUP:
            found.setdefault(kind, {})[group] = good
    return {kind: of_kind for kind, of_kind in found.items() if len(of_kind) > 1}


def _groups(runs: Sequence[Run], path: Path) -> Path:
    """How many did well in each group, e.g. by popularity: a line a run and kind."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 4.5))
    for run in runs:
        for kind, of_kind in _grouped(run).items():
            shares = [100 * sum(good) / len(good) for good in of_kind.values()]
            spans = [wilson(sum(good), len(good)) for good in of_kind.values()]
            below = [max(0.0, s - 100 * low) for s, (low, _) in zip(shares, spans, strict=True)]
            above = [max(0.0, 100 * high - s) for s, (_, high) in zip(shares, spans, strict=True)]
            label = f"{kind}, {run.target.name}" if len(runs) > 1 else kind
            places = [f"{kind}: {group}" if len(kinds(run)) > 1 else group for group in of_kind]
            axes.errorbar(places, shares, [below, above], marker="o", capsize=2, label=label)
    axes.set_ylim(0, 103)
    axes.set_ylabel("% that did well")
    axes.tick_params(axis="x", rotation=60)
    for text in axes.get_xticklabels():
        text.set_horizontalalignment("right")
    axes.legend(fontsize=8)
    return _saved(figure, path)


def _saved(figure: Any, path: Path) -> Path:
    import matplotlib.pyplot as plt

    figure.savefig(path, dpi=130, bbox_inches="tight")
    plt.close(figure)
    return path
