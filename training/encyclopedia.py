"""Write the shipped encyclopedia: one short article of ours per person, country and element.

python -m training.encyclopedia --data DIR --out search_adapters/encyclopedia
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from training.documents import country_subject, element_subject, person_subject
from training.world import World, load

HOST = "https://encyclopedia.orson.invalid"


class FirstChoice(Random):
    """Always the first wording, so that articles are plain."""

    def choice(self, seq: Any) -> Any:
        """The first item."""
        return seq[0]

    def random(self) -> float:
        """Always zero: every "now and then" happens."""
        return 0.0


def slug(title: str) -> str:
    """The last part of an article's address: "Zoë Saldaña" -> "zoe-saldana"."""
    flat = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", flat.lower()).strip("-")


def rows(world: World) -> Iterator[dict[str, str | None]]:
    """All articles; the wording of each depends on nothing but its title."""
    taken: set[str] = set()
    groups = (
        (world.known, person_subject),
        (world.searchable, person_subject),
        (world.countries, country_subject),
        (world.elements, element_subject),
    )
    for things, tell in groups:
        for thing in things:
            subject = tell(thing, FirstChoice())  # type: ignore[arg-type]
            address = slug(subject.name)
            while not address or address in taken:
                address += "-2"
            taken.add(address)
            yield {
                "title": subject.name,
                "url": f"{HOST}/{address}",
                "site": "encyclopedia",
                "date": None,
                "text": subject.text(),
            }


def write(world: World, path: Path) -> int:
    """Write the file (the same bytes every time); returns the number of articles."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows(world))
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        path.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as packed,
    ):
        packed.write(io.BytesIO(text.encode()).getbuffer())
    return text.count("\n")


def main() -> None:
    """Read the data, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    path = args.out / "articles.jsonl.gz"
    print(f"{write(load(args.data), path):,} articles, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
