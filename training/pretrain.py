"""Stage one: teach facts, reading and the chat format together, from nothing.

python -m training.pretrain --data DIR --out DIR --minutes 60
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import torch

from training import known, loop, stage, tokenizer
from training.chat import Conversation, Searched
from training.compose import Composer
from training.model import Llama, Shape
from training.recipe import Recipe, composer

EARLY = 1_200_000  # tokens of the warm-up on a CPU


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


def vocabulary(data: Path, size: int, seed: int, path: Path) -> Path:
    """The vocabulary's file, made where it is not there yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        tokenizer.train(sample(composer(data, Random(seed))), size).save(str(path))
    return path


def main() -> None:
    """Train, or go on from the checkpoint in the output folder."""
    parser = stage.options(__doc__)
    parser.set_defaults(passages=0.5, fall_from=0.5, floor=0.35, warmup=60)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vocab", type=int, default=2560)
    parser.add_argument("--width", type=int, default=160)
    parser.add_argument("--layers", type=int, default=5)
    parser.add_argument("--early", type=int, default=EARLY, help="tokens of the warm-up")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    words = vocabulary(args.data, args.vocab, args.seed, args.out / "tokenizer.json")
    held, saved = None, args.out / "checkpoint.pt"
    if saved.exists():
        model, held = loop.restore(saved)
    else:
        hidden = round(args.width * 8 / 3 / 16) * 16
        model = Llama(Shape(args.vocab, args.width, args.layers, args.width // 32, hidden))
    recipe = Recipe(
        args.data,
        words,
        args.mix,
        copies=0.03,
        documents=0.22,
        quiz=args.quiz,
        long=(4, 12),
        steady=0.6,
        passages=args.passages,
        reading=args.reading,
        early=args.early,
    )
    stage.train(args, model, recipe, held)


if __name__ == "__main__":
    main()
