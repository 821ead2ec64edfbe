# ruff: noqa: E501
"""The format of the files of pages.

    === Title (may be empty)
    @ wood = oak | pine | walnut
    ? When was {n} born? | In what year was {n} born? => {n} was born in [{year}]. ~ {n} year of birth
    - Where did {n} study? => I don't know where {n} studied. ~ {n} studies
    ---
    The text, in which {n} was born in {year} and {wood} is a list of the page's own.

"@ home : town" makes {home} another town. Below one head there may be several texts, each after a line
"---" or "--- Title of its own", which tell some of the facts each; a question counts for those that
hold its answer.

A line with "?" is a question, in several wordings, that the text answers: what to say, with the
answer proper in brackets, and after "~" what to search for. A line with "-" asks for what the text
does not tell. `check` says what is wrong with a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SLOT = re.compile(r"\{([a-z]+)(\d?)(\.first|\.last)?\}")
"""A slot: its kind, its number, and a part of a name."""
FOLDER = Path(__file__).parent


class Malformed(ValueError):
    """A page that can't be read; says where and why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a page, all of it with slots."""

    wordings: tuple[str, ...]
    answer: str
    """With the answer proper in brackets; without brackets where the page does not tell."""
    query: str

    @property
    def told(self) -> bool:
        """Whether the page answers it."""
        return "[" in self.answer

    @property
    def value(self) -> str:
        """The answer proper."""
        return self.answer.partition("[")[2].partition("]")[0]

    @property
    def sentence(self) -> str:
        """What to say."""
        return self.answer.replace("[", "").replace("]", "")


@dataclass(frozen=True, slots=True)
class Page:
    """A text with slots, and what can be asked about it."""

    title: str
    text: str
    lists: dict[str, tuple[str, ...]]
    alias: dict[str, str]
    """Slots that hold another of a built-in kind."""
    asked: tuple[Asked, ...]

    def slots(self) -> Iterator[tuple[str, str]]:
        """Kind and number of every slot, in order, some more than once."""
        parts = [self.title, self.text]
        for each in self.asked:
            parts += [*each.wordings, each.answer, each.query]
        for kind, number, _ in SLOT.findall("\n".join(parts)):
            yield kind, number


def parse(source: str, name: str = "") -> list[Page]:
    """The pages of a file; Malformed."""
    blocks = re.split(r"^===[ \t]*(.*)$", source, flags=re.MULTILINE)
    return [
        page
        for title, body in zip(blocks[1::2], blocks[2::2], strict=True)
        for page in _pages(title.strip(), body, f"{name} === {title.strip()}")
    ]


def _pages(title: str, body: str, where: str) -> Iterator[Page]:
    head, *texts = re.split(r"^---[ \t]*(.*)\n", body, flags=re.MULTILINE)
    if not texts:
        raise Malformed(f"{where}: no line '---' before the text")
    lists: dict[str, tuple[str, ...]] = {}
    alias: dict[str, str] = {}
    asked: list[Asked] = []
    for row in filter(None, (row.strip() for row in head.splitlines())):
        mark, rest = row[0], row[1:].strip()
        if mark == "@" and "=" not in rest:
            key, _, kind = rest.partition(":")
            alias[key.strip()] = kind.strip()
        elif mark == "@":
            key, _, values = rest.partition("=")
            lists[key.strip()] = tuple(v.strip() for v in values.split("|") if v.strip())
        elif mark in "?-":
            asked.append(_asked(mark, rest, f"{where}: {row[:60]}"))
        elif not row.startswith("//"):
            raise Malformed(f"{where}: a line must begin with @, ? or -: {row[:60]}")
    for own, text in zip(texts[::2], texts[1::2], strict=True):
        called = own.strip() or title
        if len(texts) == 2:
            yield Page(called, text.strip(), lists, alias, tuple(asked))
        else:
            left = tuple(each for each in asked if _fits(each, f"{called}\n{text}"))
            yield Page(called, text.strip(), lists, alias, left)


def _fits(asked: Asked, text: str) -> bool:
    """Whether one of several texts answers a question, or could be asked it."""
    if asked.told and asked.value.lower() not in text.lower():
        return False
    there = {(kind, number) for kind, number, _ in SLOT.findall(text)}
    parts = " ".join((*asked.wordings, asked.answer, asked.query))
    return all((kind, number) in there for kind, number, _ in SLOT.findall(parts))


def _asked(mark: str, row: str, where: str) -> Asked:
    found = re.fullmatch(r"(.+?)=>(.+?)~(.+)", row)
    if found is None:
        raise Malformed(f"{where}: must be 'wordings => answer ~ query'")
    wordings = tuple(w.strip() for w in found[1].split("|") if w.strip())
    answer, query = found[2].strip(), found[3].strip()
    if (mark == "?") != bool(re.fullmatch(r"[^\[\]]*\[[^\[\]]+\][^\[\]]*", answer)):
        raise Malformed(f"{where}: a '?' has its answer in one pair of [brackets], a '-' has none")
    if mark == "-" and not answer.startswith("I don't know"):
        raise Malformed(f"{where}: the answer of a '-' begins with I don't know")
    return Asked(wordings, answer, query)


def load(folder: Path = FOLDER) -> list[Page]:
    """All pages of a folder, in order; Malformed."""
    return [
        page
        for file in sorted(folder.glob("*.txt"))
        for page in parse(file.read_text(encoding="utf-8"), file.name)
    ]
