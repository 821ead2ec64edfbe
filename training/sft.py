"""Stage two: the same conversations, relabelled by what the probe found, at falling step sizes.

    python -m training.sft --data DIR --model DIR --out DIR --minutes 22

A fact that the probe found answered wrongly is no longer answered directly but searched for.
Search results carry no loss here; a share of stage-one documents is replayed so that nothing is
forgotten.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from training import quantise, stage, warm
from training.recipe import Recipe


def main() -> None:
    """Train on, with the labels of the probe."""
    parser = stage.options(__doc__)
    parser.set_defaults(passages=0.0, fall_from=0.0, floor=0.02, top=0.35, warmup=20)
    parser.add_argument(
        "--model", type=Path, required=True, help="folder of a checkpoint or of an export"
    )
    parser.add_argument("--minutes", type=float, default=22)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--replay", type=float, default=0.12)
    parser.add_argument("--decision", type=float, default=3.0, help="weight of first tokens")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    here, words = args.out / "checkpoint.pt", args.out / "tokenizer.json"
    model, held = warm.start(args.out if here.exists() else args.model)
    if not here.exists():
        held |= {"steps": 0, "tokens": 0, "seconds": 0.0}
        shutil.copyfile(args.model / "tokenizer.json", words)
        if args.quantised:
            quantise.unpacked(model, args.seed)
    recipe = Recipe(
        args.data,
        words,
        args.mix,
        args.model / "verdicts.json",
        documents=args.replay,
        prose=args.prose,
        quiz=args.quiz,
        passages=args.passages,
        reading=args.reading,
        decision=args.decision,
    )
    stage.train(args, model, recipe, held)


if __name__ == "__main__":
    main()
