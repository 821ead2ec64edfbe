"""A model of the Hugging Face kind and its tokenizer, opened to be trained or looked into."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def opened(name: str) -> tuple[Any, Any]:
    """The tokenizer and the model of a folder or hub name; on a CPU in single precision."""
    tokenizer = AutoTokenizer.from_pretrained(name)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    kind = "auto" if torch.cuda.is_available() else torch.float32  # few CPUs compute in 16 bits
    return tokenizer, AutoModelForCausalLM.from_pretrained(name, dtype=kind)
