"""Write a trained model for the engines: safetensors for vLLM and transformers, GGUF for llama.cpp.

python -m training.export --model DIR --out model_server/bundled

With `--half` both are in 16 bits, at half the size and of one value: float16 keeps three bits more
of a weight than bfloat16, and no weight here is beyond its range. With `--quantise` the GGUF has
four bits a weight (eight for embeddings) and is the only file of weights: `model_server.unpack`
makes the other from it.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from training import chat, warm
from training.model import Llama, Shape

NAME = "orson-nano"
TRAINED = 1024  # positions seen in training; beyond them reading fails
TEMPLATE = (
    "{{ '<|bos|>' }}{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}{{ '<|assistant|>' }}"
    "{% set text = message['content'] | trim %}"
    "{% if not text.startswith('[SEARCH_START]') %}{{ ' ' }}{% endif %}{{ text + '<|end|>' }}"
    "{% else %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
Array = npt.NDArray[np.float32]


def weights(model: Llama) -> dict[str, Array]:
    """The weights under the names that transformers gives a Llama."""
    found: dict[str, Array] = {}

    def put(name: str, tensor: object) -> None:
        found[name] = np.ascontiguousarray(tensor.detach().numpy(), dtype=np.float32)  # type: ignore[attr-defined]

    put("model.embed_tokens.weight", model.embed.weight)
    put("model.norm.weight", model.norm.weight)
    for at, block in enumerate(model.blocks):
        here = f"model.layers.{at}"
        for part, tensor in zip("qkv", block.qkv.weight.split(model.shape.parts), strict=True):  # type: ignore[operator, union-attr]
            put(f"{here}.self_attn.{part}_proj.weight", tensor)
        gate, up = block.gate_up.weight.chunk(2)  # type: ignore[operator, union-attr]
        put(f"{here}.self_attn.o_proj.weight", block.out.weight)  # type: ignore[union-attr]
        put(f"{here}.mlp.gate_proj.weight", gate)
        put(f"{here}.mlp.up_proj.weight", up)
        put(f"{here}.mlp.down_proj.weight", block.down.weight)  # type: ignore[union-attr]
        put(f"{here}.input_layernorm.weight", block.attention_norm.weight)  # type: ignore[union-attr]
        put(f"{here}.post_attention_layernorm.weight", block.hidden_norm.weight)  # type: ignore[union-attr]
    return found


def for_transformers(
    arrays: dict[str, Array], shape: Shape, words: Path, out: Path, half: bool = False
) -> None:
    """safetensors, config and tokenizer files of a plain LlamaForCausalLM."""
    kept = {name: array.astype(np.float16) for name, array in arrays.items()} if half else arrays
    save_file(kept, out / "model.safetensors", metadata={"format": "pt"})
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": shape.vocab,
        "hidden_size": shape.width,
        "intermediate_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.shared,
        "head_dim": shape.head_width,
        "hidden_act": "silu",
        "max_position_embeddings": TRAINED,
        "rms_norm_eps": shape.eps,
        "rope_theta": shape.theta,
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
        "bos_token_id": 1,
        "eos_token_id": 5,
        "pad_token_id": 0,
        "torch_dtype": "float16" if half else "float32",
    }
    generation = {"bos_token_id": 1, "eos_token_id": 5, "pad_token_id": 0, "do_sample": False}
    tokenizer = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": chat.BOS,
        "eos_token": chat.END,
        "pad_token": chat.PAD,
        "additional_special_tokens": list(chat.SPECIALS[2:5] + chat.SPECIALS[6:]),
        "model_max_length": TRAINED,
        "clean_up_tokenization_spaces": False,
        "add_bos_token": False,
        "chat_template": TEMPLATE,
    }
    for name, content in (
        ("config", config),
        ("generation_config", generation),
        ("tokenizer_config", tokenizer),
    ):
        (out / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    if words.resolve() != (out / "tokenizer.json").resolve():
        shutil.copyfile(words, out / "tokenizer.json")


def interleave(matrix: Array, heads: int) -> Array:
    """Rows of a query or key matrix in the order that llama.cpp rotates them."""
    rows, columns = matrix.shape
    return (
        matrix.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)
    )


GGUF_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


FORMATS = {"F32": ("F32", "F32"), "F16": ("F16", "F16"), "Q4_0": ("Q4_0", "Q8_0")}
"""Types of a matrix and of the embeddings; gains are always in single precision."""


def for_llamacpp(
    arrays: dict[str, Array], shape: Shape, words: Path, path: Path, bits: str = "F32"
) -> None:
    """One GGUF file with weights (a key of `FORMATS`), vocabulary and chat template."""
    # Only here: a machine lent for training may have no `gguf`.
    from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType, quantize

    out = GGUFWriter(str(path), "llama")
    out.add_name(NAME)
    out.add_description("Answers short questions, searches when it does not know. See README.md.")
    out.add_license("apache-2.0")
    out.add_context_length(TRAINED)
    out.add_embedding_length(shape.width)
    out.add_block_count(shape.layers)
    out.add_feed_forward_length(shape.hidden)
    out.add_head_count(shape.heads)
    out.add_head_count_kv(shape.shared)
    out.add_rope_dimension_count(shape.head_width)
    out.add_rope_freq_base(shape.theta)
    out.add_layer_norm_rms_eps(shape.eps)
    out.add_vocab_size(shape.vocab)
    out.add_file_type(LlamaFileType.ALL_F32 if bits == "F32" else LlamaFileType[f"MOSTLY_{bits}"])
    vocabulary = json.loads(words.read_text(encoding="utf-8"))["model"]
    tokens = sorted(vocabulary["vocab"], key=vocabulary["vocab"].get)
    if len(tokens) != shape.vocab:
        raise ValueError(f"{len(tokens)} tokens for a vocabulary of {shape.vocab}")
    merges = [m if isinstance(m, str) else " ".join(m) for m in vocabulary["merges"]]
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("qwen2")
    out.add_token_list(tokens)
    out.add_token_types(
        [TokenType.CONTROL if t in chat.SPECIALS else TokenType.NORMAL for t in tokens]
    )
    out.add_token_merges(merges)
    out.add_bos_token_id(1)
    out.add_eos_token_id(5)
    out.add_eot_token_id(5)
    out.add_pad_token_id(0)
    out.add_add_bos_token(False)
    out.add_add_space_prefix(False)
    out.add_chat_template(TEMPLATE)
    for name, array in arrays.items():
        if name == "model.embed_tokens.weight":
            target = "token_embd.weight"
        elif name == "model.norm.weight":
            target = "output_norm.weight"
        else:
            _, _, layer, rest = name.split(".", 3)
            target = f"blk.{layer}.{GGUF_NAMES[rest.removesuffix('.weight')]}.weight"
            if ".q_proj" in name or ".k_proj" in name:
                array = interleave(array, shape.heads if ".q_proj" in name else shape.shared)
        kind = FORMATS[bits][target == "token_embd.weight"] if array.ndim == 2 else "F32"
        type_ = GGMLQuantizationType[kind]
        out.add_tensor(target, quantize(array, type_), raw_dtype=type_)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def export(
    model_dir: Path, out: Path, half: bool = False, gguf: bool = True, quantised: bool = False
) -> None:
    """Both formats from one checkpoint, or from an export; quantised, the GGUF alone."""
    out.mkdir(parents=True, exist_ok=True)
    model, _ = warm.start(model_dir)
    arrays = weights(model)
    words = model_dir / "tokenizer.json"
    if half:
        arrays = {name: a.astype(np.float16).astype(np.float32) for name, a in arrays.items()}
    for_transformers(arrays, model.shape, words, out, half)
    bits = "Q4_0" if quantised else "F16" if half else "F32"
    if gguf:
        for_llamacpp(arrays, model.shape, words, out / f"{NAME}.gguf", bits)
    if quantised:
        (out / "model.safetensors").unlink()


def main() -> None:
    """Export and list the files with their sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--model", type=Path, required=True, help="folder of a checkpoint or of an export"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--half", action="store_true", help="16 bits a weight")
    parser.add_argument("--quantise", action="store_true", help="4 bits a weight, GGUF only")
    parser.add_argument("--no-gguf", action="store_true", help="safetensors only")
    args = parser.parse_args()
    export(args.model, args.out, args.half, not args.no_gguf, args.quantise)
    for file in sorted(args.out.iterdir()):
        print(f"{file.stat().st_size:>10,}  {file.name}")


if __name__ == "__main__":
    main()
