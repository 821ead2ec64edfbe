"""What a user points at -> documents to ask about, facts to word, questions that are there already.

.txt .md .html .pdf    documents, read by the code that reads them for the local search
.jsonl .json (.gz)     rows, each by its fields: a question, a fact, or a document
"""

import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search_adapters.documents import READERS, read_file
from search_adapters.passages import split
from search_adapters.unreadable import Unreadable
from training import jsonl
from training.questions.public_facts import Fact, facts
from training.records import Source

PASSAGE = 1200
"""Characters of a passage that questions are written from: a few paragraphs."""
LEAST = 120
"""A shorter passage says too little to ask about."""
_TEXT = (
    "text",
    "passage",
    "content",
    "context",
    "lead",
    "background",
    "extract",
    "body",
    "summary",
)
_TITLE = ("title", "name", "heading")
ROWS = (".jsonl", ".json", ".jsonl.gz", ".json.gz", ".ndjson")


@dataclass(frozen=True, slots=True)
class Document:
    """A text and where it comes from."""

    source: Source
    text: str

    def passages(self, target: int = PASSAGE) -> list[str]:
        """Its passages, in order, those left out that are too short to ask about."""
        return [passage for passage in split(self.text, target) if len(passage) >= LEAST]


@dataclass(frozen=True, slots=True)
class Row:
    """A question that somebody else wrote down."""

    fields: Mapping[str, Any]
    source: Source


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be read, with the reason."""

    path: Path
    reason: str


Found = Document | Fact | Row | Skipped


def find(paths: Iterable[Path]) -> Iterator[Found]:
    """Everything in files and folders, in a stable order; hidden files are left out."""
    for root in paths:
        if not root.exists():
            yield Skipped(root, "no such file or folder")
            continue
        for path in _files(root):
            try:
                yield from _read(path, root)
            except (Unreadable, jsonl.Damaged, ValueError, OSError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                yield Skipped(path, reason or "can't be read")


def write_rows(paths: Iterable[Path], folder: Path) -> int:
    """Write the documents that are rows of JSONL as files, for an index that reads files alone.

    Returns how many there were.
    """
    count = 0
    rows = (path for root in paths for path in _files(root) if path.name.lower().endswith(ROWS))
    for found in find(rows):
        if isinstance(found, Document):
            count += 1
            title = found.source.title or found.source.id
            (folder / f"{count}.md").write_text(f"# {title}\n\n{found.text}\n", "utf-8")
    return count


def _files(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        yield root
        return
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                path = Path(folder, name)
                if path.suffix.lower() in READERS or name.lower().endswith(ROWS):
                    yield path


def _read(path: Path, root: Path) -> Iterator[Found]:
    # Named from the folder that was given: ids stay the same when that is moved.
    name = path.name if path == root else str(path.relative_to(root.parent))
    if not path.name.lower().endswith(ROWS):
        title, text = read_file(path)
        yield Document(Source(name, title, path=str(path)), text)
        return
    for number, fields in enumerate(_rows(path), start=1):
        yield from _row(fields, name, number, path)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if ".json" in path.suffixes:
        content = path.read_bytes()
        whole = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
        if not isinstance(whole, list):
            raise ValueError("not a list of objects")
        yield from (row for row in whole if isinstance(row, dict))
    else:
        yield from jsonl.loose(path)


def _row(fields: dict[str, Any], name: str, number: int, path: Path) -> Iterator[Found]:
    title = next((fields[key] for key in _TITLE if isinstance(fields.get(key), str)), "")
    id_ = str(fields.get("id") or title or _digest(fields))
    source = Source(f"{name}#{id_}", title, path=str(path), url=fields.get("url"))
    if isinstance(fields.get("question"), str):
        yield Row(fields, source)
        return
    told = list(facts(fields, source))
    yield from told
    text = next((fields[key] for key in _TEXT if isinstance(fields.get(key), str)), "")
    if text:
        yield Document(source, text)
    elif not told:
        raise ValueError(f"row {number} is no question, no fact and no document: {[*fields]}")


def _digest(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:12]
