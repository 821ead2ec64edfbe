"""Stage one: teach facts, reading and the chat format together, from nothing.

python -m training.pretrain --data DIR --out DIR --minutes 60
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import torch

from training import copying, known, loop, names, tokenizer, world
from training.chat import Conversation, Searched
from training.compose import Composer, Mix
from training.model import Llama, Shape
from training.pack import Packer
from training.render import Renderer, Sequence
from training.wordings import general_questions

EARLY = 1_200_000  # tokens of the warm-up, with more copying and fewer distractors


def sample(composer: Composer) -> Iterator[str]:
    """Text for the vocabulary: conversations, documents, and many names."""
    rng = composer.rng

    def said(talk: Conversation) -> Iterator[str]:
        for turn in talk.turns:
            yield turn.user
            for part in turn.parts:
                yield from (
                    (" " + part.query, part.block)
                    if isinstance(part, Searched)
                    else (" " + part.text,)
                )

    for _ in range(3000):
        yield from said(composer.conversation())
        yield " " + known.document(composer.world, rng)
    for _ in range(20_000):
        yield " " + composer.names.invent(rng)
    yield from (" " + person.name for person in composer.world.train)


def main() -> None:
    """Train, or go on from the checkpoint in the output folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vocab", type=int, default=2560)
    parser.add_argument("--width", type=int, default=160)
    parser.add_argument("--layers", type=int, default=5)
    parser.add_argument("--passages", type=float, default=0.5, help="loss weight of search results")
    parser.add_argument("--reading", type=float, default=3.0, help="loss weight of read answers")
    parser.add_argument("--quiz", type=float, default=0.2, help="share of known facts in a row")
    parser.add_argument("--fall-from", type=float, default=0.5, help="share of time at full rate")
    parser.add_argument("--floor", type=float, default=0.35, help="what the rates fall to")
    parser.add_argument("--mix", type=json.loads, default={}, help='e.g. {"known": 0.6}')
    parser.add_argument("--no-compile", action="store_true")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    resumed, saved = None, args.out / "checkpoint.pt"
    if saved.exists():
        model, resumed = loop.restore(saved)
        args.seed += int(resumed["tokens"])
    rng = Random(args.seed)
    questions, _ = general_questions(args.data)
    composer = Composer(world.load(args.data), names.load(args.data), questions, rng)
    words = args.out / "tokenizer.json"
    if not words.exists():
        tokenizer.train(sample(composer), args.vocab).save(str(words))
    renderer = Renderer(tokenizer.load(words), passages=args.passages, reading=args.reading)
    if resumed is None:
        heads = args.width // 32
        hidden = round(args.width * 8 / 3 / 16) * 16
        model = Llama(Shape(args.vocab, args.width, args.layers, heads, hidden))
    print(
        f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(composer.known):,} facts",
        flush=True,
    )
    warm = {"on": True}

    def draw() -> Sequence:
        kind, copies = rng.random(), 0.20 if warm["on"] else 0.03
        if kind < copies:
            return renderer.document(copying.document(composer.names, rng))
        if kind < copies + 0.22:
            return renderer.document(
                " ".join(known.document(composer.world, rng) for _ in range(rng.choice((1, 2))))
            )
        if rng.random() < args.quiz:
            return renderer.conversation(composer.quiz())
        return renderer.conversation(composer.conversation())

    def draw_long() -> Sequence:
        if rng.random() < 0.6:
            return renderer.conversation(composer.conversation(rng.randint(4, 12), most=6))
        return draw()

    def progress(spent: float, tokens: int) -> None:
        warm["on"] = tokens < EARLY
        composer.mix = replace(Mix(distractors=1) if warm["on"] else Mix(), **args.mix)

    loop.run(
        model,
        Packer(draw, 385),
        Packer(draw_long, 1025),
        loop.Plan(args.minutes, fall_from=args.fall_from, floor=args.floor),
        args.out,
        held=resumed,
        progress=progress,
        compiled=not args.no_compile,
    )


if __name__ == "__main__":
    main()
