"""`python -m benchmarks.retrieval DATA`: how well and how fast the local index finds passages.

The same passages and questions go to Orson's local index, to the same without its ranking, to
plain SQLite FTS5 and to tantivy. Prints a table for each size, and writes `benchmarks/latest.json`.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.corpus import Corpus, Question, read
from benchmarks.indexes import LIMIT, Found, Fts5, Index, Local, LocalUnranked, Tantivy
from benchmarks.report import machine, merge

LATEST = Path(__file__).parent / "latest.json"
SYSTEMS: dict[str, Callable[[Path], Index]] = {
    "local": Local,
    "local, bm25 only": LocalUnranked,
    "fts5": Fts5,
    "tantivy": Tantivy,
}
COLUMNS = {
    "reading recall@5": "reading_recall",
    "MRR": "reading_mrr",
    "naming recall@5": "naming_recall",
    "MRR ": "naming_mrr",
    "nobody: nothing found": "nobody_empty",
    "p50 ms": "p50_ms",
    "p99 ms": "p99_ms",
    "CPU p50 ms": "cpu_p50_ms",
    "p99 ms ": "cpu_p99_ms",
    "build s": "build_s",
}


def main() -> None:
    """Parse the command line, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder with xquad.en.json.gz and the others")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--systems", nargs="*", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--questions", type=int, default=120, help="of each kind")
    parser.add_argument("--keep", type=Path, help="a folder for the indexes; used again if filled")
    parser.add_argument("--out", type=Path, default=LATEST)
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 150)
    corpus = read(options.data, options.questions)
    found: dict[str, Any] = {}
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as scratch:
            folder = (options.keep or Path(scratch)) / str(size)
            folder.mkdir(parents=True, exist_ok=True)
            found[str(size)] = compare(corpus, size, options.systems, folder)
        console.print(table(size, found[str(size)]))
    # What this run didn't measure stays: a million passages in plain FTS5 take their time.
    known = json.loads(options.out.read_text()) if options.out.exists() else {}
    kept = known.get("retrieval", {}) | {"machine": machine(), "questions": len(corpus.questions)}
    for size, numbers in found.items():
        kept[size] = {**kept.get(size, {}), **numbers}
    merge(options.out, {"retrieval": kept})
    console.print(f"Written to {options.out}.")


def compare(
    corpus: Corpus, size: int, systems: Sequence[str], folder: Path
) -> dict[str, dict[str, float | None]]:
    """The numbers of each system at one size. Built side by side, asked one after the other."""
    numbers: dict[str, dict[str, float | None]] = {}
    for name in systems:
        index, done = SYSTEMS[name](folder), folder / f"{name}.built"
        began = time.perf_counter()
        if not done.exists():
            index.build(document for document, _ in corpus.documents(size))
            done.touch()
            built: float | None = round(time.perf_counter() - began, 1)
        else:
            built = None
        try:
            numbers[name] = {**ask(index, corpus.questions), "build_s": built}
        finally:
            index.close()
    return numbers


def ask(index: Index, questions: Sequence[Question]) -> dict[str, float | None]:
    """What an index finds for every question, and how long each takes once the file is warm."""
    for question in questions[::3]:
        index.find(question.text)
    results: list[Found] = []
    seconds: list[float] = []
    worked: list[float] = []
    for question in questions:
        began, idle = time.perf_counter(), time.process_time()
        results.append(index.find(question.text))
        seconds.append(time.perf_counter() - began)
        worked.append(time.process_time() - idle)
    asked = list(zip(questions, results, strict=True))
    numbers: dict[str, float | None] = {}
    for kind in ("reading", "naming"):
        ranks = [rank(question, found) for question, found in asked if question.kind == kind]
        numbers[f"{kind}_recall"] = _mean(rank is not None for rank in ranks)
        numbers[f"{kind}_mrr"] = _mean(1 / rank if rank else 0.0 for rank in ranks)
    numbers["nobody_empty"] = _mean(not found for question, found in asked if not question.title)
    for name, taken in (("", seconds), ("cpu_", worked)):
        hundredths = statistics.quantiles(taken, n=100, method="inclusive")
        numbers[f"{name}p50_ms"] = round(hundredths[49] * 1e3, 2)
        numbers[f"{name}p99_ms"] = round(hundredths[98] * 1e3, 2)
    return numbers


def rank(question: Question, found: Found) -> int | None:
    """The place, from 1, of the first passage that answers; None when none of them does."""
    places = enumerate(found[:LIMIT], start=1)
    return next((at for at, (title, text) in places if question.answered_by(title, text)), None)


def table(size: int, numbers: dict[str, dict[str, float | None]]) -> Table:
    """The comparison for people."""
    shown = Table(title=f"{size:,} passages")
    shown.add_column("index")
    for title in COLUMNS:
        shown.add_column(title, justify="right")
    for name, values in numbers.items():
        cells = [values[key] for key in COLUMNS.values()]
        shown.add_row(name, *("-" if cell is None else f"{cell:g}" for cell in cells))
    return shown


def _mean(values: Iterable[float]) -> float:
    return round(statistics.fmean([*values] or [0.0]), 3)


if __name__ == "__main__":
    main()
