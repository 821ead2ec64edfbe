"""`orson ask` against a running gateway."""

import json
import re
import socket
from typing import Any

from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from model_server.scripted import Answer
from tests.api.stage import Engine, Gateway, passage

LOOKED_UP = ("Let me look. [SEARCH_START] Orson [x] Kovats[SEARCH_END]", "He is nobody [1].")


def ask(*args: str) -> Result:
    return CliRunner().invoke(app, ["ask", *args], env={"COLUMNS": "200", "TERM": "dumb"})


def test_the_answer_its_search_and_its_sources(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1, title="On [/bold] Kovats"), passage(2)]])
    result = ask("Who is he?", "--url", gateway.url)
    assert result.exit_code == 0, result.output
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert lines[0] == "Let me look."
    assert lines[1] == "searching Orson [x] Kovats"
    assert re.fullmatch(r"found 2 results from mock in \d+ ms", lines[2])
    assert lines[3:5] == ["  [1] On [/bold] Kovats", "  [2] Page 2"]
    assert lines[5] == "He is nobody [1]."
    assert lines[-2:] == ["Sources", "  On [/bold] Kovats  https://example.org/1"]


def test_one_json_object(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    gateway.search.enqueue([[passage(1)]])
    result = ask("Who is he?", "--url", gateway.url, "--json")
    assert result.exit_code == 0, result.output
    body: dict[str, Any] = json.loads(result.stdout)
    assert body["answer"] == "Let me look. He is nobody [1]."
    assert body["finish_reason"] == "stop"
    (search,) = body["searches"]
    assert search["queries"] == ["Orson [x] Kovats"]
    assert search["results"][0]["url"] == "https://example.org/1"
    (citation,) = body["citations"]
    assert citation["url"] == "https://example.org/1"
    assert body["answer"][citation["start_index"] : citation["end_index"]] == "[1]"
    assert body["usage"]["searches"] == 1
    assert body["usage"]["injected_tokens"] > 0


def test_awkward_text(gateway: Gateway, engine: Engine) -> None:
    said = "One\u2028two 😀 [bold]not bold[/bold]\nthree"
    engine.say(said)
    assert json.loads(ask("?", "--url", gateway.url, "--json").stdout)["answer"] == said
    assert "[bold]not bold[/bold]" in ask("?", "--url", gateway.url).stdout


def test_options_arrive(gateway: Gateway, engine: Engine) -> None:
    engine.say("No.")
    result = ask("?", "--url", gateway.url, "--search", "never", "--max-searches", "2")
    assert result.exit_code == 0, result.output
    assert "Tools: none." in engine.text(engine.legs[0].prompt)


def test_no_gateway_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = ask("?", "--url", f"http://127.0.0.1:{port}")
    assert result.exit_code == 1
    assert f"No answer from http://127.0.0.1:{port}" in result.stderr
    assert "make serve" in result.stderr
    assert result.stdout == ""


def test_an_address_that_is_none() -> None:
    for url in ("nonsense", "http://", "ftp://x"):
        result = ask("?", "--url", url)
        assert result.exit_code == 1, result.output
        assert "No answer from" in result.stderr


def test_what_the_gateway_refuses(gateway: Gateway) -> None:
    result = ask("?", "--url", gateway.url, "--model", "gpt-9")
    assert result.exit_code == 1
    assert "gpt-9" in result.stderr


def test_an_engine_that_breaks_off(gateway: Gateway, engine: Engine) -> None:
    engine.say(Answer(("Half an answ",), fault="die"))
    result = ask("?", "--url", gateway.url)
    assert result.exit_code == 1
    assert "Half an" in result.stdout
    assert engine.url in result.stderr
    assert ask("?", "--url", gateway.url, "--json").stdout == ""
