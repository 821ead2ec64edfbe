"""A toy tokenizer: added tokens are one id each, other text one id per UTF-8 byte.

A model's tokens are not those that `encode` would choose: `sampled` gives any piece of text an id
of its own, so that text which was generated and encoded again shows up as other ids.
"""

import re
from collections.abc import Iterable, Sequence

from app.dialect.markers import ORSON, Dialect

END = "<|end|>"
TEMPLATE = ("<|bos|>", "<|system|>", "<|user|>", "<|assistant|>", END, "<think>")
FIRST_BYTE = 100
FIRST_PIECE = 1000


class ToyTokenizer:
    """`single`: whether the dialect's markers are single tokens or plain text."""

    def __init__(
        self,
        *,
        single: bool = True,
        added: Iterable[str] = (),
        dialect: Dialect = ORSON,
        end: str = END,
    ) -> None:
        markers = dialect.markers if dialect is ORSON else (*dialect.literals, *dialect.inside)
        every = (*(filter(None, markers) if single else ()), *TEMPLATE, *added, end)
        self.added = tuple(dict.fromkeys(every))
        self.id = {literal: number for number, literal in enumerate(self.added, start=1)}
        self.end = self.id[end]
        self._literal = {number: literal for literal, number in self.id.items()}
        longest_first = sorted(self.added, key=len, reverse=True)
        self._split = re.compile("(" + "|".join(map(re.escape, longest_first)) + ")")
        self._pieces: list[str] = []
        self._piece_id: dict[str, int] = {}

    def encode(self, text: str) -> list[int]:
        """As servers do it: the literal of an added token becomes the token, wherever it stands."""
        ids: list[int] = []
        for part in self._split.split(text):
            if part in self.id:
                ids.append(self.id[part])
            else:
                ids += (FIRST_BYTE + byte for byte in part.encode("utf-8", "surrogatepass"))
        return ids

    def sampled(self, piece: str) -> int:
        """The one token a model says `piece` with."""
        if piece in self.id:
            return self.id[piece]
        if piece not in self._piece_id:
            self._piece_id[piece] = FIRST_PIECE + len(self._pieces)
            self._pieces.append(piece)
        return self._piece_id[piece]

    def cut(self, text: str, size: int) -> list[str]:
        """`text` in a model's pieces: added tokens whole, the rest `size` characters at a time."""
        pieces: list[str] = []
        for part in self._split.split(text):
            if part in self.id:
                pieces.append(part)
            else:
                pieces += (part[at : at + size] for at in range(0, len(part), size))
        return pieces

    def text(self, token: int) -> str:
        """What a sampled token or an added token prints."""
        if token >= FIRST_PIECE:
            return self._pieces[token - FIRST_PIECE]
        return self._literal[token]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of any ids."""
        out = b""
        for token in ids:
            if FIRST_BYTE <= token < FIRST_PIECE:
                out += bytes((token - FIRST_BYTE,))
            else:
                out += self.text(token).encode()
        return out.decode("utf-8", "replace")

    def control(self, ids: Iterable[int]) -> list[str]:
        """The added tokens among `ids`."""
        return [self._literal[token] for token in ids if token in self._literal]
