"""A GGUF file's own word on itself, true or not."""

import json
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from model_server import gguf_header
from model_server.embedded import bundled_model
from model_server.gguf_header import CONTROL, USER_DEFINED, GgufError, read_header
from tests.engines.backends import write_tiny
from tests.engines.tiny_gguf import CONTROL as TINY_CONTROL
from tests.engines.tiny_gguf import MARKERS

UINT, INT, STRING, ARRAY = 4, 5, 8, 9


def text(content: str) -> bytes:
    raw = content.encode()
    return struct.pack("<Q", len(raw)) + raw


def array(kind: int, items: Sequence[bytes], count: int | None = None) -> bytes:
    count = len(items) if count is None else count
    return struct.pack("<IIQ", ARRAY, kind, count) + b"".join(items)


def tokens(*contents: str) -> bytes:
    return array(STRING, [text(content) for content in contents])


def types(*kinds: int) -> bytes:
    return array(INT, [struct.pack("<i", kind) for kind in kinds])


def gguf(values: dict[str, bytes], count: int | None = None, version: int = 3) -> bytes:
    count = len(values) if count is None else count
    head = b"GGUF" + struct.pack("<IQQ", version, 0, count)
    return head + b"".join(text(key) + value for key, value in values.items())


VALUES = {
    "general.architecture": struct.pack("<I", STRING) + text("llama"),
    "general.share": struct.pack("<Id", 12, 0.5),
    "general.tags": tokens("a", "b"),
    "general.flags": array(7, [b"\1", b"\0"]),
    "llama.context_length": struct.pack("<II", UINT, 4096),
    "tokenizer.ggml.tokens": tokens("a", "<tool>", "<|im_end|>", "b", "<tool>"),
    "tokenizer.ggml.token_type": types(1, USER_DEFINED, CONTROL, 6, USER_DEFINED),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


@pytest.mark.parametrize("version", [2, 3])
def test_the_window_and_the_added_tokens(file: Path, version: int) -> None:
    file.write_bytes(gguf(VALUES, version=version))
    header = read_header(file)
    assert header.context_length == 4096
    assert header.added_tokens == ("<|im_end|>", "<tool>")


def test_in_any_order_and_no_further_than_needed(file: Path) -> None:
    file.write_bytes(gguf(dict(reversed(VALUES.items()))) + b"weights")
    assert read_header(file).added_tokens == ("<|im_end|>", "<tool>")
    file.write_bytes(gguf({**VALUES, "later": b"nonsense"}))
    assert read_header(file).context_length == 4096


def test_a_file_that_says_nothing(file: Path) -> None:
    file.write_bytes(gguf({}))
    header = read_header(file)
    assert (header.context_length, header.added_tokens) == (None, ())


def test_a_file_that_llama_cpp_loads(file: Path) -> None:
    write_tiny(file)
    header = read_header(file)
    assert header.context_length == 1024
    assert header.added_tokens == (*TINY_CONTROL, *MARKERS)


def test_the_bundled_model_names_what_its_tokenizer_does() -> None:
    model = bundled_model()
    header = read_header(model)
    added = json.loads((model.parent / "tokenizer.json").read_bytes())["added_tokens"]
    assert set(header.added_tokens) == {token["content"] for token in added}
    assert header.context_length


def test_cut_anywhere_it_is_an_error_and_nothing_else(file: Path) -> None:
    whole = gguf(VALUES)
    for end in range(len(whole)):
        file.write_bytes(whole[:end])
        with pytest.raises(GgufError):
            read_header(file)


def test_one_byte_wrong_is_an_error_or_another_answer(file: Path) -> None:
    whole = gguf(VALUES)
    for at in range(len(whole)):
        for byte in (0x00, 0x09, 0x7F, 0xFF):
            file.write_bytes(whole[:at] + bytes((byte,)) + whole[at + 1 :])
            with suppress(GgufError):
                read_header(file)


HUGE = 2**63


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\3\4",
        gguf({}, version=1),
        b"GGUF" + struct.pack(">IQQ", 3, 0, 0),
        gguf({}, count=HUGE),
        gguf({"tokenizer.ggml.tokens": array(STRING, [], HUGE)}),
        gguf({"tokenizer.ggml.tokens": array(STRING, [struct.pack("<Q", HUGE)])}),
        gguf({"tokenizer.ggml.tokens": types(1)}),
        gguf({"tokenizer.ggml.tokens": struct.pack("<II", UINT, 1)}),
        gguf({"tokenizer.ggml.token_type": array(INT, [], HUGE)}),
        gguf({"tokenizer.ggml.token_type": tokens("a")}),
        gguf({"x": array(INT, [], HUGE)}),
        gguf({"x": array(STRING, [], HUGE)}),
        gguf({"x": array(ARRAY, [types(1)])}),
        gguf({"x": struct.pack("<I", 77)}),
        gguf({**VALUES, "tokenizer.ggml.token_type": types(1, 3)}),
    ],
)
def test_nonsense(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    with pytest.raises(GgufError):
        read_header(file)


def test_no_more_is_read_than_a_header_can_be(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(gguf(VALUES))
    monkeypatch.setattr(gguf_header, "MAX_HEADER", 64)
    with pytest.raises(GgufError):
        read_header(file)
