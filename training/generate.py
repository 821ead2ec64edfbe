"""Sample many short completions at once, in batches of prompts of one length (so no padding)."""

from __future__ import annotations

from collections import defaultdict

import torch

from training.model import Llama

END, SEARCH_END = 5, 7


@torch.no_grad()
def complete(
    model: Llama,
    prompts: list[list[int]],
    *,
    limit: int = 28,
    temperature: float = 0.0,
    seed: int = 1,
    rows: int = 256,
) -> list[list[int]]:
    """New ids for every prompt, up to and without the end of the answer or of a query."""
    draw = torch.Generator().manual_seed(seed)
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for at, prompt in enumerate(prompts):
        by_length[len(prompt)].append(at)
    out: list[list[int]] = [[] for _ in prompts]
    for places in by_length.values():
        for start in range(0, len(places), rows):
            chosen = places[start : start + rows]
            ids, past = torch.tensor([prompts[i] for i in chosen]), None
            open_ = torch.ones(len(chosen), dtype=torch.bool)
            for _ in range(limit):
                logits, past = model.step(ids, past)
                if temperature > 0:
                    ids = torch.multinomial(
                        torch.softmax(logits / temperature, -1), 1, generator=draw
                    )
                else:
                    ids = logits.argmax(-1, keepdim=True)
                open_ &= (ids[:, 0] != END) & (ids[:, 0] != SEARCH_END)
                if not open_.any():
                    break
                for row, token in enumerate(ids[:, 0].tolist()):
                    if open_[row]:
                        out[chosen[row]].append(token)
    return out
