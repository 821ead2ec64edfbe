"""Claim: a few thousand examples are enough. *When* to search and *how* to are measured apart.

    python -m training.claims.few --base DIR

125 to 4,000 examples, three seeds each; each example is seen once, or more often until 150 steps
are done. *When*: known facts of other people answered at once, people never told of searched for.
*How*: the search is opened for the model; its query must hold the whole name, and its answer the
fact that the results tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from training.claims import draw, measure, study, teach

COUNTS = (125, 250, 500, 1000, 2000, 4000)
SHARES = (
    "known: answered at once",
    "known: right at once",
    "unknown: searched",
    "query holds the name",
    "read right, of found",
    "query and answer right",
)


def main() -> None:
    """Teach, ask, keep, draw."""
    here = study.begin("few", __doc__)
    known = here.known(here.people.known_test)
    never = measure.questions(here.people.unseen_test[:200], Random(9), each=1)

    def marked(count: int, seed: int) -> study.Point:
        pupil = here.pupil("search", count, seed)
        direct = measure.ask(pupil, here.renderer, known, tools=True, after=False)
        search = measure.ask(pupil, here.renderer, never, tools=True, after=False)
        made = measure.ask(pupil, here.renderer, never, tools=True, forced=True)
        named = [h.asked.person.name in h.query for h in made]
        read = [h.after == "right" for h in made]
        shares = (
            _share(h.outcome != "searched" for h in direct),
            _share(h.outcome == "right" for h in direct),
            _share(h.outcome == "searched" for h in search),
            _share(named),
            _share(r for r, n in zip(read, named, strict=True) if n),
            _share(n and r for r, n in zip(read, named, strict=True)),
        )
        return {"examples": count, "seed": seed, **dict(zip(SHARES, shares, strict=True))}

    points = [
        here.cell(f"{count} examples, seed {seed}", lambda c=count, s=seed: marked(c, s))  # type: ignore[misc]
        for seed in here.seeds
        for count in COUNTS
    ]
    asked = {"known": len({a.person.name for a in known}), "unknown": len(never)}
    means = [
        {
            "examples": count,
            **{
                name: measure.spread(
                    [{name: p[name]} for p in points if p["examples"] == count],
                    asked["known" if name.startswith("known") else "unknown"],
                )[name]
                for name in SHARES
            },
        }
        for count in COUNTS
    ]
    kept = here.keep(
        {
            "steps, at least": teach.COURSE.steps,
            "questions": {"known": len(known), "unknown": len(never)},
            "people": asked,
            "means and 95 % intervals": means,
            "points": points,
        }
    )
    draw.few(kept)


def _share(marks: Iterable[bool]) -> float | None:
    found = list(marks)
    return round(sum(found) / len(found), 4) if found else None


if __name__ == "__main__":
    main()
