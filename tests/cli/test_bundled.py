"""The gateway as a new user has it: `orson serve`, nothing configured, the bundled model."""

import json
import signal
from typing import Any

import httpx2
import openai
import pytest
from typer.testing import CliRunner

from app.cli import app
from tests.cli.running import Running, alive

pytestmark = pytest.mark.embedded


def test_it_says_where_to_go(bundled: Running) -> None:
    url = bundled.address
    bundled.until(f"orson ask .* --url ({url})")
    bundled.until("(Ctrl-C) ends everything")
    assert f"{url}/v1" in bundled.output
    assert f"{url}/docs" in bundled.output
    ready = httpx2.get(f"{url}/readyz", trust_env=False)
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


def test_a_search_that_is_made_for_it(bundled: Running) -> None:
    body = {
        "messages": [{"role": "user", "content": "Who is Orson Kovats?"}],
        "max_completion_tokens": 96,
        "search": {"policy": "always", "max_searches": 1},
    }
    models = httpx2.get(f"{bundled.address}/v1/models", trust_env=False).json()
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


def test_ctrl_c_ends_it(bundled: Running) -> None:
    assert bundled.address
    children = bundled.children()
    bundled.process.send_signal(signal.SIGINT)
    assert bundled.ended(10) == 0
    assert not any(map(alive, children))
    assert "Traceback" not in bundled.output
