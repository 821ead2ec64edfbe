"""Claim: a model invents until it is taught not to. One base, three models, one figure.

    python -m training.claims.hallucination --base DIR

Asked about people it has read of often, at times and never: the base as it is, the base taught
with 2,000 examples to say "I don't know", and the base taught with 2,000 to search. First a linear
probe asks the base whether it could tell them apart at all.
"""

from __future__ import annotations

from random import Random

from training.claims import draw, familiar, measure, study, teach

COUNT = 2000
TAUGHT = {'after "I don\'t know"': "refuse", "after search": "search"}


def main() -> None:
    """Teach, ask, keep, draw."""
    here = study.begin("hallucination", __doc__)
    people = here.people
    groups = {
        "often (64 texts)": people.known_test,
        "at times (4 to 16)": [p for p in people.graded if 4 <= p.exposures <= 16],
        "never": people.unseen_test[:200],
    }
    asked = {name: measure.questions(g, Random(9), each=2) for name, g in groups.items()}

    def marked(kind: str, seed: int) -> study.Point:
        model = here.pupil(kind, COUNT, seed) if kind else here.model
        return {
            group: measure.shares(measure.ask(model, here.renderer, these, tools=kind == "search"))
            for group, these in asked.items()
        }

    told = here.cell("familiarity", lambda: familiar.aurocs(here.model, here.renderer, people))
    runs = {"before": [here.cell("before", lambda: marked("", 0))]}
    for label, kind in TAUGHT.items():
        runs[label] = [
            here.cell(f"{label}, seed {s}", lambda k=kind, s=s: marked(k, s))  # type: ignore[misc]
            for s in here.seeds
        ]
    shares = {
        label: {group: [run[group] for run in each] for group in groups}
        for label, each in runs.items()
    }
    kept = here.keep(
        {
            "examples": COUNT,
            "steps, at least": teach.COURSE.steps,
            "seeds": here.seeds,
            "questions": {name: len(these) for name, these in asked.items()},
            "known facts": len(here.known(people.known)),
            "familiarity: AUROC": told,
            "people": {name: len(each) for name, each in groups.items()},
            "mean and 95 % interval": {
                label: {g: measure.spread(each[g], len(groups[g])) for g in groups}
                for label, each in shares.items()
            },
            "shares": shares,
        }
    )
    draw.hallucination(kept)


if __name__ == "__main__":
    main()
