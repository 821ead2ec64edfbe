"""Where training computes: on the CPU in single precision, or on a CUDA GPU in bfloat16.

On a GPU the weights, the optimisers' state and the residual stream stay in single precision; only
the products of matrices are in bfloat16, which such small models bear without scaling the loss.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from training.model import Llama

CHOICES = ("auto", "cpu", "cuda")


def chosen(name: str) -> torch.device:
    """The device of a name; `auto` is a GPU where there is one.

    Raises:
        RuntimeError: `cuda` was asked for and there is none.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise RuntimeError("no CUDA device is available; --device cpu trains without one")
    device = torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")  # TF32 for what is not in bfloat16
    return device


def precision(device: torch.device, half: bool = False) -> AbstractContextManager[object]:
    """The arithmetic of a forward pass: bfloat16 on a GPU, and on a CPU that asks for it."""
    if half or device.type == "cuda":
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()


def compiled(model: Llama, device: torch.device) -> None:
    """Compile in place: the whole on a CPU, each block on a GPU.

    Blocks are alike, so one of them compiled serves all: seconds instead of a minute, which counts
    on a machine lent for ten. Where a compiler is missing, the block runs as it is.
    """
    if device.type == "cuda":
        from torch import _dynamo  # a second to load, and of use nowhere else

        _dynamo.config.suppress_errors = True
        for block in model.blocks:
            block.compile()  # type: ignore[operator]
    else:
        model.hidden = torch.compile(model.hidden)  # type: ignore[method-assign]


def named(device: torch.device) -> str:
    """The device as a person knows it."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, bfloat16"
    return f"CPU, {torch.get_num_threads()} threads, float32"
