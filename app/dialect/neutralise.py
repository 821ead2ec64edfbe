"""Making outside text harmless: what users, system prompts and pages say never becomes control.

A tokenizer turns the literal of a special token into the token wherever it stands, so a page
that says `[SEARCH_START]` or `<|im_end|>` would speak with the model's own voice. The cure is to
break the literal: an invisible joiner (U+2060) goes in after its first character.

- Matching is done on a *folded* copy (compatibility forms, case, invisible characters left out),
  so full-width and mixed-case variants are found too; the edit is made in the original, so
  nothing else about the text changes.
- Nothing is ever deleted: deleting an inner marker from `[SEARCH_[SEARCH_START]START]` makes one.
- It runs after texts are joined, since a literal split over two texts forms only then.
- Requests wait while it runs, so every pass over a whole text is one call into C: first for
  what can fold to the first two characters of a literal (plain text holds none, and is done), then
  to fold, then to match. Invisible characters fold to nothing, so any number of them hides nothing.

Being pure text, this can't know what a tokenizer will do; callers assert on ids afterwards.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

JOINER = "\N{WORD JOINER}"
"""Invisible, breaks no line, and survives every Unicode normalisation."""


def broken(literal: str) -> str:
    """The literal as text for people, which no tokenizer takes for the token."""
    return f"{literal[:1]}{JOINER}{literal[1:]}"


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


class _Folds(dict[int, str]):
    """`str.translate`'s table of folded characters, filled as they are met."""

    def __missing__(self, code: int) -> str:
        if len(self) >= 1 << 14:  # more than a language writes with; a stranger can't fill memory
            self.clear()
        folded = self[code] = _fold_char(chr(code))
        return folded


_FOLDS = _Folds()


def _fold(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_FOLDS)


FOLDING = (range(0x2FC00), range(0xE0000, 0xE0100))
"""The code points among which all are that fold to anything but themselves (a test looks)."""


@cache
def _variants() -> Mapping[str, str]:
    """For each folded character, the others in whose folded form it occurs; "": the invisible."""
    variants: dict[str, str] = {}
    for codes in FOLDING:
        every = "".join(map(chr, codes))
        variants[""] = variants.get("", "") + "".join(
            char for char in every if unicodedata.category(char) == "Cf"
        )
        for at in range(0, len(every), 64):
            block = every[at : at + 64]
            if block.casefold() == block and unicodedata.is_normalized("NFKC", block):
                continue
            for char in block:
                for piece in {*_fold_char(char)} - {char}:
                    variants[piece] = variants.get(piece, "") + char
    return variants


def _with_variants(folded: Iterable[str]) -> str:
    return "".join(char + _variants().get(char, "") for char in sorted(folded))


def _any_of(chars: Iterable[str]) -> str:
    return f"[{re.escape(''.join(chars))}]"


class Neutraliser:
    """Breaks every control literal in a text, and tells whether one is in it."""

    def __init__(self, literals: Iterable[str]) -> None:
        self.literals = tuple(dict.fromkeys((*literals, *TEMPLATE_LITERALS)))
        folded = sorted({_fold(literal) for literal in self.literals} - {""}, key=len, reverse=True)
        rests: dict[str, list[str]] = {}
        for literal in folded:
            rests.setdefault(literal[0], []).append(re.escape(literal[1:]))
        rests.setdefault(_BARRED[0], []).append(_BARRED[1:])
        # Only the first character is taken, so overlapping matches are found too: each is broken
        # on its own. Being literal, it also lets the search skip what can't begin a match.
        self._pattern = re.compile(
            "|".join(f"{re.escape(char)}(?={'|'.join(rest)})" for char, rest in rests.items())
        )
        openers = _with_variants(rests)
        self._first = re.compile(_any_of(rests))
        self._opener = re.compile(_any_of(openers))
        # `[1]` opens no literal, and most texts are done when that is seen: behind a first
        # character must come a second one, unless it folds to more than one, or is all there is.
        seconds = {literal[1] for literal in folded if len(literal) > 1} | {"|"}
        alone = _with_variants({literal for literal in folded if len(literal) == 1})
        alone += "".join(char for char in openers if len(_fold(char)) > 1)
        second = _with_variants(seconds)
        # Whether a character is in a set of hundreds is a slow question; few need be asked it.
        plain = _any_of(filter(str.isascii, second))
        further = rf"(?=[^\x00-\x7f]){_any_of(_variants()[''])}*{_any_of(second)}"
        pattern = f"{_any_of(openers)}(?:{plain}|{further})"
        self._begins = re.compile(f"{pattern}|{_any_of(alone)}" if alone else pattern)

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
        if not self._begins.search(text):
            return []
        folded = _fold(text)
        found = {match.start() for match in self._pattern.finditer(folded)}
        if not found or text.isascii():
            return sorted(found)
        # The characters that may begin a literal are the same ones, in the same order, in both.
        origins = (
            opener.start()
            for opener in self._opener.finditer(text)
            for _ in self._first.findall(_fold(opener.group()))
        )
        firsts = self._first.finditer(folded)
        starts = (at for at, first in zip(origins, firsts, strict=True) if first.start() in found)
        return list(dict.fromkeys(starts))
