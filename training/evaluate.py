"""Measure the behaviours of a GGUF through its searches, on names and wordings it never saw.

python -m training.evaluate --data DIR --model model_server/bundled --out results.json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from threading import Lock

from search_adapters.indexing import index_paths
from search_adapters.local import LocalAdapter
from search_adapters.protocol import Passage, Query
from training import names, tokenizer, world
from training.items import Item
from training.measuring import items
from training.render import Renderer
from training.speak import Answer, Engine, answer
from training.wordings import general_questions

LIMIT = 3
SNIPPET = 350  # characters of a passage shown to the model


class Index:
    """The local search adapter as it ships, over the encyclopedia and a folder of notes."""

    def __init__(self, folder: Path) -> None:
        self.adapter = LocalAdapter({"ORSON_DATA_DIR": str(folder)})
        self.folder = folder
        self.loop, self.lock = asyncio.new_event_loop(), Lock()

    def add(self, files: Iterable[tuple[str, str]]) -> None:
        """Write notes as Markdown files and index them, as `orson index` does."""
        notes = self.folder / "notes"
        notes.mkdir(exist_ok=True)
        for at, (title, text) in enumerate(files):
            (notes / f"note-{at}.md").write_text(f"# {title}\n\n{text}\n", encoding="utf-8")
        index_paths([notes], self.folder / "notes.db")

    def __call__(self, query: str) -> list[Passage]:
        """The best passages for a query, at most three, cut as the gateway cuts them."""
        if not query.strip():
            return []
        with self.lock:
            found = self.loop.run_until_complete(self.adapter.search(Query(query.strip(), LIMIT)))
        return [replace(passage, text=passage.text[:SNIPPET]) for passage in found[:LIMIT]]


def sorry(text: str) -> bool:
    """Whether an answer says that it does not know."""
    return text.startswith(("I don't know", "I could not search"))


def good(item: Item, said: Answer) -> bool:
    """Whether an answer does what the item expects."""
    right = item.value.lower() in said.text.lower()
    match item.expect:
        case "direct" | "talk":
            return right and not said.queries
        case "search":
            wanted = item.name.lower().removeprefix("the ")
            return bool(said.queries) and wanted in said.queries[0].lower()
        case "chain":
            return right and len(said.queries) == 2
        case "unknown":
            return bool(said.queries) and sorry(said.text)
        case "off":
            return not said.queries and sorry(said.text)
        case _:
            cited = [int(n) for n in re.findall(r"\[(\d+)\]", said.text)]
            shown = [said.passages[n - 1].text for n in cited if 0 < n <= len(said.passages)]
            held = any((item.source or item.value).lower() in text.lower() for text in shown)
            return bool(said.queries) and right and held


def run(engine: Engine, renderer: Renderer, item: Item, index: Index, temperature: float) -> Answer:
    """Put one question to the model and let it search."""
    prompt = renderer.start(item.system)
    for question, reply in item.before:
        renderer.ask(prompt, question)
        prompt.add([*renderer.encode(" " + reply), 5], 0)
    renderer.ask(prompt, item.question)
    search = index if item.passages is None else lambda query: list(item.passages or ())
    return answer(engine, renderer, prompt, search, temperature=temperature, failure=item.failure)


def main() -> None:
    """Measure, print a table with some failures, write the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--model", type=Path, required=True, help="folder with a .gguf and tokenizer.json"
    )
    parser.add_argument("--out", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--temperature", type=float, default=0.0)
    parser.add_argument("--show", type=int, default=2, help="failures to print per category")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="", help="measure only categories containing this")
    args = parser.parse_args()
    engine = Engine(next(args.model.glob("*.gguf")), threads=args.threads)
    renderer = Renderer(tokenizer.load(args.model / "tokenizer.json"))
    index = Index(Path(tempfile.mkdtemp()))
    _, held = general_questions(args.data)
    rng = Random(args.seed)
    wanted = [
        i
        for i in items(world.load(args.data), names.load(args.data), held, rng, args.count)
        if args.only in i.category
    ]
    index.add(item.file for item in wanted if item.file)
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda item: run(engine, renderer, item, index, args.temperature), wanted)
        )
    table: defaultdict[str, list[bool]] = defaultdict(list)
    failures: defaultdict[str, list[str]] = defaultdict(list)
    for item, said in zip(wanted, answers, strict=True):
        table[item.category].append(good(item, said))
        if not table[item.category][-1]:
            failures[item.category].append(
                f"    {item.question!r} [{item.value}] -> {said.queries} {said.text!r}"
            )
    for category, marks in table.items():
        print(f"{category:42} {sum(marks):4}/{len(marks):4} {sum(marks) / len(marks):6.1%}")
        print("\n".join(failures[category][: args.show]))
    if args.out:
        report = {
            c: {"good": sum(m), "of": len(m), "share": round(sum(m) / len(m), 4)}
            for c, m in table.items()
        }
        args.out.write_text(
            json.dumps(
                {"seed": args.seed, "temperature": args.temperature, "categories": report}, indent=2
            )
            + "\n"
        )


if __name__ == "__main__":
    main()
