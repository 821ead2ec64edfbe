"""`store: true`: kept, found again, forgotten; also when the answer did not end well."""

from collections.abc import Callable
from typing import Any

import openai
import pytest

from model_server.scripted import Answer
from tests.api.stage import Engine, Gateway, Stage, until

MODEL = "scripted"
GOOD: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Who is he?"}]}
KEPT: dict[str, Any] = {**GOOD, "store": True, "metadata": {"topic": "people"}}
LOOKED_UP = ("Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]", "He is nobody [1].")

Own = Callable[..., tuple[Engine, Gateway]]


def test_an_answer_given_whole(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    client = gateway.client()
    given = client.chat.completions.create(**KEPT)
    kept = client.chat.completions.retrieve(given.id)
    assert kept.choices == given.choices
    assert kept.usage == given.usage
    assert kept.metadata == {"topic": "people"}
    assert kept.status == "completed"  # type: ignore[attr-defined]
    deleted = client.chat.completions.delete(given.id)
    assert (deleted.id, deleted.deleted) == (given.id, True)
    for call in (client.chat.completions.retrieve, client.chat.completions.delete):
        with pytest.raises(openai.NotFoundError):
            call(given.id)


def test_a_streamed_answer_is_there_once_its_end_was_seen(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    client = gateway.client()
    chunks = list(client.chat.completions.create(**KEPT, stream=True))
    kept = client.chat.completions.retrieve(chunks[0].id)
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert kept.choices[0].message.content == said
    assert kept.choices[0].message.annotations
    assert kept.choices[0].finish_reason == "stop"


def test_without_store_nothing_is_kept(gateway: Gateway, engine: Engine) -> None:
    engine.say("Yes.")
    client = gateway.client()
    given = client.chat.completions.create(**GOOD)
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.retrieve(given.id)


def test_an_answer_that_broke_off(gateway: Gateway, engine: Engine) -> None:
    engine.say(Answer(("Half an answ",), fault="die"))
    client = gateway.client()
    seen: list[Any] = []
    stream = client.chat.completions.create(**KEPT, stream=True)
    with stream, pytest.raises(openai.APIError):
        seen.extend(each for each in stream)
    kept: Any = client.chat.completions.retrieve(seen[0].id)
    assert kept.status == "failed"
    assert kept.error["code"] == "engine_unavailable"
    assert kept.choices[0].message.content.startswith("Half")
    assert kept.choices[0].finish_reason is None


def test_an_answer_whose_client_left(own: Own) -> None:
    _, gateway = own(engine={"rate": 100})
    client = gateway.client()
    with client.chat.completions.create(**KEPT, stream=True) as stream:
        for chunk in stream:
            if chunk.choices[0].delta.content:
                break
    until(lambda: gateway.metric("orson_answers_running") == 0)
    kept: Any = until(lambda: _retrieved(client, chunk.id))
    assert kept.status == "cancelled"
    assert kept.choices[0].message.content
    assert kept.usage.completion_tokens > 0


def _retrieved(client: openai.OpenAI, id_: str) -> Any:
    try:
        return client.chat.completions.retrieve(id_)
    except openai.NotFoundError:
        return None


def test_no_store_there(stage: Stage) -> None:
    engine = stage.engine()
    engine.say("Yes.")
    gateway = stage.gateway(engine.url, redis_url="redis://127.0.0.1:1/0", open=True)
    ready = gateway.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["engine"] == "ok"
    assert "Redis" in ready.json()["store"]
    client = gateway.client()
    for request in (GOOD, KEPT):  # the answer is worth more than its record
        assert client.chat.completions.create(**request).choices[0].message.content == "Yes."
        chunks = list(client.chat.completions.create(**request, stream=True))
        assert chunks[-1].choices[0].finish_reason == "stop"
    with pytest.raises(openai.InternalServerError) as failed:
        client.chat.completions.retrieve("chatcmpl-x")
    assert (failed.value.status_code, failed.value.code) == (503, "store_unavailable")
