"""What the claims share: where the base is, and how a claim's points are kept."""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import torch

from training.claims import base_model, measure, teach
from training.claims.people import People, Person
from training.model import Llama
from training.render import Renderer

Point = dict[str, Any]


@dataclass(slots=True)
class Study:
    """One claim being measured."""

    name: str
    out: Path
    model: Llama
    renderer: Renderer
    people: People
    seeds: tuple[int, ...]
    base: Path
    """Its folder; what was taught and measured is kept beside it, so that a killed run goes on."""
    facts: list[measure.Asked] = field(default_factory=list)
    """Known ones to teach with, once they have been asked for."""

    def cell(self, key: str, measured: Callable[[], Point]) -> Point:
        """One measurement, made once: found again under the same key in a later run."""
        path = self.base / f"{self.name}.jsonl"
        rows = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        kept = {row["key"]: row["cell"] for row in map(json.loads, rows)}
        found: Point | None = kept.get(key)
        if found is None:
            began = time.monotonic()
            found = measured()
            row = {"key": key, "seconds": round(time.monotonic() - began), "cell": found}
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        print(key, json.dumps(found), flush=True)
        return found

    def known(self, people: Sequence[Person]) -> list[measure.Asked]:
        """Questions on those of their facts that the base answers rightly."""
        asked = measure.questions(people, Random(1), held=False)
        heard = measure.ask(self.model, self.renderer, asked, tools=False, after=False)
        return [h.asked for h in heard if h.outcome == "right"]

    def pupil(self, kind: teach.Kind, count: int, seed: int) -> Llama:
        """The base after `count` examples; several claims ask the same ones."""
        path = self.base / "taught" / f"{kind}-{count}-{seed}.pt"
        if path.exists():
            pupil = Llama(self.model.shape)
            pupil.load_state_dict(torch.load(path, weights_only=True))
            return pupil
        self.facts = self.facts or self.known(self.people.known)
        facts = [(asked.person, asked.attribute) for asked in self.facts]
        lessons = teach.examples(kind, facts, self.people, count, Random(seed))
        pupil = teach.taught(self.model, self.renderer, lessons, seed)
        path.parent.mkdir(exist_ok=True)
        half = path.with_suffix(f".{os.getpid()}")  # claims that run side by side share these
        torch.save(pupil.state_dict(), half)
        half.replace(path)
        return pupil

    def keep(self, points: dict[str, Any]) -> Path:
        """Write what was measured, and with what."""
        self.out.mkdir(parents=True, exist_ok=True)
        about = {
            "claim": self.name,
            "parameters": sum(p.numel() for p in self.model.parameters()),
            "machine": f"{platform.machine()}, {torch.get_num_threads()} thread(s)",
        }
        path = self.out / f"{self.name}.json"
        path.write_text(json.dumps({**about, **points}, indent=1) + "\n", encoding="utf-8")
        return path


def begin(name: str, about: str | None) -> Study:
    """Read the command line, make the base if it isn't there, and open it."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--base", type=Path, required=True, help="its folder; made if empty")
    parser.add_argument("--out", type=Path, default=Path("docs/claims"))
    parser.add_argument("--seeds", type=int, default=3, help="how often what is taught is taught")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    base_model.make(args.base, base_model.SHAPES["small"])
    model, renderer, people = base_model.load(args.base)
    return Study(
        name, args.out, model, renderer, people, tuple(range(1, args.seeds + 1)), args.base
    )
