"""Claim: how often something was read decides whether it is known, and whether it is refused.

    python -m training.claims.exposures --base DIR

People told of in 0 to 64 texts: what the base knows of them, and what the same base does after
2,000 examples of "I don't know" that are about other people, all of them well known or never seen.
"""

from __future__ import annotations

from random import Random

from training.claims import draw, measure, study, teach
from training.claims.people import EXPOSURES, OFTEN

COUNT = 2000


def main() -> None:
    """Teach, ask, keep, draw."""
    here = study.begin("exposures", __doc__)
    people = here.people
    groups = {
        0: people.unseen_test[:200],
        **{n: [p for p in people.graded if p.exposures == n] for n in EXPOSURES},
        OFTEN: people.known_test,
    }
    asked = {n: measure.questions(g, Random(9)) for n, g in groups.items()}

    def marked(seed: int) -> study.Point:
        model = here.pupil("refuse", COUNT, seed) if seed else here.model
        return {
            str(n): measure.shares(
                measure.ask(model, here.renderer, these, tools=False, after=False)
            )
            for n, these in asked.items()
        }

    base = here.cell("base", lambda: marked(0))
    taught = [here.cell(f"seed {s}", lambda s=s: marked(s)) for s in here.seeds]  # type: ignore[misc]
    points = [
        {
            "exposures": n,
            "people": len(groups[n]),
            "questions": len(these),
            "base": base[str(n)],
            "taught": [t[str(n)] for t in taught],
            "taught, mean and 95 % interval": measure.spread(
                [t[str(n)] for t in taught], len(groups[n])
            ),
        }
        for n, these in asked.items()
    ]
    kept = here.keep(
        {
            "examples": COUNT,
            "steps, at least": teach.COURSE.steps,
            "seeds": here.seeds,
            "points": points,
        }
    )
    draw.exposures(kept)


if __name__ == "__main__":
    main()
