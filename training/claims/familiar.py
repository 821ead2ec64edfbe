"""Does the base carry, before it answers, whether it has read of somebody? A linear probe says.

    python -m training.claims.familiar --base DIR

Refusing by familiarity can only be taught where it does.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from training.chat import TOOLS_OFF
from training.claims import base_model, measure
from training.claims.people import People, Person
from training.model import Llama
from training.render import Renderer

States = npt.NDArray[np.float32]


@torch.no_grad()
def states(
    model: Llama, renderer: Renderer, people: Sequence[Person], seed: int
) -> tuple[States, States]:
    """At the last token before an answer: the state (questions, layers, width), and how probable
    the likeliest first token of the answer is (questions)."""
    rows, sure = [], []
    for asked in measure.questions(people, Random(seed), each=2):
        ids = torch.tensor([measure.prompt(renderer, asked, TOOLS_OFF)])
        x, cos, sin = model.embed(ids), model.cos[: ids.shape[1]], model.sin[: ids.shape[1]]
        layers = []
        for block in model.blocks:
            x, _ = block(x, cos, sin)
            layers.append(x[0, -1])
        rows.append(torch.stack(layers))
        logits = F.linear(model.norm(x[0, -1]), model.embed.weight)
        sure.append(torch.softmax(logits, -1).max())
    return torch.stack(rows).numpy(), torch.stack(sure).numpy()


def aurocs(model: Llama, renderer: Renderer, people: People) -> dict[str, list[float] | float]:
    """Known against never read of, for people whom the probe was not fitted to.

    `layers` is a logistic probe on each layer's state, `probability` the model's own confidence in
    the first token of its answer, which needs no fitting.
    """
    groups = (people.known, people.unseen[:1000], people.known_test, people.unseen_test)
    (known, _), (never, _), (known_test, sure), (never_test, unsure) = (
        states(model, renderer, group, seed) for seed, group in enumerate(groups, 1)
    )
    truth = np.repeat((1, 0), (len(known_test), len(never_test)))
    found = []
    for layer in range(known.shape[1]):
        probe = make_pipeline(
            StandardScaler(), LogisticRegression(C=0.03, max_iter=500, class_weight="balanced")
        )
        probe.fit(
            np.concatenate((known[:, layer], never[:, layer])),
            np.repeat((1, 0), (len(known), len(never))),
        )
        scores = probe.decision_function(
            np.concatenate((known_test[:, layer], never_test[:, layer]))
        )
        found.append(round(float(roc_auc_score(truth, scores)), 4))
    own = float(roc_auc_score(truth, np.concatenate((sure, unsure))))
    return {"layers": found, "probability": round(own, 4)}


def main() -> None:
    """Print what the probe says of a base, before anything is spent on teaching it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    print(json.dumps(aurocs(*base_model.load(args.base))))


if __name__ == "__main__":
    main()
