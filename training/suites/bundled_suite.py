"""Make the bundled suite: facts of the world in wordings, passages and notes that train nothing.

python -m training.suites.bundled_suite --data DIR

Subjects that only the encyclopedia has come from the 12 % of names that no training conversation is
about, and not from its most famous thousand, so that a model taught more people stays measurable.
People who never lived are made of first and last names that no training text has.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training import names as invented_names
from training import world as real
from training.evaluation.suite import BUNDLED
from training.names import Names
from training.suites import sources
from training.suites.hops import two_hop
from training.suites.maker import Maker, Row
from training.world import World


def rows(world: World, names: Names) -> Iterator[Row]:
    """The whole suite."""
    maker = Maker(world, names)
    known, unknown = list(maker.known()), list(maker.encyclopedia())
    nobody = list(maker.nobody())
    yield from _kind("known", known, known=True)
    yield from _kind("encyclopedia", unknown, known=False)
    yield from _kind("nobody", nobody, known=False)
    yield from _kind("known_off", known, known=True, policy="never")
    people = [row for row in unknown if row["attribute"] not in ("area", "mass")][:56]
    strangers = [row for row in nobody if row["attribute"] != "absent"]
    yield from _kind("unknown_off", [*strangers, *people], known=False, policy="never")
    yield from _kind("two_hop", list(two_hop(maker)), known=False)
    yield from _kind("reading", list(maker.reading()), known=False)
    yield from _kind("own_notes", list(maker.notes()), known=False)
    yield from _kind("talk", sources.talk(), known=True)


def _kind(kind: str, found: list[Row], **more: Any) -> Iterator[Row]:
    """The rows with names; questions of a kind that is not taught are counted apart."""
    at = 0
    for row in found:
        if "file" in row:
            yield row
            continue
        at += 1
        apart = "" if row.pop("taught", True) else "_other"
        yield {"id": f"{kind}-{at:03}", "kind": f"{kind}{apart}", **row, **more}


def write(found: Iterator[Row], path: Path) -> int:
    """Write the file (the same bytes every time); returns the number of lines."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
    assert not re.search(r"\{[nom](\.\w+)?\}", text), "a slot was left open"
    with (
        path.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as packed,
    ):
        packed.write(io.BytesIO(text.encode()).getbuffer())
    return text.count("\n")


def main() -> None:
    """Read the data, write the suite."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=BUNDLED)
    args = parser.parse_args()
    lines = write(rows(real.load(args.data), invented_names.load(args.data)), args.out)
    print(f"{lines} lines, {args.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
