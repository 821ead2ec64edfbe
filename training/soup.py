"""The mean of two models of one shape: what one gained, without losing all that the other had.

python -m training.soup --first DIR --second DIR --share 0.7 --out DIR
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch

from training import warm


def main() -> None:
    """Weigh the second model by `--share`, the first by the rest, and write a checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=Path, required=True)
    parser.add_argument("--second", type=Path, required=True)
    parser.add_argument("--share", type=float, default=0.7)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    one, (model, _) = warm.start(args.first)[0].state_dict(), warm.start(args.second)
    two = model.state_dict()
    mean = {name: args.share * two[name] + (1 - args.share) * one[name] for name in two}
    held = {"model": mean, "shape": model.shape.as_dict()}
    torch.save(held, args.out / "checkpoint.pt")
    shutil.copyfile(args.first / "tokenizer.json", args.out / "tokenizer.json")


if __name__ == "__main__":
    main()
