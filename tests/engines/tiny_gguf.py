"""A GGUF model that follows a table: the tests' way to make the *real* llama.cpp say a given thing.

Attention and feed-forward weights are zero, so the residual stream carries the embedding of the
last token to the output untouched: the model is a Markov chain over tokens. The embedding of
token i is the i-th unit vector, and the output matrix holds what may follow it. The tokenizer is
byte-level BPE whose words are built by merges, with control tokens beside them. The file is
written by hand: no library is needed for it.
"""

import math
import struct
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

SHARP = 40.0
"""Logit of what follows, against 0 for the rest: the others' share is below 1e-14."""

BEGIN, END, USER, ASSISTANT = "<|begin|>", "<|end|>", "<|user|>", "<|assistant|>"
CONTROL = (BEGIN, END, USER, ASSISTANT)
MARKERS = ("[SEARCH_START]", "[SEARCH_END]", "[RESULTS_START]", "[RESULTS_END]")
TEMPLATE = (
    "{% for m in messages %}<|user|>{{ m['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
NORMAL_TOKEN, CONTROL_TOKEN = 1, 3
ALIGNMENT = 32


def byte_letters() -> dict[int, str]:
    """GPT-2's printable stand-in for each byte."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    letters = {byte: chr(byte) for byte in printable}
    hidden = [byte for byte in range(256) if byte not in letters]
    return letters | {byte: chr(256 + place) for place, byte in enumerate(hidden)}


class Vocabulary:
    """Control tokens, the 256 bytes, and every word with the prefixes that lead to it."""

    def __init__(self, words: Sequence[str], control: Sequence[str] = CONTROL + MARKERS) -> None:
        self.control = tuple(control)
        self._letters = byte_letters()
        self.tokens = [*control, *self._letters.values()]
        self.merges: list[str] = []
        for word in words:
            spelt = self._spelt(word.encode())
            for end in range(2, len(spelt) + 1):
                if spelt[:end] not in self.tokens:
                    self.tokens.append(spelt[:end])
                    self.merges.append(f"{spelt[: end - 1]} {spelt[end - 1]}")

    def id(self, piece: str | bytes) -> int:
        """The id of a control token, a word, or one byte."""
        if isinstance(piece, str) and piece in self.control:
            return self.tokens.index(piece)
        return self.tokens.index(self._spelt(piece.encode() if isinstance(piece, str) else piece))

    def _spelt(self, raw: bytes) -> str:
        return "".join(self._letters[byte] for byte in raw)


Piece = str | bytes


def chain_of(*pieces: Piece) -> dict[Piece, list[Piece]]:
    """The table in which each piece is followed by the next."""
    return {before: [after] for before, after in pairwise(pieces)}


def write(
    path: Path,
    vocabulary: Vocabulary,
    follows: Mapping[Piece, Sequence[Piece]],
    *,
    otherwise: Piece,
    context: int = 2048,
    template: str = TEMPLATE,
) -> None:
    """Write a model in which each key of `follows` is followed by one of its values, alike likely.

    `otherwise` follows every token without an entry of its own.
    """
    size = len(vocabulary.tokens)
    width = math.ceil(size / 64) * 64
    # RMSNorm scales a unit vector by sqrt(width); the table undoes it.
    sharp = SHARP / math.sqrt(width)
    embedding, output = _zeros(size * width), _zeros(size * width)
    nexts = {vocabulary.id(piece): options for piece, options in follows.items()}
    for token in range(size):
        embedding[token * width + token] = 1.0
        for option in nexts.get(token, (otherwise,)):
            output[vocabulary.id(option) * width + token] = sharp
    ones = array("f", [1.0]) * width
    block = "blk.0."
    square, strip = _zeros(width * width), _zeros(64 * width)
    tensors = [
        Tensor("token_embd.weight", (width, size), embedding),
        Tensor("output.weight", (width, size), output),
        Tensor("output_norm.weight", (width,), ones),
        Tensor(f"{block}attn_norm.weight", (width,), ones),
        Tensor(f"{block}ffn_norm.weight", (width,), ones),
        *(
            Tensor(f"{block}attn_{name}.weight", (width, width), square)
            for name in ("q", "k", "v", "output")
        ),
        Tensor(f"{block}ffn_gate.weight", (width, 64), strip),
        Tensor(f"{block}ffn_up.weight", (width, 64), strip),
        Tensor(f"{block}ffn_down.weight", (64, width), strip),
    ]
    types = [CONTROL_TOKEN] * len(vocabulary.control)
    types += [NORMAL_TOKEN] * (size - len(types))
    values: dict[str, bytes] = {
        "general.architecture": _string("llama"),
        "llama.context_length": _uint(context),
        "llama.embedding_length": _uint(width),
        "llama.block_count": _uint(1),
        "llama.feed_forward_length": _uint(64),
        "llama.attention.head_count": _uint(width // 64),
        "llama.attention.head_count_kv": _uint(width // 64),
        "llama.attention.layer_norm_rms_epsilon": struct.pack("<If", 6, 1e-6),
        "llama.rope.dimension_count": _uint(64),
        "llama.vocab_size": _uint(size),
        "tokenizer.ggml.model": _string("gpt2"),
        "tokenizer.ggml.pre": _string("gpt-2"),
        "tokenizer.ggml.tokens": _array(8, [_text(token) for token in vocabulary.tokens]),
        "tokenizer.ggml.token_type": _array(5, [struct.pack("<i", kind) for kind in types]),
        "tokenizer.ggml.merges": _array(8, [_text(merge) for merge in vocabulary.merges]),
        "tokenizer.ggml.bos_token_id": _uint(vocabulary.id(BEGIN)),
        "tokenizer.ggml.eos_token_id": _uint(vocabulary.id(END)),
        "tokenizer.ggml.add_bos_token": struct.pack("<I?", 7, False),
        "tokenizer.chat_template": _string(template),
    }
    _write_file(path, values, tensors)


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named tensor of floats; the shape has the fastest running dimension first."""

    name: str
    shape: tuple[int, ...]
    data: "array[float]"


def _write_file(path: Path, values: Mapping[str, bytes], tensors: Sequence[Tensor]) -> None:
    parts = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(values))]
    parts += chain.from_iterable((_text(key), value) for key, value in values.items())
    offset = 0
    for tensor in tensors:
        dims = struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
        parts += [_text(tensor.name), dims, struct.pack("<IQ", 0, offset)]
        offset += _padded(len(tensor.data) * 4)
    head = b"".join(parts)
    with path.open("wb") as file:
        file.write(head.ljust(_padded(len(head)), b"\0"))
        for tensor in tensors:
            raw = tensor.data.tobytes()
            file.write(raw.ljust(_padded(len(raw)), b"\0"))


def _padded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _zeros(count: int) -> "array[float]":
    return array("f", bytes(4 * count))


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _string(text: str) -> bytes:
    return struct.pack("<I", 8) + _text(text)


def _uint(value: int) -> bytes:
    return struct.pack("<II", 4, value)


def _array(kind: int, items: Sequence[bytes]) -> bytes:
    return struct.pack("<IIQ", 9, kind, len(items)) + b"".join(items)
