"""A lean Llama for training on two CPU cores or a GPU; its weights load wherever a Llama does.

The shape is exactly `LlamaForCausalLM` with tied embeddings (RMSNorm, rotary positions in the
half-split layout, SwiGLU, no biases). What differs is cost: logits are computed only at the
positions that carry loss, which on a small model is most of the saving there is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes that fix a model."""

    vocab: int = 2560
    width: int = 128
    layers: int = 6
    heads: int = 4
    hidden: int = 352
    context: int = 2048
    theta: float = 10_000.0
    eps: float = 1e-5
    kv_heads: int = 0
    """Heads of keys and values, which groups of query heads share; 0 for as many as `heads`."""

    @property
    def head_width(self) -> int:
        """Components per attention head."""
        return self.width // self.heads

    @property
    def shared(self) -> int:
        """Heads of keys and values."""
        return self.kv_heads or self.heads

    @property
    def parts(self) -> tuple[int, int, int]:
        """Components of queries, keys and values, as they stand in one matrix."""
        return self.width, self.shared * self.head_width, self.shared * self.head_width

    def as_dict(self) -> dict[str, int | float]:
        """The sizes by name, for a checkpoint."""
        return asdict(self)


class Norm(nn.Module):
    """Root-mean-square norm with a gain."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """The normalised (..., width)."""
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def rotary(shape: Shape, length: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines, each (length, head_width), in the half-split layout of Llama."""
    half = torch.arange(0, shape.head_width, 2).float() / shape.head_width
    angles = torch.outer(torch.arange(length).float(), shape.theta**-half)
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


def turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate queries or keys (batch, heads, time, head_width) to their positions."""
    left, right = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-right, left), dim=-1) * sin


class Block(nn.Module):
    """One layer: attention, then a gated feed-forward."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.attention_norm = Norm(shape.width, shape.eps)
        self.qkv = nn.Linear(shape.width, sum(shape.parts), bias=False)
        self.out = nn.Linear(shape.width, shape.width, bias=False)
        self.hidden_norm = Norm(shape.width, shape.eps)
        self.gate_up = nn.Linear(shape.width, 2 * shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(
        self,
        x: Tensor,
        cos: Tensor,
        sin: Tensor,
        past: tuple[Tensor, Tensor] | None = None,
        seen: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """The stream after this layer, and its keys and values; `seen` says who may see whom."""
        batch, time, width = x.shape
        q, k, v = (
            part.view(batch, time, -1, self.shape.head_width).transpose(1, 2)
            for part in self.qkv(self.attention_norm(x)).split(self.shape.parts, dim=-1)
        )
        # Positions are turned in single precision, whatever the products are made in.
        q, k = turn(q, cos, sin).to(v.dtype), turn(k, cos, sin).to(v.dtype)
        if past is not None:
            k, v = torch.cat((past[0], k), dim=2), torch.cat((past[1], v), dim=2)
        grouped = self.shape.shared != self.shape.heads
        mixed = F.scaled_dot_product_attention(
            q, k, v, seen, is_causal=past is None and seen is None, enable_gqa=grouped
        )
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, time, width))
        gate, up = self.gate_up(self.hidden_norm(x)).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up), (k, v)


class Llama(nn.Module):
    """Token ids in, hidden states out; `loss` and `logits` finish the work."""

    cos: Tensor
    sin: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.vocab, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width, shape.eps)
        cos, sin = rotary(shape, shape.context)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.start()

    def start(self) -> None:
        """Draw first weights; layers that write to the residual stream start smaller."""
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                std = 0.02 if name.startswith("embed") else weight.shape[1] ** -0.5 * 0.7
                if name.endswith(("out.weight", "down.weight")):
                    std /= (2 * self.shape.layers) ** 0.5
                nn.init.normal_(weight, std=std)

    def hidden(self, ids: Tensor) -> Tensor:
        """Hidden states (batch, time, width) of whole sequences."""
        time = ids.shape[1]
        x, cos, sin = self.embed(ids), self.cos[:time], self.sin[:time]
        for block in self.blocks:
            x, _ = block(x, cos, sin)
        out: Tensor = self.norm(x)
        return out

    def loss(self, ids: Tensor, weights: Tensor) -> Tensor:
        """Mean weighted next-token loss; `weights[b, t]` weighs the prediction *of* token t."""
        hidden = self.hidden(ids[:, :-1])
        weight = weights[:, 1:]
        chosen = weight > 0
        logits = F.linear(hidden[chosen], self.embed.weight)
        each = F.cross_entropy(logits, ids[:, 1:][chosen], reduction="none")
        w = weight[chosen]
        return (each * w).sum() / w.sum()

    @torch.no_grad()
    def step(
        self,
        ids: Tensor,
        past: list[tuple[Tensor, Tensor]] | None,
        first: Tensor | None = None,
    ) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
        """Logits (batch, vocab) after the last of `ids`, and the cache to go on from.

        `first` (batch) is where each row begins, behind padding that nothing sees; positions count
        from the padding, which rotary embeddings don't mind.
        """
        at = 0 if past is None else past[0][0].shape[2]
        time = ids.shape[1]
        x, cos, sin = self.embed(ids), self.cos[at : at + time], self.sin[at : at + time]
        seen = None
        if first is not None:
            keys = torch.arange(at + time, device=ids.device)
            queries = keys[at:, None]
            # A place of the padding sees itself, for nothing at all has no softmax.
            seen = (keys <= queries) & (keys >= first[:, None, None]) | (keys == queries)
            seen = seen[:, None]
        cache = []
        for layer, block in enumerate(self.blocks):
            x, kept = block(x, cos, sin, None if past is None else past[layer], seen)
            cache.append(kept)
        return F.linear(self.norm(x[:, -1]), self.embed.weight), cache
