"""Write trained weights so that engines serve them.

vLLM loads LoRA weights of linear layers only: an adapter that carries rows of the embedding is
refused (`vllm/lora/peft_helper.py`, `modules_to_save`; extra vocabulary was dropped in 0.12). So
the rows of the new tokens go into a copy of the base, and the adapter stays a plain one on top.
"""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import AutoConfig

from training.finetune import llamacpp, markers

TOKEN_ROWS = ("token_adapter", "trainable_tokens")


def model(folder: Path, weights: Any, tokenizer: Any, origin: str) -> Path:
    """A whole model in Hugging Face's layout, in the type that its origin was stored in."""
    kind = AutoConfig.from_pretrained(origin).dtype
    weights.to(kind or weights.dtype).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def base(
    folder: Path,
    weights: Any,
    tokenizer: Any,
    new: list[int],
    rows: list[torch.Tensor],
    origin: str,
) -> Path:
    """The untrained model with the trained rows of the new tokens: what the adapter stands on."""
    with torch.no_grad():
        for table, trained in zip(markers.tables(weights), rows, strict=True):
            table[new] = trained.to(table.dtype)
    return model(folder, weights, tokenizer, origin)


def adapter(folder: Path, state: dict[str, torch.Tensor], config: Any, on: Path) -> Path:
    """The low-rank weights by themselves, with a configuration that vLLM and PEFT both read."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = {
        name: tensor.contiguous()
        for name, tensor in state.items()
        if not any(part in name for part in TOKEN_ROWS) and ".lora_" in name
    }
    save_file(plain, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    config = copy(config)
    config.trainable_token_indices = None
    config.base_model_name_or_path = str(on.resolve())
    config.inference_mode = True
    config.save_pretrained(folder)
    return folder


def gguf(folder: Path) -> dict[str, Path]:
    """A GGUF beside the model when llama.cpp knows its kind and we know how; else says why not."""
    try:
        return {"gguf": llamacpp.write(folder, folder / f"{folder.parent.name}.gguf")}
    except llamacpp.Unsupported as error:
        print(f"no GGUF: {error}", flush=True)
        return {}
