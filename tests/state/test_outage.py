"""Redis freezes while a gateway streams: what its clients see, and what is there after."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from model_server.scripted import Answer
from tests.api.stage import Engine, Gateway, Stage, until
from tests.state.clients import CALLS, Stream
from tests.stores.redis_server import RedisServer

MODEL = "scripted"
TEXT = "So it goes on and on. " * 12


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path).start()
    yield server
    server.kill()


@pytest.fixture
def both(
    stage: Stage, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> tuple[Engine, Gateway]:
    monkeypatch.setattr("app.stores.connection.TIMEOUT", 1.0)
    monkeypatch.setattr("app.stores.event_log.PATIENCE", 500)
    engine = stage.engine(rate=20)
    engine.say(Answer((TEXT,)))
    return engine, stage.gateway(engine.url, redis_url=redis.url)


def test_streams_go_on_and_nothing_new_is_kept(
    both: tuple[Engine, Gateway], redis: RedisServer
) -> None:
    engine, gateway = both
    client = gateway.client()
    conversation = client.conversations.create().id
    asked: dict[str, Any] = {"model": MODEL, "input": "Who?"}
    background = Stream(gateway.url, "/v1/responses", {**asked, "background": True, "stream": True})
    held = Stream(
        gateway.url, "/v1/responses", {**asked, "conversation": conversation, "stream": True}
    )
    streams = [background, held, *(Stream(gateway.url, path) for path in CALLS)]
    until(lambda: all(stream.text for stream in streams))

    redis.freeze()
    with pytest.raises(openai.InternalServerError) as refused:
        client.responses.create(**asked)
    assert (refused.value.status_code, refused.value.code) == (503, "store_unavailable")
    assert int(refused.value.response.headers["retry-after"]) >= 1
    for call in (
        lambda: client.conversations.create(),
        lambda: client.responses.retrieve(background.id),
        lambda: client.conversations.items.list(conversation),
    ):
        with pytest.raises(openai.InternalServerError) as refused:
            call()
        assert refused.value.status_code == 503
    engine.say("Yes.")
    assert client.responses.create(**asked, store=False).output_text == "Yes."
    for stream in streams:
        stream.join(60)
        assert (stream.broken, stream.text) == (False, TEXT)
    redis.thaw()

    response = until(lambda: completed(client, background.id))
    assert response.output_text == TEXT
    again = list(client.responses.retrieve(background.id, stream=True))
    assert [event.to_dict() for event in again] == background.data
    until(lambda: completed(client, held.id))
    items = client.conversations.items.list(conversation, order="asc").data
    assert [item.role for item in items] == ["user", "assistant"]  # type: ignore[union-attr]
    said = client.responses.create(**asked, conversation=conversation)
    assert said.output_text == "Yes."


def completed(client: openai.OpenAI, id_: str) -> Any:
    try:
        response = client.responses.retrieve(id_)
    except openai.InternalServerError:
        return None
    return response if response.status == "completed" else None
