"""Making outside text harmless: what users, system prompts and pages say never becomes control.

A tokenizer turns the literal of a special token into the token wherever it stands, so a page
that says `[SEARCH_START]` or `<|im_end|>` would speak with the model's own voice. The cure is to
break the literal: an invisible joiner (U+2060) goes in after its first character.

- Matching is done on a *folded* copy (compatibility forms, case, invisible characters left out),
  so full-width and mixed-case variants are found too; the edit is made in the original, so
  nothing else about the text changes.
- Nothing is ever deleted: deleting an inner marker from `[SEARCH_[SEARCH_START]START]` makes one.
- It runs after texts are joined, since a literal split over two texts forms only then.

Being pure text, this can't know what a tokenizer will do; callers assert on ids afterwards.
"""

import re
import unicodedata
from collections.abc import Iterable

JOINER = "\N{WORD JOINER}"
"""Invisible, breaks no line, and survives every Unicode normalisation."""

TEMPLATE_LITERALS = (
    "<s>", "</s>", "<bos>", "<eos>", "<pad>", "<unk>", "<think>", "</think>",
    "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>",
    "<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>",
    "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]",
    "[TOOL_CALLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[IMG]",
    "<search>", "</search>", "<information>", "</information>", "<result>", "</result>",
)  # fmt: skip
"""Control literals of the common chat templates that don't look like `<|…|>`."""

_BARRED = r"<[|｜][^\s<>]{1,64}?[|｜]>"
"""`<|im_start|>`, `<|eot_id|>`, `<｜User｜>`: the shape nearly every newer template uses."""


def _fold_char(char: str) -> str:
    if unicodedata.category(char) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", char).casefold()


def _fold(text: str) -> str:
    return "".join(map(_fold_char, text))


class Neutraliser:
    """Breaks every control literal in a text, and tells whether one is in it."""

    def __init__(self, literals: Iterable[str]) -> None:
        self.literals = tuple(dict.fromkeys((*literals, *TEMPLATE_LITERALS)))
        folded = sorted({_fold(literal) for literal in self.literals} - {""}, key=len, reverse=True)
        # A look-ahead finds overlapping matches too: each is broken on its own.
        self._pattern = re.compile(f"(?=({'|'.join([*map(re.escape, folded), _BARRED])}))")

    def __call__(self, text: str) -> str:
        """`text` with a joiner in each control literal; the same object when it holds none."""
        starts = self._starts(text)
        # Idempotent: a literal that a joiner already breaks is left as it is.
        starts = [start for start in starts if not text.startswith(JOINER, start + 1)]
        if not starts:
            return text
        pieces: list[str] = []
        last = 0
        for start in starts:
            pieces += text[last : start + 1], JOINER
            last = start + 1
        pieces.append(text[last:])
        return "".join(pieces)

    def _starts(self, text: str) -> list[int]:
        """Where in `text` a literal begins, rising, each once."""
        if text.isascii():
            return [match.start() for match in self._pattern.finditer(text.lower())]
        folded: list[str] = []
        origin: list[int] = []
        for index, char in enumerate(text):
            for piece in _fold_char(char):
                folded.append(piece)
                origin.append(index)
        found = (origin[match.start()] for match in self._pattern.finditer("".join(folded)))
        return list(dict.fromkeys(found))
