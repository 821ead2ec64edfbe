"""All that a run of `orson data questions` finds and has, put together into one file."""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from training import jsonl
from training.questions import given
from training.questions.duplicates import sift
from training.questions.public_facts import Fact
from training.questions.running import Done
from training.questions.sources import Document, Row, Skipped, find
from training.questions.splitting import Shares
from training.questions.templates import Templates
from training.records import SPLITS, Question


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found in the files that a user named."""

    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    """Those that need no model: worded by templates, or read from a file."""
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written."""

    total: int
    splits: Mapping[str, int]
    duplicates: int
    ambiguous: int


def gather(paths: Iterable[Path], templates: Templates, shares: Shares) -> Gathered:
    """Read everything; two files with one text count once."""
    documents: dict[str, Document] = {}
    questions: list[Question] = []
    skipped: list[Skipped] = []
    for found in find(paths):
        match found:
            case Document():
                documents.setdefault(" ".join(found.text.split()), found)
            case Fact():
                questions.append(templates.question(found, shares))
            case Row():
                questions.append(given.question(found.fields, found.source, shares))
            case Skipped():
                skipped.append(found)
    return Gathered(tuple(documents.values()), tuple(questions), tuple(skipped))


def done(journal: Path) -> Set[str]:
    """Keys of the passages that need not be asked about again."""
    return {each.key for each in jsonl.read_if_there(journal, Done) if each.refused is None}


def written(journal: Path, keys: Set[str]) -> list[Question]:
    """What a model wrote from these passages, in a stable order."""
    every = {each.key: each for each in jsonl.read_if_there(journal, Done)}
    return [question for key in sorted(every.keys() & keys) for question in every[key].kept]


def save(out: Path, questions: Iterable[Question]) -> Saved:
    """Leave duplicates out and write the file."""
    sifted = sift(questions)
    jsonl.write(out, sifted.kept)
    counts = Counter(question.split for question in sifted.kept)
    return Saved(
        len(sifted.kept),
        {split: counts[split] for split in SPLITS},
        sifted.duplicates,
        sifted.ambiguous,
    )
