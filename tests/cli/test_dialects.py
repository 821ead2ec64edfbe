"""`orson dialects`, and its check of the bundled model and of models behind vLLM's wire."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from model_server.scripted import Answer, Script, ScriptedServer
from tests.api.stage import LoopThread


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # no .env of the developer's
    for name in ("ORSON_ENGINE", "ORSON_ENGINE_URL", "ORSON_MODEL", "ORSON_DIALECT"):
        monkeypatch.delenv(name, raising=False)


def orson(*args: str) -> Result:
    return CliRunner().invoke(app, ["dialects", *args], env={"COLUMNS": "200", "TERM": "dumb"})


def test_the_list() -> None:
    result = orson()
    assert result.exit_code == 0, result.output
    assert "[SEARCH_START] … [SEARCH_END]" in result.stdout
    rows = {row["dialect"]: row for row in json.loads(orson("--json").stdout)}
    assert {"orson", "search-r1", "search-o1", "re-search", "qwen", "harmony"} <= set(rows)
    assert rows["search-r1"]["results"] == ["<information>", "</information>"]
    assert all(row["problem"] is None for row in rows.values())


@pytest.mark.embedded
def test_the_bundled_model() -> None:
    result = orson("check", "bundled", "--limit", "2", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["dialect"], found["teaching"], found["faults"]) == ("orson", "trained", [])
    single = {one["literal"]: one["single"] for one in found["markers"]}
    assert single["[SEARCH_START]"]
    assert not single["<think>"]
    assert found["template"]["ends"] == ["<|end|>"]
    emission = found["emission"]
    assert emission["searched"] > emission["needed"] / 2
    assert emission["failed"] == 0
    told = orson("check", "bundled", "--limit", "0").stdout
    assert "told by one line" in told
    assert "[SEARCH_START]   search       1 (id" in told


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Script, Path]]:
    """A scripted model behind vLLM's wire, and a file of questions for it."""
    questions = tmp_path / "questions.jsonl"
    rows = [("Who is Ana?", False), ("Where is Bo?", False), ("1+1?", True), ("Hi!", True)]
    questions.write_text(
        "".join(json.dumps({"question": text, "known": known}) + "\n" for text, known in rows)
    )
    script = Script()
    server, loop = ScriptedServer(script), LoopThread()
    try:
        url = loop.call(server.start())
        yield url, script, questions
    finally:
        loop.call(server.stop())
        loop.close()


def test_a_model_that_was_not_trained(served: tuple[str, Script, Path]) -> None:
    url, script, questions = served
    script.answers = (
        Answer((" I look. [SEARCH_START] Ana [SEARCH_END]", " Ana."), when="Ana"),
        Answer((" [SEARCH_START]  [SEARCH_END]", " No idea."), when="Bo"),
        Answer((" [SEARCH_START] 1+1 [SEARCH_END]", " 2."), when="1+1"),
        Answer((" Hello.",)),
    )
    result = orson("check", url, "--questions", str(questions), "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["emission"] == {
        "needed": 2, "searched": 1, "spared": 2, "needless": 1, "broken": 1, "failed": 0,
    }  # fmt: skip
    told = orson("check", url, "--questions", str(questions), "--show")
    assert "Searched, of the questions that need it: 1 of 2 (50%" in told.stdout
    assert "answered  Hi!" in told.stderr


def test_a_dialect_that_the_model_does_not_speak(served: tuple[str, Script, Path]) -> None:
    url, *_ = served
    result = orson("check", url, "--dialect", "qwen", "--limit", "0")
    assert result.exit_code == 3, result.output
    assert "The template says nothing of tools." in result.stdout


def test_what_can_t_be_checked(tmp_path: Path) -> None:
    assert orson("check", "nothing.gguf").exit_code == 2
    assert orson("check", "http://127.0.0.1:9", "--limit", "0").exit_code == 1
    assert orson("check", "bundled", "--dialect", "klingon", "--limit", "0").exit_code == 1
    assert orson("check", "bundled", "--questions", "no.jsonl").exit_code == 2
