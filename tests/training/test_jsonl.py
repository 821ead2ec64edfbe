"""Files of lines that survive a kill, and the lines of the pipeline."""

import subprocess
import sys
from pathlib import Path

import pytest

from training import jsonl
from training.records import Conversation, Piece, Question, Source, Turn, Verdict

QUESTION = Question(
    id="q1",
    question="Where was Ada born?",
    answers=("Novi Sad", "Neusatz"),
    split="train",
    source="template",
    document=Source("d1", "Ada", path="notes/ada.md"),
)


def test_a_question_is_the_line_that_is_documented(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    jsonl.write(path, [QUESTION])
    assert path.read_text() == (
        '{"id":"q1","question":"Where was Ada born?","answers":["Novi Sad","Neusatz"],'
        '"split":"train","source":"template",'
        '"document":{"id":"d1","title":"Ada","path":"notes/ada.md"}}\n'
    )
    assert list(jsonl.read(path, Question)) == [QUESTION]


def test_a_verdict_is_a_question_too(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.jsonl"
    verdict = Verdict(
        id="q1", question="?", answers=(), split="dev", source="given", verdict=None, greedy="x",
        greedy_right=None, samples=("x",), right=None, agreement=1.0, entropy=0.0,
    )  # fmt: skip
    jsonl.write(path, [verdict])
    assert list(jsonl.read(path, Verdict)) == [verdict]
    assert [each.id for each in jsonl.read(path, Question)] == ["q1"]
    assert '"verdict":null' in path.read_text()


def test_a_conversation_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "conversations.jsonl"
    talk = Conversation(
        id="c1", kind="known", split="train", messages=(Turn("user", "Hi"),),
        segments=(Piece("prompt", "Hi", (1, 2)), Piece("model", "Hello", (3,))),
        ids=(1, 2, 3), mask=(0, 0, 1),
    )  # fmt: skip
    jsonl.write(path, [talk])
    assert list(jsonl.read(path, Conversation)) == [talk]


def test_a_torn_last_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text('{"a":1}\n{"a":2}\n{"a"')
    assert list(jsonl.loose(path)) == [{"a": 1}, {"a": 2}]
    with jsonl.Journal(path) as journal:
        journal.append({"a": 3})
    assert path.read_text() == '{"a":1}\n{"a":2}\n{"a":3}\n'


def test_a_file_that_is_one_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text("x" * 200_000)
    jsonl.Journal(path).close()
    assert path.read_bytes() == b""


def test_damage_is_said(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text('{"a":1}\n{"a"\n{"a":3}\n')
    with pytest.raises(jsonl.Damaged, match="line 2"):
        list(jsonl.loose(path))


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    with jsonl.Journal(path), pytest.raises(jsonl.InUse):
        jsonl.Journal(path)


def test_what_was_appended_outlives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    code = (
        "import os, signal, sys; from pathlib import Path; from training.jsonl import Journal\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "for number in range(500): journal.append({'n': number})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -9
    assert [line["n"] for line in jsonl.loose(path)] == list(range(500))


def test_an_unfinished_file_never_stands_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text('{"a":1}\n')

    def records():  # type: ignore[no-untyped-def]
        yield {"a": 2}
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        jsonl.write(path, records())
    assert path.read_text() == '{"a":1}\n'
    assert list(tmp_path.iterdir()) == [path]
