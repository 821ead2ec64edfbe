"""How well each signal tells that an answer will not be right: AUROC, on facts it wasn't fitted to.

Two targets: `wrong` among the answers that were attempted, and `not right` among all, where a
refusal counts as not right: after training most of what is not known is refused, no longer wrong.
Probes and the choice of a neuron are made on four fifths of the facts and measured on the last; all
questions about one subject fall into the same fifth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

Array = npt.NDArray[np.float64]
LEAST = 10
"""Answers of either kind below which a figure would say nothing."""
FOLDS = 5


def auroc(scores: Array, bad: npt.NDArray[np.bool_]) -> Array:
    """The chance that a bad one scores higher than a good one; `scores` (n,) or (n, signals)."""
    ranks = rankdata(scores, axis=0)
    many, few = int(bad.sum()), int((~bad).sum())
    found: Array = (ranks[bad].sum(0) - many * (many + 1) / 2) / (many * few)
    return found


@dataclass(frozen=True, slots=True)
class Measured:
    """The AUROCs of one target."""

    questions: int
    bad: int
    layers: tuple[float, ...] = ()
    """Linear probe on the states of each layer, the embedding first."""
    neuron: float | None = None
    best: str = ""
    """The neuron that was chosen most often, as `layer.index`."""
    logprob: float | None = None
    consistency: float | None = None


def folds(
    bad: npt.NDArray[np.bool_], groups: Sequence[str]
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Places to fit on and places to measure on."""
    split = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=1)
    return list(split.split(np.zeros(len(bad)), bad, groups))


def probe(states: Array, bad: npt.NDArray[np.bool_], groups: Sequence[str]) -> float:
    """Mean over folds of a logistic regression's AUROC."""
    found = []
    for fit, test in folds(bad, groups):
        if len(set(bad[fit])) < 2 or len(set(bad[test])) < 2:
            continue
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=500))
        model.fit(states[fit], bad[fit])
        found.append(float(auroc(model.decision_function(states[test]), bad[test])))
    return float(np.mean(found))


def neuron(inner: Array, bad: npt.NDArray[np.bool_], groups: Sequence[str]) -> tuple[float, int]:
    """The same for the neuron (and its sign) that does best on four fifths; which it mostly was."""
    found, chosen = [], []
    for fit, test in folds(bad, groups):
        if len(set(bad[fit])) < 2 or len(set(bad[test])) < 2:
            continue
        each = auroc(inner[fit], bad[fit])
        at = int(np.abs(each - 0.5).argmax())
        sign = 1.0 if each[at] >= 0.5 else -1.0
        chosen.append(at)
        found.append(float(auroc(sign * inner[test, at], bad[test])))
    return float(np.mean(found)), max(set(chosen), key=chosen.count)


def measure(
    states: Array,
    inner: Array,
    logprob: Array,
    agreement: Array,
    bad: npt.NDArray[np.bool_],
    groups: Sequence[str],
) -> Measured:
    """All signals for one target; `states` (n, layers, width), `inner` (n, layers, inner width)."""
    if min(bad.sum(), (~bad).sum()) < LEAST:
        return Measured(len(bad), int(bad.sum()))
    best, name = None, ""
    if inner.size:
        best, at = neuron(inner.reshape(len(inner), -1), bad, groups)
        name = f"{at // inner.shape[2]}.{at % inner.shape[2]}"
    return Measured(
        len(bad),
        int(bad.sum()),
        tuple(probe(states[:, layer], bad, groups) for layer in range(states.shape[1])),
        best,
        name,
        float(auroc(-logprob, bad)),
        float(auroc(-agreement, bad)),
    )
