"""`orson replay`: of an answer that a gateway gave, while it runs and after it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from app.dialect import results
from tests.api.stage import Engine
from tests.cli.running import Running
from training import jsonl
from training.records import Conversation

LOOKED_UP = ("Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]", "He is nobody [1].")
KEPT: dict[str, Any] = {
    "model": "scripted",
    "messages": [{"role": "system", "content": "Be brief."},
                 {"role": "user", "content": "Who is he?"}],
    "store": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def answered(main_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A running gateway with two stored answers: its variables, and their ids."""
    folder = tmp_path_factory.mktemp("replay")
    variables = {
        "ORSON_ENGINE": "vllm",
        "ORSON_ENGINE_URL": main_engine.url,
        "ORSON_SEARCH": "mock",
        "ORSON_DATA_DIR": str(folder / "data"),
    }
    running = Running("serve", "--port", "0", folder=folder, **variables)
    try:
        url = running.address
        ids = []
        for say, more in ((LOOKED_UP, {}), ("A long answer.", {"max_tokens": 3})):
            main_engine.say(say)
            reply = httpx2.post(
                f"{url}/v1/chat/completions", json={**KEPT, **more}, trust_env=False, timeout=60
            )
            ids.append(reply.json()["id"])
        yield variables, ids, running
    finally:
        running.kill()


def orson(variables: dict[str, str], *args: str) -> Result:
    return CliRunner().invoke(app, ["replay", *args], env={"COLUMNS": "300", **variables})


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_same_while_the_gateway_runs(answered: Any) -> None:
    variables, (id_, cut), _ = answered
    for each in (id_, cut):
        result = orson(variables, each)
        assert result.exit_code == 0, result.output
        assert "The same, id for id." in result.output
    result = orson(variables, id_, "--json")
    report = json.loads(result.output)
    assert (report["same"], report["legs"], report["searches"]) == (True, 2, 1)
    assert report["ids"] > 20


def test_what_a_change_of_the_code_does(answered: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    variables, (id_, _), _ = answered
    monkeypatch.setattr(results.Numbered, "head", lambda self: f"({self.number})")
    result = orson(variables, id_)
    assert result.exit_code == 1
    assert "in what was put in" in result.output
    assert "then  id" in result.output
    report = json.loads(orson(variables, id_, "--json").output)
    assert report["text_then"].startswith("[1]")
    assert report["text_now"].startswith("(1)")


def test_the_engine_says_otherwise(answered: Any, main_engine: Engine) -> None:
    variables, (id_, _), _ = answered
    main_engine.say(LOOKED_UP)
    assert orson(variables, id_, "--engine").exit_code == 0
    assert [leg.body.get("temperature") for leg in main_engine.legs] == [0, 0]
    main_engine.say((LOOKED_UP[0], "He is somebody [1]."))
    result = orson(variables, id_, "--engine", "--json")
    assert result.exit_code == 1
    report = json.loads(result.output)
    assert report["origin"] == "model"
    assert report["text_then"].lstrip().startswith("nobody")
    assert report["text_now"].lstrip().startswith("somebody")


def test_a_row_to_train_on(answered: Any, tmp_path: Path) -> None:
    variables, (id_, cut), _ = answered
    out = tmp_path / "new" / "rows.jsonl"
    for _ in range(2):
        result = orson(variables, id_, "--export", str(out))
        assert result.exit_code == 0, result.output
    first, second = jsonl.read(out, Conversation)
    assert first == second
    assert [turn.role for turn in first.messages] == ["system", "user"]
    assert first.messages[0].content.endswith("\nBe brief.")
    assert [piece.origin for piece in first.segments] == ["prompt", "model", "search", "model"]
    assert first.ids is not None
    assert first.mask is not None
    assert first.ids == tuple(id_ for piece in first.segments for id_ in piece.ids or ())
    ones = [len(piece.ids or ()) for piece in first.segments if piece.origin == "model"]
    assert sum(first.mask) == sum(ones)
    assert first.segments[1].text == "Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]"
    assert first.segments[3].text.startswith("He is nobody [1].")
    assert len(first.segments[3].text) > len("He is nobody [1].")  # the end of its turn
    printed = orson(variables, id_, "--export", "-")
    assert json.loads(printed.output)["kind"] == "recorded"
    refused = orson(variables, cut, "--export", str(out))
    assert refused.exit_code == 2
    assert "not ended by the model (length)" in refused.output


def test_what_there_is_no_trace_of(answered: Any) -> None:
    variables, _, _ = answered
    result = orson(variables, "resp_none")
    assert result.exit_code == 2
    assert "There is no trace of 'resp_none'" in result.output
    away = {**variables, "ORSON_REDIS_URL": "redis://127.0.0.1:1/0"}
    result = orson(away, "resp_none")
    assert result.exit_code == 2
    assert "Redis does not answer" in result.output


def test_after_the_gateway(answered: Any, start: Callable[..., Running]) -> None:
    """Last in this file: it ends the gateway."""
    variables, (id_, _), running = answered
    running.process.terminate()
    running.ended()
    result = orson(variables, id_)
    assert result.exit_code == 0, result.output
