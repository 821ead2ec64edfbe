"""Sample many short completions at once, in batches of prompts of one length, or nearly one."""

from __future__ import annotations

from collections import defaultdict

import torch
from torch import Tensor

from training import device as devices
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
    pad: int = 1,
) -> list[list[int]]:
    """New ids for every prompt, up to and without the end of the answer or of a query.

    Prompts are padded in front to a multiple of `pad`: 1, so not at all, costs a CPU least; a GPU
    would rather have few batches, and full ones.
    """
    device = model.embed.weight.device
    draw = torch.Generator(device).manual_seed(seed)
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for at, prompt in enumerate(prompts):
        by_length[-(-len(prompt) // pad) * pad].append(at)
    out: list[list[int]] = [[] for _ in prompts]
    for length, places in by_length.items():
        for start in range(0, len(places), rows):
            chosen = places[start : start + rows]
            with devices.precision(device):
                padded = [[0] * (length - len(prompts[i])) + prompts[i] for i in chosen]
                first = torch.tensor([length - len(prompts[i]) for i in chosen])
                made = _together(
                    model,
                    torch.tensor(padded),
                    first if pad > 1 else None,
                    limit,
                    temperature,
                    draw,
                )
            for place, ids in zip(chosen, made.tolist(), strict=True):
                ends = [at for at, token in enumerate(ids) if token in (END, SEARCH_END)]
                out[place] = ids[: ends[0]] if ends else ids
    return out


def _together(
    model: Llama,
    prompts: Tensor,
    first: Tensor | None,
    limit: int,
    temperature: float,
    draw: torch.Generator,
) -> Tensor:
    """The next ids (rows, up to `limit`) of prompts of one length; they stay on the device."""
    ids, past = prompts.to(draw.device), None
    first = None if first is None else first.to(draw.device)
    open_ = torch.ones(len(ids), dtype=torch.bool, device=draw.device)
    made = []
    for _ in range(limit):
        logits, past = model.step(ids, past, first)
        if temperature > 0:
            weights = torch.softmax(logits.float() / temperature, -1)
            ids = torch.multinomial(weights, 1, generator=draw)
        else:
            ids = logits.argmax(-1, keepdim=True)
        made.append(ids)
        open_ &= (ids[:, 0] != END) & (ids[:, 0] != SEARCH_END)
        if not open_.any():
            break
    return torch.cat(made, 1)
