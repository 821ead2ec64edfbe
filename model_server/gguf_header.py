"""What a GGUF file says of itself before its weights: its trained window and its added tokens.

    "GGUF" | version, 2 or 3 | number of tensors | number of values | values: key, type, value ...

Read here rather than by a library: three values are all that is asked, and the file may come from
anywhere. Nothing is allocated on the file's word alone; a lie about a length ends in GgufError.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

MAX_HEADER = 128 * 1024 * 1024
"""Bytes. A vocabulary of 262,144 tokens with its merges is about 15 MB."""

CONTROL, USER_DEFINED = 3, 4
"""Token types whose text is one token wherever it stands, whatever is around it."""

_STRING, _ARRAY = 8, 9
_INTEGERS: Final = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 10: "<Q", 11: "<q"}
_SIZES: Final = {kind: struct.calcsize(code) for kind, code in _INTEGERS.items()} | {
    6: 4,  # float
    7: 1,  # bool
    12: 8,  # double
}
_TOKENS, _TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"
_WINDOW = ".context_length"


class GgufError(ValueError):
    """The file is no GGUF file, or a broken one."""


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What is asked of a header."""

    context_length: int | None
    """Tokens of one sequence that the model was trained on, where it says."""
    added_tokens: tuple[str, ...]
    """Texts of the control tokens, then of those that its user defined."""


def read_header(path: Path) -> GgufHeader:
    """Read as far into the file as it takes.

    Raises:
        GgufError: this is no GGUF file, or it contradicts itself.
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        return _Reader(file, os.fstat(file.fileno()).st_size).header()


class _Reader:
    """The file from front to back, never past its end or MAX_HEADER."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = min(size, MAX_HEADER)

    def header(self) -> GgufHeader:
        if self._take(4) != b"GGUF":
            raise GgufError("it does not begin with GGUF")
        version = self._number(4)
        if version not in (2, 3):
            raise GgufError("it is GGUF of a version other than 2 and 3")
        self._number(10)  # tensors
        window: int | None = None
        tokens: list[bytes] | None = None
        types: list[int] | None = None
        for _ in range(self._number(10)):
            key = self._text().decode("utf-8", "replace")
            kind = self._number(4)
            if key.endswith(_WINDOW) and kind in _INTEGERS:
                window = self._number(kind)
            elif key == _TOKENS:
                tokens = self._texts(kind)
            elif key == _TYPES:
                types = self._integers(kind)
            else:
                self._pass_over(kind)
            if None not in (window, tokens, types):
                break
        return GgufHeader(window if window and window > 0 else None, _added(tokens, types))

    def _take(self, count: int) -> bytes:
        self._spend(count)
        taken = self._file.read(count)
        if len(taken) < count:
            raise GgufError("it ends in the middle of its header")
        return taken

    def _skip(self, count: int) -> None:
        self._spend(count)
        self._file.seek(count, os.SEEK_CUR)

    def _spend(self, count: int) -> None:
        if count > self._left:
            raise GgufError("it ends in the middle of its header")
        self._left -= count

    def _number(self, kind: int) -> int:
        return int(struct.unpack(_INTEGERS[kind], self._take(_SIZES[kind]))[0])

    def _text(self) -> bytes:
        return self._take(self._number(10))

    def _array(self, kind: int) -> tuple[int, int]:
        """The kind of an array's items, and how many there are."""
        if kind != _ARRAY:
            raise GgufError("a value that should be an array is none")
        return self._number(4), self._number(10)

    def _texts(self, kind: int) -> list[bytes]:
        item, count = self._array(kind)
        if item != _STRING:
            raise GgufError("its tokens are no texts")
        # A text takes 8 bytes at least: a count that lies runs into the end of the file.
        return [self._text() for _ in range(count)]

    def _integers(self, kind: int) -> list[int]:
        item, count = self._array(kind)
        if item not in _INTEGERS:
            raise GgufError("its token types are no integers")
        raw = self._take(count * _SIZES[item])
        return [number for (number,) in struct.iter_unpack(_INTEGERS[item], raw)]

    def _pass_over(self, kind: int) -> None:
        if kind == _ARRAY:
            item, count = self._array(kind)
            if item == _STRING:
                for _ in range(count):
                    self._skip(self._number(10))
            else:
                self._skip(count * self._size(item))
        elif kind == _STRING:
            self._skip(self._number(10))
        else:
            self._skip(self._size(kind))

    def _size(self, kind: int) -> int:
        if kind not in _SIZES:  # arrays in arrays are allowed by the format and used by nobody
            raise GgufError("it has a value of an unknown type")
        return _SIZES[kind]


def _added(tokens: list[bytes] | None, types: list[int] | None) -> tuple[str, ...]:
    if tokens is None or types is None:
        return ()  # no tokenizer, or one without added tokens
    if len(tokens) != len(types):
        raise GgufError("it has more tokens than token types, or fewer")
    texts = (
        token.decode("utf-8", "replace")
        for wanted in (CONTROL, USER_DEFINED)
        for token, kind in zip(tokens, types, strict=True)
        if kind == wanted
    )
    return tuple(dict.fromkeys(text for text in texts if text))
