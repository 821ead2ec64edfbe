"""Muon: orthogonalised momentum for matrices, which learns more per token.

Matrices of one shape are stacked and handled in one batched call, in single precision on a CPU and
in bfloat16 on a GPU, which the iteration was made for. Reference: K. Jordan, "Muon"
(2024); the quintic Newton-Schulz coefficients are his. Embeddings and gains go to AdamW.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor


def orthogonal(matrices: Tensor, steps: int = 5) -> Tensor:
    """Push the singular values of each (rows, columns) matrix of a stack towards one."""
    tall = matrices.shape[1] > matrices.shape[2]
    x: Tensor = matrices.transpose(1, 2) if tall else matrices
    x = x.bfloat16() if x.is_cuda else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return (x.transpose(1, 2) if tall else x).to(matrices.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum, Nesterov, orthogonalised; the step is scaled to match AdamW's usual size."""

    def __init__(
        self, parameters: Sequence[Tensor], lr: float, momentum: float = 0.95, decay: float = 0.0
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One update of every matrix that has a gradient."""
        for group in self.param_groups:
            same: defaultdict[torch.Size, list[Tensor]] = defaultdict(list)
            for p in group["params"]:
                if p.grad is not None:
                    same[p.shape].append(p)
            for shape, weights in same.items():
                updates = []
                for p in weights:
                    if p.grad is None:
                        continue
                    held = self.state[p].setdefault("momentum", torch.zeros_like(p))
                    held.lerp_(p.grad, 1 - group["momentum"])
                    updates.append(p.grad.lerp(held, group["momentum"]))
                size = 0.2 * max(shape) ** 0.5 * group["lr"]
                for p, update in zip(weights, orthogonal(torch.stack(updates)), strict=True):
                    p.mul_(1 - group["lr"] * group["decay"]).add_(update, alpha=-size)
