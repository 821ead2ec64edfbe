"""Questions that somebody else wrote down -> ours: any JSONL with a `question` in each line.

Ours are taken as they are. Of others the right answers are looked for in `answers`, `answer`, or
`aliases`; a row without any is a question nobody has answered, to be probed all the same.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from training import jsonl
from training.questions.splitting import Shares
from training.records import SPLITS, Question, Source


def load(path: Path, shares: Shares | None = None) -> Iterator[Question]:
    """The questions of a file.

    Raises:
        jsonl.Damaged: a line has no question.
        OSError: there is no such file.
    """
    for number, fields in enumerate(jsonl.loose(path), start=1):
        if not isinstance(fields.get("question"), str):
            raise jsonl.Damaged(f"{path}, line {number}: it has no 'question'")
        source = Source(f"{path.name}#{fields.get('id', number)}", path=str(path))
        yield question(fields, source, shares or Shares())


def question(fields: Mapping[str, Any], source: Source, shares: Shares) -> Question:
    """A question from a row of any origin."""
    try:
        return msgspec.convert(fields, Question)
    except msgspec.ValidationError:
        pass
    text = " ".join(str(fields["question"]).split())
    document = _document(fields, source)
    split = fields.get("split")
    passage = fields.get("passage") or fields.get("context")
    return Question(
        id=str(fields.get("id") or "q-" + hashlib.sha256(text.encode()).hexdigest()[:16]),
        question=text,
        answers=_answers(fields),
        split=split if split in SPLITS else shares.split(document.id),
        source="given",
        subject=_text(fields.get("subject")),
        attribute=_text(fields.get("attribute")),
        passage=_text(passage),
        document=document,
    )


def _document(fields: Mapping[str, Any], source: Source) -> Source:
    named = fields.get("document")
    if isinstance(named, dict) and "id" in named:
        return msgspec.convert(named, Source, strict=False)
    return Source(str(named), path=source.path) if isinstance(named, str) else source


def _answers(fields: Mapping[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    for name in ("answers", "answer", "value", "aliases"):
        value = fields.get(name)
        if isinstance(value, dict):  # SQuAD's {"text": [...]}
            value = value.get("text")
        if value is not None:
            found += map(str, value if isinstance(value, (list, tuple)) else [value])
    return tuple(dict.fromkeys(answer.strip() for answer in found if answer.strip()))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
