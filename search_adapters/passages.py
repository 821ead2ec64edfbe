"""Cutting a document into passages: whole sentences, about as much as one can take in at a glance.

A model reads a few passages per search out of a small budget, so a passage should hold a thought
and not a page. A sentence is broken only when it alone is too long.
"""

import re
from collections.abc import Iterator

TARGET = 350
"""Characters of a passage: two to four sentences, under a hundred tokens."""
LEAST = 80
"""A shorter rest at the end of a document joins the passage before it."""

_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_ITEM = re.compile(r"\s*(?:[-*+•‣–]|\d{1,3}[.)]|#{1,6})\s+\S")
_END = re.compile(
    r"""(?<![.!?…])[.!?…]+["'”’»)\]]*\s+(?=["'“‘«(\[¿¡]?[^\W_a-zß-ÿ])|[。！？]+[」』）”]*\s*"""
)
_SHORT = """approx c ca capt cf col dr e.g ed eds esp est etc fig gen gov i.e inc jr lt ltd mr mrs
    ms mt no nos op p pp prof rev sen sgt sr st u.k u.s vol vols vs"""
_ABBREVIATIONS = frozenset(_SHORT.split())
_WRAPPED = 60
"""A line at least this long was probably broken by its editor, not by its writer."""


def split(text: str, target: int = TARGET) -> list[str]:
    """`text` as passages of at most about `target` characters, in order; [] for blank text.

    Paragraphs in a passage are joined by a newline, sentences by a space.
    """
    passages: list[str] = []
    current = ""
    for unit, joint in _units(text, target):
        if current and len(current) + len(joint) + len(unit) > target:
            passages.append(current)
            current = unit
        else:
            current = current + joint + unit if current else unit
    if current:
        if passages and len(current) < LEAST:
            passages[-1] += "\n" + current
        else:
            passages.append(current)
    return passages


def sentences(paragraph: str) -> list[str]:
    """The sentences of one paragraph, in order; nothing is lost but the blanks between them."""
    found, start = [], 0
    for match in _END.finditer(paragraph):
        before = paragraph[max(start, match.start() - 20) : match.start()]
        if not _is_abbreviation(before, match[0]):
            found.append(paragraph[start : match.end()].strip())
            start = match.end()
    found.append(paragraph[start:].strip())
    return [sentence for sentence in found if sentence]


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text file, each as one line; wrapped lines joined, list items apart."""
    found: list[str] = []
    for block in _BLANK.split(text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [" ".join(line.split()) for line in block.split("\n")]
        joined = ""
        last = ""
        for line in filter(None, lines):
            goes_on = len(last) >= _WRAPPED and not _ITEM.match(line) and not _ITEM.match(last)
            if joined and not goes_on:
                found.append(joined)
                joined = ""
            joined = f"{joined} {line}" if joined else line
            last = line
        if joined:
            found.append(joined)
    return found


def _units(text: str, target: int) -> Iterator[tuple[str, str]]:
    """Sentences, or pieces of over-long ones, each with what joins it to the unit before it."""
    for paragraph in paragraphs(text):
        joint = "\n"
        for sentence in sentences(paragraph):
            for piece in _pieces(sentence, target):
                yield piece, joint
                joint = " "


def _pieces(sentence: str, target: int) -> Iterator[str]:
    start = 0
    while len(sentence) - start > target:
        # Scripts without spaces have no word to respect.
        cut = sentence.rfind(" ", start + target // 2, start + target + 1)
        cut = cut if cut > 0 else start + target
        yield sentence[start:cut].strip()
        start = cut
    if rest := sentence[start:].strip():
        yield rest


def _is_abbreviation(before: str, end: str) -> bool:
    """Whether the full stop belongs to the word before it: `Dr.`, `e.g.`, the J. of J. Smith."""
    if not end.startswith(".") or end.startswith(".."):
        return False
    words = before.rsplit(maxsplit=1)
    word = words[-1].lstrip("(\"'“‘[") if words else ""
    return word.casefold() in _ABBREVIATIONS or (len(word) == 1 and word.isupper())
