"""The gateway as a new user has it: `orson serve`, nothing configured, the bundled model."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from typer.testing import CliRunner

from app.cli import app
from tests.cli.running import ORSON, Running, alive

pytestmark = pytest.mark.embedded


def test_it_says_where_to_go(bundled: Running) -> None:
    url = bundled.address
    bundled.until(f"orson ask .* --url ({url})")
    bundled.until("(Ctrl-C) ends everything")
    assert f"{url}/v1" in bundled.output
    assert f"{url}/docs" in bundled.output
    ready = httpx2.get(f"{url}/readyz", trust_env=False, timeout=60)
    assert ready.json() == {"status": "ready", "engine": "ok", "store": "ok"}


def test_the_official_client(bundled: Running) -> None:
    """Structure only: what it says is for the model's own measuring."""
    with openai.OpenAI(base_url=f"{bundled.address}/v1", api_key="x", max_retries=0) as client:
        (model,) = client.models.list().data
        question: Any = {
            "model": model.id,
            "messages": [{"role": "user", "content": "Who is Orson Kovats?"}],
            "max_completion_tokens": 64,
        }
        stream = client.chat.completions.create(
            **question, stream=True, stream_options={"include_usage": True}
        )
        *chunks, last = list(stream)
        assert last.usage.completion_tokens > 0
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert chunks[-1].choices[0].finish_reason in ("stop", "length")
        whole = client.chat.completions.create(**question)
    assert whole.choices[0].message.content == text, "at temperature 0"
    for marker in ("[SEARCH_START]", "[SEARCH_END]", "[RESULTS_START]", "[RESULTS_END]"):
        assert marker not in text


@pytest.fixture
def asked(bundled: Running) -> Iterator[Callable[..., tuple[str, list[str], list[str]]]]:
    """Ask through the official client, streaming: the text, the queries, the titles cited."""
    with openai.OpenAI(base_url=f"{bundled.address}/v1", api_key="x", max_retries=0) as client:

        def ask(question: str, **search: Any) -> tuple[str, list[str], list[str]]:
            text, queries, titles = "", [], []
            for chunk in client.chat.completions.create(
                model=client.models.list().data[0].id,
                messages=[{"role": "user", "content": question}],
                stream=True,
                extra_body={"search": search},
            ):
                event = (chunk.model_extra or {}).get("search") or {}
                queries += event["queries"] if event.get("type") == "searching" else []
                delta = chunk.choices[0].delta
                text += delta.content or ""
                for note in (delta.model_extra or {}).get("annotations") or ():
                    citation = note["url_citation"]
                    titles.append(citation["title"])
                    assert text[citation["start_index"] : citation["end_index"]] == "[1]"
            return text, queries, titles

        yield ask


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("What is the capital of France?", "Paris"),
        ("What is the chemical symbol of gold?", "Au"),
        ("When was Michael Jackson born?", "1958"),
    ],
)
def test_what_it_knows_it_says(asked: Any, question: str, says: str) -> None:
    text, queries, _ = asked(question)
    assert says in text
    assert not queries


def test_what_stands_in_the_encyclopedia_it_looks_up(asked: Any) -> None:
    text, queries, titles = asked("When was Alan Turing born?")
    assert "1912" in text
    assert len(queries) == 1
    assert titles == ["Alan Turing"]


@pytest.mark.parametrize("question", ["Who is Orson Kovats?", "Where was Orson Kovats born?"])
def test_what_nobody_knows_it_looks_up_and_says_so(asked: Any, question: str) -> None:
    text, queries, titles = asked(question)
    assert "I don't know" in text
    assert "Orson Kovats" in queries[0]
    assert not titles
    text, queries, _ = asked(question, policy="never")
    assert "I don't know" in text
    assert not queries


def test_ones_own_notes(bundled: Running, asked: Any, tmp_path: Path) -> None:
    note = "# The spare keys\n\nThe spare keys are in the blue drawer.\n"
    (tmp_path / "keys.md").write_text(note)
    command = [ORSON, "index", str(tmp_path)]
    subprocess.run(command, env=bundled.environment, check=True, capture_output=True)
    text, _, titles = asked("Where are the spare keys?")
    assert "blue drawer" in text
    assert titles == ["The spare keys"]


def test_a_search_that_is_made_for_it(bundled: Running) -> None:
    body = {
        "messages": [{"role": "user", "content": "Who is Orson Kovats?"}],
        "max_completion_tokens": 96,
        "search": {"policy": "always", "max_searches": 1},
    }
    models = httpx2.get(f"{bundled.address}/v1/models", trust_env=False, timeout=60).json()
    reply = httpx2.post(
        f"{bundled.address}/v1/chat/completions",
        json={**body, "model": models["data"][0]["id"]},
        trust_env=False,
        timeout=60,
    )
    assert reply.status_code == 200, reply.text
    assert len(reply.json()["usage"]["legs"]) >= 1


def test_asking_it(bundled: Running) -> None:
    result = CliRunner().invoke(app, ["ask", "Hello", "--url", bundled.address, "--json"])
    assert result.exit_code == 0, result.output
    assert {*json.loads(result.stdout)} >= {"answer", "searches", "citations", "usage"}


def test_ctrl_c_ends_it(start: Callable[..., Running]) -> None:
    running = start("serve", "--port", "0")
    assert running.address
    children = running.children()
    running.process.send_signal(signal.SIGINT)
    assert running.ended() == 0
    assert not any(map(alive, children))
    assert "Traceback" not in running.output
