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
from torch.nn import Parameter

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


def spread(matrix: Tensor, generator: torch.Generator) -> Tensor:
    """A matrix that rounds to the same four bits, each weight anywhere between two steps.

    A model that was shipped in four bits has all weights in the middle between two steps. Small
    changes then change no rounded weight but only scales, and nothing is learnt.
    """
    blocks = rounded(matrix).view(-1, BLOCK)
    at = blocks.abs().argmax(1, keepdim=True)
    largest = blocks.gather(1, at)
    scale = largest.abs() / 8
    moved = blocks + (torch.rand(blocks.shape, generator=generator) - 0.5) * 0.98 * scale
    limit = 0.999 * largest.abs()  # so that the largest stays the largest, and the scale as it is
    moved = moved.clamp(-limit, limit).scatter(1, at, largest)
    return moved.view_as(matrix)


def unpacked(model: Llama, seed: int) -> None:
    """Spread the matrices of a model that came out of four bits; leave any other as it is."""
    generator = torch.Generator().manual_seed(seed)
    for p in matrices(model):
        if torch.equal(rounded(p.data), p.data):
            p.data = spread(p.data, generator)


def matrices(model: Llama) -> list[Parameter]:
    """What is kept in four bits: all matrices but the embeddings."""
    return [p for n, p in model.named_parameters() if p.dim() == 2 and "embed" not in n]


@contextmanager
def rounding(model: Llama) -> Iterator[None]:
    """Losses and gradients are taken at the rounded matrices; the exact ones come back after."""
    four_bits = matrices(model)
    exact = [p.data for p in four_bits]
    for p in four_bits:
        p.data = rounded(p.data)
    try:
        yield
    finally:
        for p, data in zip(four_bits, exact, strict=True):
            p.data = data
