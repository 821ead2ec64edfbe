"""What both stages of training share: their options, and from them the feed and the loop."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from random import Random
from typing import Any

import torch

from training import device as devices
from training import loop
from training.feed import Beside, Feed, Here, Rows
from training.model import Llama
from training.recipe import Recipe, Texts


def options(about: str | None) -> argparse.ArgumentParser:
    """The options that both stages have."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokens", type=int, default=0, help="train so many instead of minutes")
    parser.add_argument("--passages", type=float, help="loss weight of search results")
    parser.add_argument("--prose", type=float, default=0.0, help="share of real articles as such")
    parser.add_argument("--reading", type=float, default=3.0, help="loss weight of read answers")
    parser.add_argument("--quiz", type=float, default=0.2, help="share of known facts in a row")
    parser.add_argument("--mix", type=json.loads, default={}, help='e.g. {"known": 0.6}')
    parser.add_argument("--fall-from", type=float, help="share of it at full rate")
    parser.add_argument("--floor", type=float, help="what the rates fall to")
    parser.add_argument("--top", type=float, default=1.0, help="first factor on the step sizes")
    parser.add_argument("--warmup", type=int, help="steps in which the rates rise")
    parser.add_argument("--device", choices=devices.CHOICES, default="auto")
    parser.add_argument("--no-compile", action="store_true")
    parser.add_argument("--bfloat16", action="store_true", help="on a CPU too")
    parser.add_argument("--quantised", action="store_true", help="learn to bear 4 bits a weight")
    parser.add_argument("--adamw", type=float, help="its step size, for all weights, without Muon")
    workers = parser.add_argument_group(
        "beside the training", "With --workers, batches are made by processes of their own."
    )
    workers.add_argument("--workers", type=int, default=0)
    workers.add_argument("--rows", type=int, default=64, help="rows of a batch")
    workers.add_argument("--length", type=int, default=1025, help="tokens of a row")
    workers.add_argument("--long", type=float, default=0.06, help="share of long conversations")
    parser.add_argument("--save-every", type=float, default=240, help="seconds")
    return parser


def train(
    args: argparse.Namespace, model: Llama, recipe: Recipe, held: dict[str, Any] | None
) -> None:
    """Train on from what is `held`, as the options say."""
    device = devices.chosen(args.device)
    steps, tokens = (int(held.get(k, 0)) if held else 0 for k in ("steps", "tokens"))
    feed: Feed
    if args.workers:
        rows = Rows(args.rows, args.length, args.long, steps, tokens)
        feed = Beside(recipe, rows, args.seed, args.workers)
    else:
        feed = Here(Texts(recipe, Random(args.seed + tokens)))
    size = sum(p.numel() for p in model.parameters())
    print(f"{size:,} parameters on {devices.named(device)}", flush=True)
    torch.manual_seed(args.seed)
    plan = loop.Plan(
        args.minutes,
        args.adamw or loop.MATRIX_RATE,
        args.adamw or loop.OTHER_RATE,
        muon=args.adamw is None,
        warmup=args.warmup,
        top=args.top,
        fall_from=args.fall_from,
        floor=args.floor,
        tokens=args.tokens,
        save_every=args.save_every,
    )
    compiled = not args.no_compile
    if not loop.run(
        model,
        feed,
        plan,
        args.out,
        held=held,
        device=device,
        compiled=compiled,
        half=args.bfloat16,
        quantised=args.quantised,
    ):
        raise SystemExit("stopped by a signal, and saved: the same command goes on from here")
