"""The invented world as a user would bring it: facts, documents, wordings and a suite of questions.

python -m training.claims.handout --base DIR --out DIR

facts.jsonl     rows for `orson data questions`: people well known to the base, known a little
                and never read of
wordings.json   how their facts are asked for and told (`--templates`)
documents/      a page on each person that the base never read of, to search in
suite.jsonl     questions for `orson eval`, about other people: known ones, ones that only the
                documents have, and ones that stand nowhere
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from random import Random

import torch

from training.claims.people import ANSWERS, ATTRIBUTES, People, Person, populate

NEVER = 150
"""People of the documents that are taught with."""


def facts(people: Iterable[Person]) -> list[dict[str, str]]:
    """A row for each fact."""
    return [
        {"subject": p.name, "attribute": a.key, "value": p.value(a)}
        for p in people
        for a in ATTRIBUTES
    ]


def wordings() -> dict[str, dict[str, object]]:
    """The questions of training alone; those held out are the suite's."""
    return {
        a.key: {
            "questions": [q.replace("{n}", "{s}") for q in a.questions],
            "statement": ANSWERS[a.key].replace("{n}", "{s}"),
            "phrase": a.unknown.replace("{n}", "{s}"),
            "query": a.queries[0].replace("{n}", "{s}"),
        }
        for a in ATTRIBUTES
    }


def suite(people: People, each: int, rng: Random) -> list[dict[str, object]]:
    """Two questions about everybody, one in a wording that was never trained."""
    half = len(people.unseen_test) // 2
    kinds = {
        "known": people.known_test[:each],
        "documents": people.unseen_test[:half][:each],
        "nobody": people.unseen_test[half:][:each],
    }
    rows: list[dict[str, object]] = []
    for kind, group in kinds.items():
        for person in group:
            for at, asked in enumerate(rng.sample(ATTRIBUTES, 2)):
                row: dict[str, object] = {
                    "id": f"{kind}-{len(rows)}",
                    "kind": kind,
                    "question": asked.question(person.name, rng, held=at == 1),
                    "answers": [] if kind == "nobody" else [person.value(asked)],
                    "known": kind == "known",
                    "attribute": asked.key,
                }
                rows.append(row)
    return rows


def write(people: People, out: Path, each: int) -> None:
    """All of it, into a folder."""
    documents = out / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    read = people.unseen[:NEVER]
    for person in (*read, *people.unseen_test[: len(people.unseen_test) // 2]):
        page = f"# {person.name}\n\n{person.article(Random(person.name))}\n"
        (documents / f"{person.name.replace(' ', '-')}.md").write_text(page, encoding="utf-8")
    for name, rows in (
        ("facts", facts((*people.known, *people.graded, *read))),
        ("suite", suite(people, each, Random(5))),
    ):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (out / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (out / "wordings.json").write_text(json.dumps(wordings(), indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Write what belongs to a base."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=40, help="People of each kind in the suite.")
    args = parser.parse_args()
    held = torch.load(args.base / "checkpoint.pt", weights_only=True)
    write(populate(**held["world"]), args.out, args.each)


if __name__ == "__main__":
    main()
