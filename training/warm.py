"""The weights of an export, back in training: a released model is gone on with, not begun again.

`export` writes a model under the names that transformers gives a Llama; this reads them back.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from training import loop
from training.model import Llama, Shape

CONTEXT = 2048  # positions that a model in training is given, more than an export declares


def imported(folder: Path) -> Llama:
    """The model of a folder with `model.safetensors` and `config.json`."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    kv_heads = config.get("num_key_value_heads", config["num_attention_heads"])
    model = Llama(
        Shape(
            config["vocab_size"],
            config["hidden_size"],
            config["num_hidden_layers"],
            config["num_attention_heads"],
            config["intermediate_size"],
            CONTEXT,
            float(config.get("rope_theta", 10_000.0)),
            float(config["rms_norm_eps"]),
            kv_heads % config["num_attention_heads"],
        )
    )
    theirs = load_file(folder / "model.safetensors")
    ours = {
        "embed.weight": theirs["model.embed_tokens.weight"],
        "norm.weight": theirs["model.norm.weight"],
    }
    for at in range(model.shape.layers):
        here, there = f"blocks.{at}", f"model.layers.{at}"
        attention, mlp = f"{there}.self_attn", f"{there}.mlp"
        qkv = [theirs[f"{attention}.{part}_proj.weight"] for part in "qkv"]
        gate_up = [theirs[f"{mlp}.{part}_proj.weight"] for part in ("gate", "up")]
        ours |= {
            f"{here}.qkv.weight": torch.cat(qkv),
            f"{here}.out.weight": theirs[f"{attention}.o_proj.weight"],
            f"{here}.gate_up.weight": torch.cat(gate_up),
            f"{here}.down.weight": theirs[f"{mlp}.down_proj.weight"],
            f"{here}.attention_norm.weight": theirs[f"{there}.input_layernorm.weight"],
            f"{here}.hidden_norm.weight": theirs[f"{there}.post_attention_layernorm.weight"],
        }
    model.load_state_dict(ours)
    return model


def start(folder: Path) -> tuple[Llama, dict[str, Any]]:
    """The model of a folder, from its checkpoint if it has one, else from its export."""
    if (folder / "checkpoint.pt").exists():
        return loop.restore(folder / "checkpoint.pt")
    return imported(folder), {}
