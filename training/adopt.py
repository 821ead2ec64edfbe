"""Begin from a pretrained Llama: some of its layers, and the first words of its vocabulary.

    python -m training.adopt --gguf FILE --layers 0-3,8,12-20 --vocab 8192 --out DIR

A byte-level BPE learns its words in order of use, so its first merges are a vocabulary of their own
and their embeddings stay what they were. The control tokens of `chat` get the meaning of the
nearest thing that the model has. The folder written is an export that `warm` reads.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

from model_server.unpack import weights
from training import chat
from training.export import Array
from training.tokenizer import byte_level

NEAREST: dict[str, tuple[str, ...]] = {
    chat.PAD: ("<|endoftext|>",),
    chat.BOS: ("<|endoftext|>",),
    chat.SYSTEM: ("<|im_start|>", "Ġsystem"),
    chat.USER: ("<|im_start|>", "Ġuser"),
    chat.ASSISTANT: ("<|im_start|>", "Ġassistant"),
    chat.END: ("<|im_end|>",),
    chat.SEARCH_START: ("Ġsearch", "Ġquestion", "Ġfor"),
    chat.SEARCH_END: ("<|im_end|>", "Ġsearch"),
    chat.RESULTS_START: ("Ġresults", "Ġpassage", "<|im_start|>"),
    chat.RESULTS_END: ("<|im_end|>", "Ġresults"),
}
"""Words of the pretrained model whose mean a control token starts from."""


def layers(text: str) -> list[int]:
    """Layer numbers out of "0-3,8"."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    return found


def words(merges: Sequence[str], vocab: int) -> Tokenizer:
    """Our control tokens, every byte and as many of the first merges as there is room for."""
    tokens = [*chat.SPECIALS, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    kept = [tuple(merge.split(" ")) for merge in merges[: vocab - len(tokens)]]
    tokens += [left + right for left, right in kept]
    tokenizer = byte_level(models.BPE({token: at for at, token in enumerate(tokens)}, kept))
    tokenizer.add_special_tokens(
        [AddedToken(s, special=True, normalized=False) for s in chat.SPECIALS]
    )
    return tokenizer


def embeddings(theirs: Array, known: dict[str, int], tokenizer: Tokenizer) -> Array:
    """A row for each of our tokens, (vocab, width); one that they don't have gets the mean."""
    found = np.tile(theirs.mean(0), (tokenizer.get_vocab_size(), 1)).astype(np.float32)
    for token, at in tokenizer.get_vocab().items():
        nearest = [known[t] for t in NEAREST.get(token, (token,)) if t in known]
        if nearest:
            found[at] = theirs[nearest].mean(0)
    return found


def adopt(path: Path, keep: Sequence[int], vocab: int, out: Path) -> None:
    """Write the folder."""
    from gguf import GGUFReader

    said = {name: field.contents() for name, field in GGUFReader(str(path)).fields.items()}
    known = {token: at for at, token in enumerate(said["tokenizer.ggml.tokens"])}
    tokenizer = words(said["tokenizer.ggml.merges"], vocab)
    arrays = {}
    for name, array in weights(path).items():
        match name.split(".", 3):
            case ["model", "layers", layer, rest]:
                if int(layer) in keep:
                    arrays[f"model.layers.{keep.index(int(layer))}.{rest}"] = array
            case [_, "embed_tokens", _]:
                arrays[name] = embeddings(array, known, tokenizer)
            case _:
                arrays[name] = array
    config = {
        "vocab_size": tokenizer.get_vocab_size(),
        "hidden_size": said["llama.embedding_length"],
        "num_hidden_layers": len(keep),
        "num_attention_heads": said["llama.attention.head_count"],
        "num_key_value_heads": said["llama.attention.head_count_kv"],
        "intermediate_size": said["llama.feed_forward_length"],
        "rope_theta": said["llama.rope.freq_base"],
        "rms_norm_eps": said["llama.attention.layer_norm_rms_epsilon"],
    }
    out.mkdir(parents=True, exist_ok=True)
    save_file(arrays, out / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save(str(out / "tokenizer.json"))
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    size = sum(array.size for array in arrays.values())
    print(f"{size:,} parameters, {len(keep)} layers, {config['vocab_size']:,} tokens: {out}")


def main() -> None:
    """Read the options and adopt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gguf", type=Path, required=True, help="a Llama for llama.cpp")
    parser.add_argument("--layers", type=layers, required=True, help='which to keep: "0-3,8"')
    parser.add_argument("--vocab", type=int, default=8192)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    adopt(args.gguf, args.layers, args.vocab, args.out)


if __name__ == "__main__":
    main()
