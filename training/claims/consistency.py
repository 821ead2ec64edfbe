"""Claim: a model that says the same each time is right. Is asking three times enough?

    python -m training.claims.consistency --base DIR

The base, untaught, is asked once greedily and nine times at temperature 0.7, in other wordings.
The share of the first k samples that say what the greedy answer says must tell whether that answer
is right, for k = 1, 3, 5 and 9.
"""

from __future__ import annotations

from random import Random

from sklearn.metrics import roc_auc_score

from training.chat import TOOLS_OFF
from training.claims import draw, measure, study, texts
from training.claims.people import CITIES, FIRMS, LANGUAGES
from training.generate import complete

SAMPLES, TEMPERATURE, KS = 9, 0.7, (1, 3, 5, 9)


def value(text: str) -> str:
    """The value an answer gives, whichever it is; what the answers are compared by."""
    return next((v for v in (*CITIES, *LANGUAGES, *FIRMS) if text.strip().startswith(v)), "")


def main() -> None:
    """Ask, compare, keep, draw."""
    here = study.begin("consistency", __doc__)
    people, renderer, rng = here.people, here.renderer, Random(4)
    everybody = (*people.known_test, *people.graded, *people.unseen_test[:60])
    asked = measure.questions(everybody, rng, each=2)
    greedy = measure.ask(here.model, renderer, asked, tools=False)
    prompts = []
    for one in asked:
        for _ in range(SAMPLES):
            again = measure.Asked(
                one.person, one.attribute, texts.ask(one.person, one.attribute, rng)
            )
            prompts.append(measure.prompt(renderer, again, TOOLS_OFF))
    said = [
        renderer.tokenizer.decode(ids)
        for ids in complete(
            here.model, prompts, limit=measure.ANSWER, temperature=TEMPERATURE, seed=4
        )
    ]
    right = [h.outcome == "right" for h in greedy]
    agrees = [
        [value(t) == value(h.text) for t in said[at * SAMPLES :][:SAMPLES]]
        for at, h in enumerate(greedy)
    ]
    points = []
    for k in KS:
        share = [sum(row[:k]) / k for row in agrees]
        whole = [r for r, s in zip(right, share, strict=True) if s == 1]
        curve = []
        for count in range(k + 1):
            marks = [r for r, row in zip(right, agrees, strict=True) if sum(row[:k]) == count]
            curve.append(
                {
                    "agree": count,
                    "of": k,
                    "questions": len(marks),
                    "right": round(sum(marks) / len(marks), 4) if marks else None,
                }
            )
        points.append(
            {
                "k": k,
                "auroc": round(float(roc_auc_score(right, share)), 4),
                "all agree: share of questions": round(len(whole) / len(right), 4),
                "all agree: right": round(sum(whole) / len(whole), 4),
                "right ones that all agree on": round(sum(whole) / sum(right), 4),
                "curve": curve,
            }
        )
        print(points[-1], flush=True)
    kept = here.keep(
        {
            "questions": len(asked),
            "right": round(sum(right) / len(right), 4),
            "temperature": TEMPERATURE,
            "points": points,
        }
    )
    draw.consistency(kept)


if __name__ == "__main__":
    main()
