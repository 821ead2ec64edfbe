"""A suite: questions with what a good answer does with them, and files to index for some of them.

One JSON object a line, plain or gzipped; the questions that the pipeline writes are such lines. A
question has `question` and `answers` (or `answer`: every accepted spelling; empty or null when
nobody knows), and may have

    id         names it in the report; its place otherwise
    kind       what it measures; `question` otherwise
    known      whether the model is to know the answer by heart; absent when nobody can say
    answerable false where no answer is right but "I don't know"; true where it has answers
    document   {"title": ...} of the document that holds the answer
    policy     search policy of the request (auto, always, never); the run's own otherwise
    before     earlier turns, a list of [role, text]
    attribute  what to break results down by beside the kind, e.g. a relation or a popularity bin
    indexed    whether it is about one of the suite's files

A line with `file` and `text` is a document that is indexed while such questions are asked.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.jsonl import Damaged, loose

BUNDLED = Path(__file__).resolve().parent.parent / "suites" / "bundled.jsonl.gz"


class BadSuite(Exception):
    """The file can't be read as a suite; says where and why."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what is known about a good answer."""

    id: str
    question: str
    answers: tuple[str, ...] = ()
    kind: str = "question"
    known: bool | None = None
    answerable: bool = True
    title: str = ""
    """Of the document that holds the answer."""
    policy: str | None = None
    before: tuple[tuple[str, str], ...] = ()
    group: str = ""
    indexed: bool = False


@dataclass(frozen=True, slots=True)
class Suite:
    """Questions, and the files that some of them are about."""

    name: str
    questions: tuple[Question, ...]
    files: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> str:
        """Changes when a question or a file does."""
        return hashlib.sha256(repr((self.questions, self.files)).encode()).hexdigest()[:12]

    def part(self, kinds: tuple[str, ...] = (), limit: int | None = None) -> Suite:
        """Only these kinds, and of each at most `limit` questions, spread evenly over it."""
        chosen: list[Question] = []
        for kind in dict.fromkeys(each.kind for each in self.questions):
            of_kind = [each for each in self.questions if each.kind == kind]
            if kinds and kind not in kinds:
                continue
            if limit is not None and len(of_kind) > limit:
                of_kind = [of_kind[at * len(of_kind) // limit] for at in range(limit)]
            chosen += of_kind
        return Suite(self.name, tuple(chosen), self.files)


def load(where: Path | str) -> Suite:
    """The suite in a file, or the one that comes along (`bundled`).

    Raises:
        BadSuite: no such file, or a line that is no question.
    """
    path = BUNDLED if where == "bundled" else Path(where)
    questions: list[Question] = []
    files: list[tuple[str, str]] = []
    try:
        for number, row in enumerate(loose(path), start=1):
            if "file" in row:
                files.append((_text(row, "file", number), _text(row, "text", number)))
            else:
                questions.append(_question(row, number))
    except Damaged as error:
        raise BadSuite(str(error)) from error
    except OSError as error:
        raise BadSuite(f"{path}: {error.strerror or error}") from error
    except _NoQuestion as error:
        raise BadSuite(f"{path}, {error}") from error
    if not questions:
        raise BadSuite(f"{path}: no questions in it")
    name, times = Counter(each.id for each in questions).most_common(1)[0]
    if times > 1:
        raise BadSuite(f"{path}: {times} questions have the id {name!r}")
    return Suite(path.name.removesuffix(".gz").removesuffix(".jsonl"), (*questions,), (*files,))


class _NoQuestion(Exception):
    """What a line lacks."""


def _question(row: dict[str, Any], number: int) -> Question:
    given = row.get("answers", row.get("answer"))
    answers = (given,) if isinstance(given, (str, int, float)) else tuple(given or ())
    known, document = row.get("known"), row.get("document")
    return Question(
        id=str(row.get("id") or number),
        question=_text(row, "question", number),
        answers=tuple(str(each) for each in answers),
        kind=str(row.get("kind") or "question"),
        known=known if isinstance(known, bool) else None,
        answerable=bool(row.get("answerable", bool(answers))),
        title=str(document.get("title") or "") if isinstance(document, dict) else "",
        policy=row.get("policy"),
        before=tuple((str(role), str(text)) for role, text in row.get("before") or ()),
        group=str(row.get("attribute") or ""),
        indexed=bool(row.get("indexed")),
    )


def _text(row: dict[str, Any], name: str, number: int) -> str:
    found = row.get(name)
    if not isinstance(found, str) or not found.strip():
        raise _NoQuestion(f"line {number}: `{name}` is missing")
    return found
