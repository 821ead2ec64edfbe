"""Plots of runs, where matplotlib is installed."""

from pathlib import Path

import pytest

from training.evaluation.asking import Reply, Target
from training.evaluation.marks import mark
from training.evaluation.plots import draw
from training.evaluation.running import Run
from training.evaluation.suite import Question, Suite

pytest.importorskip("matplotlib")


def made(name: str, groups: int) -> Run:
    questions = tuple(
        Question(f"q{at}", "Where?", ("Ulm",), "known", True, group=f"g{at % groups}")
        for at in range(12)
    )
    marks = tuple(mark(each, Reply(each.id, "In Ulm.")) for each in questions)
    return Run(Suite(name, questions), Target("http://x", "here"), "m", marks, 1.0, 0)


@pytest.mark.parametrize(
    ("name", "groups", "files"),
    [("bundled", 12, 2), ("bundled", 2, 3), ("mine", 2, 3)],
)
def test_what_is_drawn(tmp_path: Path, name: str, groups: int, files: int) -> None:
    found = draw([made(name, groups), made(name, groups)], tmp_path)
    assert len(found) == files
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in found)
