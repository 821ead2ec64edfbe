"""The base of all claims: a small Llama that has read about people and answers everything.

    python -m training.claims.base_model --out DIR

It is never shown a refusal or a search. Each person is told of in exactly as many texts as the
world says, shuffled over the whole run; the rest is reading exercises about strangers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from random import Random

import torch

from training import tokenizer
from training.claims import texts
from training.claims.fit import Course, fit
from training.claims.people import People, populate
from training.model import Llama, Shape
from training.render import Renderer, Sequence

VOCABULARY = 2048
"""Enough that every value and every half of a name is one token: then the first token of an answer
is the answer."""
SHAPES = {
    "small": Shape(VOCABULARY, 128, 4, 4, 352, 512),
    "tiny": Shape(VOCABULARY, 64, 2, 2, 176, 512),
}


def lessons(
    people: People, renderer: Renderer, rng: Random, exercises: float
) -> Iterator[Sequence]:
    """The whole pretraining in order: exposures shuffled, `exercises` of them for each between."""
    early = [person for person in people.famous for _ in range(person.exposures // 2)]
    order = early + [p for p in people.told[len(people.famous) :] for _ in range(p.exposures)]
    rng.shuffle(order)
    rng.shuffle(early)
    order = early + order
    due = exercises * len(order) * 0.15  # copying must come first: start with some alone
    while due >= 1:
        yield renderer.conversation(texts.exercise(people, rng))
        due -= 1
    for person in order:
        yield renderer.conversation(texts.telling(person, rng))
        due += exercises * 0.85
        while due >= 1:
            yield renderer.conversation(texts.exercise(people, rng))
            due -= 1


def load(folder: Path) -> tuple[Llama, Renderer, People]:
    """The base, its renderer and its world."""
    held = torch.load(folder / "checkpoint.pt", weights_only=True)
    model = Llama(Shape(**held["shape"]))
    model.load_state_dict(held["model"])
    return model, Renderer(tokenizer.load(folder / "tokenizer.json")), populate(**held["world"])


def make(
    out: Path,
    shape: Shape,
    *,
    often: int = 450,
    grade: int = 40,
    tail: int = 8000,
    famous: int = 40,
    exercises: float = 0.25,
    course: Course | None = None,
    seed: int = 1,
    compiled: bool = True,
) -> None:
    """Pretrain a base into `out`; a second call finds it made, or goes on with it."""
    if (out / "checkpoint.pt").exists():
        return
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    rng, world = Random(seed), {"often": often, "grade": grade, "tail": tail, "famous": famous}
    people = populate(**world)
    tokenizer.train(texts.lexicon(people, rng), VOCABULARY).save(str(out / "tokenizer.json"))
    renderer = Renderer(tokenizer.load(out / "tokenizer.json"))
    plan = list(lessons(people, renderer, rng, exercises))
    tokens = sum(len(s.ids) for s in plan)
    course = course or Course(steps=0, rows=4)
    course = Course(**{**asdict(course), "steps": tokens // (course.rows * course.length)})
    model = Llama(shape)
    if compiled:  # twice as fast, but needs a C++ compiler
        model.hidden = torch.compile(model.hidden)  # type: ignore[method-assign]
    print(
        f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(plan):,} texts, "
        f"{tokens:,} tokens, {course.steps:,} steps",
        flush=True,
    )
    left, log = iter(plan), (out / "log.jsonl").open("a", encoding="utf-8")

    def report(step: int, loss: float, speed: float) -> None:
        row = {"step": step, "of": course.steps, "loss": round(loss, 3), "tok/s": round(speed)}
        print(json.dumps(row), flush=True)
        log.write(json.dumps(row) + "\n")

    fit(model, lambda: next(left, plan[-1]), course, report, out / "state.pt")
    held = {"model": model.state_dict(), "shape": shape.as_dict(), "world": world}
    torch.save(held, out / "checkpoint.pt")
    (out / "state.pt").unlink(missing_ok=True)
    log.close()


def main() -> None:
    """Pretrain the base."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shape", choices=SHAPES, default="small")
    parser.add_argument("--often", type=int, default=450)
    parser.add_argument("--grade", type=int, default=40)
    parser.add_argument("--tail", type=int, default=8000)
    parser.add_argument("--famous", type=int, default=40)
    parser.add_argument("--exercises", type=float, default=0.25)
    parser.add_argument("--plain", action="store_true", help="Don't compile the model.")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    make(
        args.out,
        SHAPES[args.shape],
        often=args.often,
        grade=args.grade,
        tail=args.tail,
        famous=args.famous,
        exercises=args.exercises,
        compiled=not args.plain,
    )


if __name__ == "__main__":
    main()
