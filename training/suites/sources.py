"""The hand-written parts of the bundled suite, read from the text files beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent / "bundled"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its answers, and whether it is of a kind the bundled model is taught."""

    question: str
    answers: tuple[str, ...]
    taught: bool = True


@dataclass(frozen=True, slots=True)
class Text:
    """A text with questions about it."""

    path: str
    title: str
    questions: tuple[Asked, ...]
    body: str


def wordings() -> dict[str, tuple[str, ...]]:
    """The ways to ask, by kind."""
    found: dict[str, list[str]] = {}
    kind = ""
    for line in _lines("wordings.txt"):
        if line.startswith("= "):
            kind = line[2:].strip()
            found[kind] = []
        elif line.strip():
            found[kind].append(line.strip())
    return {name: tuple(lines) for name, lines in found.items()}


def reading() -> list[Text]:
    """The passages with their slots for names: one question each."""
    found = []
    for at, block in enumerate("\n".join(_lines("reading.txt")).strip().split("\n\n")):
        lines = block.strip().splitlines()
        title = lines.pop(0)[2:] if lines[0].startswith("# ") else ""
        found.append(Text(str(at), title, (_asked(lines[0]),), " ".join(lines[1:])))
    return found


def notes() -> list[Text]:
    """The files of the folder of notes, each with the questions about it."""
    found = []
    for block in "\n".join(_lines("notes.txt")).split("=== ")[1:]:
        head, _, body = block.partition("\n---\n")
        path, *asked = head.strip().splitlines()
        found.append(Text(path, "", tuple(_asked(line) for line in asked), body.strip() + "\n"))
    return found


def talk() -> list[dict[str, Any]]:
    """Small talk, some of it about the conversation itself; any of the words is a fair reply."""
    found: list[dict[str, Any]] = []
    before: list[list[str]] = []
    for line in _lines("talk.txt"):
        if line.startswith("< "):
            role, _, text = line[2:].partition(": ")
            before.append([role, text])
        elif line.startswith("? "):
            asked = _asked(line)
            found.append({"question": asked.question, "answers": asked.answers, "before": before})
            before = []
    return found


def _asked(line: str) -> Asked:
    """`? question = answer | alias`."""
    mark, _, rest = line.partition(" ")
    question, _, answers = rest.partition(" = ")
    return Asked(question, tuple(answer.strip() for answer in answers.split("|")), mark == "?")


def _lines(name: str) -> list[str]:
    text = (HERE / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("//")]
