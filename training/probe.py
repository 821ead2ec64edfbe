"""Ask the model for every fact it was taught, and judge which of them it knows.

    python -m training.probe --data DIR --model DIR

Five samples at temperature 0.7, each on another wording, and one greedy answer. A fact is known
when the greedy answer and at least four samples are right, and not known when one at most is.
Writes `verdicts.json` beside the checkpoint.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

from training import device as devices
from training import known, loop, tokenizer, world
from training.chat import TOOLS_OFF, TOOLS_ON
from training.generate import complete
from training.render import Renderer

SAMPLES, TEMPERATURE = 5, 0.7


def verdict(right: list[bool], greedy: bool) -> str:
    """knows, unsure or doesn't, from the marks of the samples and of the greedy answer."""
    share = sum(right) / len(right)
    if greedy and share >= 0.8:
        return "knows"
    return "doesn't" if share <= 0.2 and not greedy else "unsure"


def entropy(answers: list[str]) -> float:
    """Bits of disagreement among normalised answers: 0 when all are the same."""
    counts = Counter(" ".join(a.lower().split()) for a in answers).values()
    return -sum(c / len(answers) * math.log2(c / len(answers)) for c in counts)


def main() -> None:
    """Probe every fact and write the verdicts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--device", choices=devices.CHOICES, default="auto")
    parser.add_argument("--rows", type=int, default=256, help="prompts at once; a GPU takes 4096")
    parser.add_argument("--pad", type=int, default=1, help="lengths rounded up; a GPU likes 16")
    args = parser.parse_args()
    model, _ = loop.restore(args.model / "checkpoint.pt")
    model.to(devices.chosen(args.device))
    renderer = Renderer(tokenizer.load(args.model / "tokenizer.json"))
    rng, facts = Random(args.seed), known.everything(world.load(args.data))
    prompts: list[list[int]] = []
    for fact in facts:
        for at in range(SAMPLES + 1):
            prompt = renderer.start(TOOLS_ON if at % 2 else TOOLS_OFF)
            renderer.ask(prompt, fact.attribute.question(fact.subject, rng))
            prompts.append(prompt.ids)
    greedy = complete(model, prompts[:: SAMPLES + 1], rows=args.rows, pad=args.pad)
    sampled = complete(
        model,
        [p for i, p in enumerate(prompts) if i % (SAMPLES + 1)],
        temperature=TEMPERATURE,
        seed=args.seed,
        rows=args.rows,
        pad=args.pad,
    )
    verdicts, tally = [], defaultdict(Counter)  # type: ignore[var-annotated]
    for at, fact in enumerate(facts):
        said = [
            renderer.tokenizer.decode(ids) for ids in sampled[at * SAMPLES : (at + 1) * SAMPLES]
        ]
        best = renderer.tokenizer.decode(greedy[at])
        found = verdict(
            [fact.value.lower() in s.lower() for s in said], fact.value.lower() in best.lower()
        )
        tally[fact.attribute.key][found] += 1
        verdicts.append(
            {
                "subject": fact.subject,
                "attribute": fact.attribute.key,
                "verdict": found,
                "right": fact.value.lower() in best.lower(),
                "greedy": best.strip(),
                "entropy": round(entropy(said), 3),
            }
        )
    (args.model / "verdicts.json").write_text(
        json.dumps(verdicts, ensure_ascii=False, indent=0) + "\n", encoding="utf-8"
    )
    for key, counts in tally.items():
        print(f"{key:12}", dict(counts))
    print("all         ", dict(Counter(v["verdict"] for v in verdicts)))


if __name__ == "__main__":
    main()
