"""Gather all that a training run reads into one small folder, for a machine that has nothing else.

    python -m training.prepare --data DIR --out DIR --vocab 4096

The raw data that training reads, and the vocabulary. Everything else (people who never lived,
texts, conversations) is made while training, from these and a seed.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from training.pretrain import vocabulary

FILES = (
    "people.jsonl.gz",
    "countries.json",
    "elements.json.gz",
    "first_names.txt",
    "surnames.txt",
    "nq_open.jsonl",
    "simpleqa.jsonl",
)


def prepare(data: Path, out: Path, vocab: int, seed: int = 1) -> int:
    """Fill the folder; its size in bytes."""
    out.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(data / name, out / name)
    (out / "tokenizer.json").unlink(missing_ok=True)
    vocabulary(out, vocab, seed, out / "tokenizer.json")
    return sum(file.stat().st_size for file in out.iterdir())


def main() -> None:
    """Gather and say how much it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vocab", type=int, default=4096)
    args = parser.parse_args()
    print(f"{prepare(args.data, args.out, args.vocab):,} bytes in {args.out}")


if __name__ == "__main__":
    main()
