"""A tokenizer that learns words as they come: ids are stable as long as the process lives.

Added tokens (the control tokens, and the markers unless told otherwise) are matched first, as a
Hugging Face tokenizer does; then text is split into words, runs of punctuation and runs of space.
Whatever is not ASCII goes byte by byte, so that characters split over tokens as they do with
byte-level BPE.
"""

import re
from collections.abc import Iterable, Sequence

END, USER, ASSISTANT, SYSTEM = "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"
CONTROL = (END, USER, ASSISTANT, SYSTEM)
MARKERS = ("[SEARCH_START]", "[SEARCH_END]", "[RESULTS_START]", "[RESULTS_END]")
MAX_WORDS = 1_000_000
"""New words past this are spelt in bytes: strangers' text must not fill the memory."""

_PIECES = re.compile(r" ?[A-Za-z0-9_]+| ?[!-/:-@\[-`{-~]+| |[\t-\r]+|[^\x09-\x0d\x20-\x7e]+")


class Tokenizer:
    """Text <-> ids. Leave a marker out of `markers` and it is spelt in several ordinary tokens."""

    def __init__(self, markers: Iterable[str] = MARKERS) -> None:
        self.added = (*CONTROL, *markers)
        self._bytes_of = [literal.encode() for literal in self.added]
        self._id_of = {literal: id for id, literal in enumerate(self.added)}
        self._first_byte = len(self.added)
        self._bytes_of += [bytes((value,)) for value in range(256)]
        self._words: dict[str, int] = {}
        longest_first = sorted(self.added, key=len, reverse=True)
        self._added = re.compile("(" + "|".join(map(re.escape, longest_first)) + ")")
        self.end = self._id_of[END]

    def __len__(self) -> int:
        return len(self._bytes_of)

    def id(self, literal: str) -> int:
        """The id of an added token."""
        return self._id_of[literal]

    def encode(self, text: str) -> list[int]:
        """Ids of `text`; literals of added tokens become their ids, as in vLLM's /tokenize."""
        ids: list[int] = []
        for part in self._added.split(text):
            added = self._id_of.get(part)
            if added is not None:
                ids.append(added)
                continue
            for piece in _PIECES.findall(part):
                ids += self._piece(piece)
        return ids

    def piece(self, id: int) -> bytes:
        """The bytes of one token."""
        return self._bytes_of[id]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, added tokens included."""
        return b"".join(map(self._bytes_of.__getitem__, ids)).decode("utf-8", "replace")

    def chat(self, messages: Iterable[tuple[str, str]], *, open_answer: bool = True) -> str:
        """The chat template: role and content of each turn, open for the answer."""
        turns = "".join(f"<|{role}|>{content}{END}" for role, content in messages)
        return turns + ASSISTANT if open_answer else turns

    def _piece(self, piece: str) -> Sequence[int]:
        known = self._words.get(piece)
        if known is not None:
            return (known,)
        if not piece.isascii() or len(self._words) >= MAX_WORDS:
            return [self._first_byte + value for value in piece.encode()]
        self._words[piece] = len(self._bytes_of)
        self._bytes_of.append(piece.encode())
        return (self._words[piece],)
