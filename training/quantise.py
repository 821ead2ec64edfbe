"""Four bits a weight, as llama.cpp's Q4_0 has them, and training that gets used to them.

Each 32 weights of a row share a scale in half precision: the one of largest size, by minus eight;
a weight is that scale times a whole number from -8 to 7. The reference is `quantize_row_q4_0_ref`
in ggml-quants.c. Embeddings keep more bits, and are not rounded here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from training.model import Llama

BLOCK = 32


def rounded(matrix: Tensor) -> Tensor:
    """The (rows, columns) matrix that Q4_0 gives back; columns are a multiple of 32."""
    blocks = matrix.view(-1, BLOCK)
    largest = blocks.gather(1, blocks.abs().argmax(1, keepdim=True))
    scale = largest / -8
    inverse = torch.where(scale == 0, 0.0, 1 / scale)
    whole = (blocks * inverse + 8.5).trunc_().clamp_(0, 15) - 8
    return (whole * scale.half().float()).view_as(matrix)


@contextmanager
def rounding(model: Llama) -> Iterator[None]:
    """Losses and gradients are taken at the rounded matrices; the exact ones come back after."""
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and "embed" not in n]
    exact = [p.data for p in matrices]
    for p in matrices:
        p.data = rounded(p.data)
    try:
        yield
    finally:
        for p, data in zip(matrices, exact, strict=True):
            p.data = data
