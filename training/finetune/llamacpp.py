"""A Hugging Face folder -> GGUF, for the kinds of models whose layout is a plain Llama's.

Covers Llama, Qwen2 and Qwen3 with a byte-level vocabulary; for anything else llama.cpp's own
`convert_hf_to_gguf.py` is the tool, and this says so instead of writing something wrong.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFWriter, LlamaFileType, TokenType
from safetensors import safe_open

from training import tokenizer as qwen2
from training.export import GGUF_NAMES, Array, interleave

KINDS = {"llama": "llama", "qwen2": "qwen2", "qwen3": "qwen3"}
"""`model_type` -> llama.cpp's name of the architecture."""
NAMES = {**GGUF_NAMES, "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm"}
_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPLITS = {qwen2.SPLIT: "qwen2", _LLAMA3: "llama-bpe"}
"""How a vocabulary splits text -> the name llama.cpp has for it (`tokenizer.ggml.pre`)."""


class Unsupported(ValueError):
    """This model can't be written as GGUF here; says why."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The numbers of a configuration."""

    kind: str
    vocab: int
    width: int
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_width: int
    context: int
    theta: float
    eps: float


def sizes(config: dict[str, Any]) -> Sizes:
    """The sizes of a `config.json`.

    Raises:
        Unsupported: another kind of model, or positions scaled in a way not handled here.
    """
    kind = config.get("model_type", "")
    if kind not in KINDS:
        raise Unsupported(f"model type {kind!r}; use llama.cpp's convert_hf_to_gguf.py")
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    if rope.get("rope_type", rope.get("type", "default")) not in (None, "default"):
        raise Unsupported("scaled positions; use llama.cpp's convert_hf_to_gguf.py")
    heads = config["num_attention_heads"]
    return Sizes(
        kind=KINDS[kind],
        vocab=config["vocab_size"],
        width=config["hidden_size"],
        hidden=config["intermediate_size"],
        layers=config["num_hidden_layers"],
        heads=heads,
        kv_heads=config.get("num_key_value_heads") or heads,
        head_width=config.get("head_dim") or config["hidden_size"] // heads,
        context=config["max_position_embeddings"],
        theta=float(rope.get("rope_theta") or config.get("rope_theta") or 10_000.0),
        eps=float(config["rms_norm_eps"]),
    )


def split_name(words: dict[str, Any]) -> str:
    """What llama.cpp calls the way this vocabulary splits text.

    Raises:
        Unsupported: no byte-level BPE, or a splitting it is not known for.
    """
    if words["model"]["type"] != "BPE" or words["model"].get("byte_fallback"):
        raise Unsupported("the vocabulary is no byte-level BPE; use convert_hf_to_gguf.py")
    before = words.get("pre_tokenizer") or {}
    steps = before.get("pretokenizers", [before])
    for step in steps:
        pattern = (step.get("pattern") or {}).get("Regex")
        if pattern in SPLITS:
            return SPLITS[pattern]
        if step.get("type") == "ByteLevel" and step.get("use_regex", True) and len(steps) == 1:
            return "gpt-2"
    raise Unsupported("the vocabulary splits text in an unknown way; use convert_hf_to_gguf.py")


def vocabulary(out: GGUFWriter, folder: Path, rows: int) -> None:
    """Tokens, their types, merges, control ids and the chat template."""
    words = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    settings = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    tokens = {i: t for t, i in words["model"]["vocab"].items()}
    types = dict.fromkeys(tokens, TokenType.NORMAL)
    for added in words.get("added_tokens", ()):
        tokens[added["id"]] = added["content"]
        types[added["id"]] = TokenType.CONTROL if added["special"] else TokenType.USER_DEFINED
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre(split_name(words))
    out.add_token_list([tokens.get(i, f"[PAD{i}]") for i in range(rows)])
    out.add_token_types([types.get(i, TokenType.UNUSED) for i in range(rows)])
    merges = words["model"]["merges"]
    out.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    ids = {token: i for i, token in tokens.items()}
    for name, put in (
        ("bos_token", out.add_bos_token_id),
        ("eos_token", out.add_eos_token_id),
        ("pad_token", out.add_pad_token_id),
    ):
        token = settings.get(name)
        token = token.get("content") if isinstance(token, dict) else token
        if token in ids:
            put(ids[token])
    out.add_add_bos_token(bool(settings.get("add_bos_token", False)))
    out.add_add_space_prefix(False)
    template = folder / "chat_template.jinja"
    text = template.read_text("utf-8") if template.exists() else settings.get("chat_template")
    if isinstance(text, str):
        out.add_chat_template(text)


def tensors(folder: Path) -> dict[str, Array]:
    """All weights of the safetensors files, in single precision."""
    found: dict[str, Array] = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as held:
            for name in held.keys():  # noqa: SIM118 - not a mapping
                found[name] = held.get_tensor(name).float().numpy()
    return found


def target(name: str) -> str:
    """What llama.cpp calls a tensor of the Hugging Face layout."""
    whole = {
        "model.embed_tokens.weight": "token_embd.weight",
        "model.norm.weight": "output_norm.weight",
        "lm_head.weight": "output.weight",
    }
    if name in whole:
        return whole[name]
    _, _, layer, rest = name.split(".", 3)
    part, kind = rest.rsplit(".", 1)
    if part not in NAMES:
        raise Unsupported(f"tensor {name!r}; use llama.cpp's convert_hf_to_gguf.py")
    return f"blk.{layer}.{NAMES[part]}.{kind}"


def write(folder: Path, path: Path) -> Path:
    """The model in `folder` as one GGUF: half precision, or single where a model is tiny.

    Raises:
        Unsupported: it is of a kind not handled here.
    """
    config = json.loads((folder / "config.json").read_text("utf-8"))
    s, weights = sizes(config), tensors(folder)
    split_name(json.loads((folder / "tokenizer.json").read_text("utf-8")))
    if config.get("tie_word_embeddings"):
        weights.pop("lm_head.weight", None)
    named = {target(name): (name, array) for name, array in weights.items()}
    half = sum(array.size for array in weights.values()) > 50_000_000
    out = GGUFWriter(str(path), s.kind)
    out.add_name(folder.parent.name)
    out.add_context_length(s.context)
    out.add_embedding_length(s.width)
    out.add_block_count(s.layers)
    out.add_feed_forward_length(s.hidden)
    out.add_head_count(s.heads)
    out.add_head_count_kv(s.kv_heads)
    out.add_key_length(s.head_width)
    out.add_value_length(s.head_width)
    out.add_rope_dimension_count(s.head_width)
    out.add_rope_freq_base(s.theta)
    out.add_layer_norm_rms_eps(s.eps)
    out.add_vocab_size(s.vocab)
    out.add_file_type(LlamaFileType.MOSTLY_F16 if half else LlamaFileType.ALL_F32)
    vocabulary(out, folder, s.vocab)
    for aim, (name, array) in named.items():
        if s.kind == "llama" and (".q_proj." in name or ".k_proj." in name):
            heads = s.heads if ".q_proj." in name else s.kv_heads
            array = interleave(array.reshape(len(array), -1), heads).reshape(array.shape)
        out.add_tensor(aim, array.astype(np.float16) if half and array.ndim == 2 else array)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return path
