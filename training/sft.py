"""Stage two: the same conversations, relabelled by what the probe found, at falling step sizes.

    python -m training.sft --data DIR --model DIR --out DIR --minutes 22

A fact that the probe found answered wrongly is no longer answered directly but searched for.
Search results carry no loss here; a share of stage-one documents is replayed so that nothing is
forgotten.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path
from random import Random

import torch

from training import known, loop, names, tokenizer, world
from training.compose import Composer, Mix
from training.pack import Packer
from training.render import Renderer, Sequence
from training.wordings import general_questions


def unknown(verdicts: Path) -> frozenset[tuple[str, str]]:
    """The facts to search for: those whose greedy answer was wrong.

    Facts known unsurely but answered rightly stay: rehearsing them teaches most (Gekhman et al.,
    2024, arXiv 2405.05904).
    """
    if not verdicts.exists():
        return frozenset()
    rows = json.loads(verdicts.read_text(encoding="utf-8"))
    return frozenset((r["subject"], r["attribute"]) for r in rows if not r["right"])


def main() -> None:
    """Train on, with the labels of the probe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder of stage one, probed")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=22)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--replay", type=float, default=0.12)
    parser.add_argument("--passages", type=float, default=0.0, help="loss weight of search results")
    parser.add_argument("--reading", type=float, default=3.0, help="loss weight of read answers")
    parser.add_argument("--decision", type=float, default=3.0, help="weight of first tokens")
    parser.add_argument("--quiz", type=float, default=0.2, help="share of known facts in a row")
    parser.add_argument("--top", type=float, default=0.35, help="first factor on the step sizes")
    parser.add_argument(
        "--mix", type=json.loads, default={}, help='shares to change, e.g. {"known": 0.6}'
    )
    parser.add_argument("--no-compile", action="store_true")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    here = args.out / "checkpoint.pt"
    model, held = loop.restore(here if here.exists() else args.model / "checkpoint.pt")
    if not here.exists():
        held |= {"steps": 0, "tokens": 0, "seconds": 0.0}
        shutil.copyfile(args.model / "tokenizer.json", args.out / "tokenizer.json")
    rng = Random(args.seed + int(held["tokens"]))
    questions, _ = general_questions(args.data)
    composer = Composer(
        world.load(args.data),
        names.load(args.data),
        questions,
        rng,
        replace(Mix(), **args.mix),
        unknown(args.model / "verdicts.json"),
    )
    renderer = Renderer(
        tokenizer.load(args.out / "tokenizer.json"),
        passages=args.passages,
        reading=args.reading,
        decision=args.decision,
    )
    print(f"{len(composer.known):,} facts known, {len(composer.not_known):,} not", flush=True)

    def draw() -> Sequence:
        if rng.random() < args.replay:
            return renderer.document(known.document(composer.world, rng))
        if rng.random() < args.quiz:
            return renderer.conversation(composer.quiz())
        return renderer.conversation(composer.conversation())

    def draw_long() -> Sequence:
        return renderer.conversation(composer.conversation(rng.randint(3, 12), most=6))

    loop.run(
        model,
        Packer(draw, 385),
        Packer(draw_long, 1025),
        loop.Plan(args.minutes, warmup=20, top=args.top, fall_from=0.0, floor=0.02),
        args.out,
        held=held,
        compiled=not args.no_compile,
    )


if __name__ == "__main__":
    main()
