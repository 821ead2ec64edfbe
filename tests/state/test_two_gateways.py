"""Two gateways on one Redis, as processes: what one begins the other follows, cancels, ends."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import openai
import pytest

from model_server.scripted import Answer
from tests.api.stage import Engine, Stage, until
from tests.cli.running import Running
from tests.stores.redis_server import RedisServer

MODEL = "scripted"
LONG = "So it goes on and on. " * 2000
LOOKED_UP = ("Let me look. [SEARCH_START] who[SEARCH_END]", LONG)
ASKED: dict[str, Any] = {"model": MODEL, "input": "Who?", "background": True}


class Two:
    """Two gateways, and the engine and the Redis they share."""

    def __init__(self, engine: Engine, redis: RedisServer, folder: Path) -> None:
        self.engine, self._redis, self._folder = engine, redis, folder
        self.opened = ExitStack()
        self.clients: list[openai.OpenAI] = []

    def start(self) -> tuple[Running, openai.OpenAI]:
        """One more gateway, and a client of it."""
        process = Running(
            "serve",
            "--port",
            "0",
            folder=self._folder,
            ORSON_ENGINE="vllm",
            ORSON_ENGINE_URL=self.engine.url,
            ORSON_SEARCH="mock",
            ORSON_REDIS_URL=self._redis.url,
            ORSON_LEASE_SECONDS="4",
        )
        self.opened.callback(process.kill)
        address = f"{process.address}/v1"
        client = openai.OpenAI(base_url=address, api_key="x", max_retries=0, timeout=60)
        return process, self.opened.enter_context(client)


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, redis: RedisServer) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("two")
    stage = Stage(folder)
    both = Two(stage.engine(rate=60), redis, folder)
    try:
        with both.opened:
            both.clients += (both.start()[1] for _ in range(2))
            yield both
    finally:
        stage.close()


def test_begun_here_and_followed_there(two: Two) -> None:
    two.engine.say(("Let me look. [SEARCH_START] who[SEARCH_END]", "Nobody."))
    here, there = two.clients
    with here.responses.create(**ASKED, stream=True) as stream:
        first = next(iter(stream))
    assert first.type == "response.created"
    id_ = first.response.id
    events = list(there.responses.retrieve(id_, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[-1].type == "response.completed"
    for after in (0, 3, len(events) - 2):
        again = list(here.responses.retrieve(id_, stream=True, starting_after=after))
        assert again == events[after + 1 :]
    assert there.responses.retrieve(id_).output_text == events[-1].response.output_text


def test_cancelled_from_the_other(two: Two) -> None:
    two.engine.say(Answer((LONG,)))
    here, there = two.clients
    id_ = here.responses.create(**ASKED).id
    events = iter(there.responses.retrieve(id_, stream=True))
    next(event for event in events if event.type == "response.output_text.delta")
    cancelled = there.responses.cancel(id_)
    assert cancelled.status == "cancelled"
    assert 0 < len(cancelled.output_text) < len(LONG)
    assert list(events)[-1].type == "response.incomplete"
    until(lambda: two.engine.running() == 0)
    assert here.responses.retrieve(id_) == cancelled


def test_two_tabs_at_two_gateways_write_one_conversation(two: Two) -> None:
    two.engine.say(Answer((LONG,)))
    here, there = two.clients
    conversation = here.conversations.create().id
    running = here.responses.create(**ASKED, conversation=conversation)
    with pytest.raises(openai.ConflictError) as refused:
        there.responses.create(model=MODEL, input="And?", conversation=conversation)
    assert refused.value.code == "conversation_locked"
    there.responses.cancel(running.id)
    two.engine.say("Yes.")
    said = there.responses.create(model=MODEL, input="And?", conversation=conversation)
    assert said.output_text == "Yes."


def test_killed_in_the_middle(two: Two) -> None:
    doomed, here = two.start()
    _, there = two.clients
    two.engine.say(Answer(LOOKED_UP))
    conversations = [here.conversations.create().id for _ in range(2)]
    id_ = here.responses.create(**ASKED, conversation=conversations[0]).id
    # And one that lives with its connection.
    stream = here.responses.create(
        model=MODEL, input="Who?", conversation=conversations[1], stream=True
    )
    plain = next(iter(stream))
    assert plain.type == "response.created"
    followed = iter(there.responses.retrieve(id_, stream=True))
    seen = [next(followed)]
    while seen[-1].type != "response.output_text.delta" or seen[-1].output_index < 2:
        seen.append(next(followed))
    next(e for e in stream if e.type == "response.output_text.delta" and e.output_index == 2)

    doomed.process.send_signal(signal.SIGKILL)
    doomed.process.wait(60)
    stream.close()

    rest = list(followed)  # the other one says how it ended
    numbers = [event.sequence_number for event in (*seen, *rest)]
    assert numbers == list(range(len(numbers)))
    assert rest[-1].type == "response.failed"
    ids = (id_, plain.response.id)
    for response_id, conversation in zip(ids, conversations, strict=True):
        response = until(partial(failed, there, response_id))
        assert response.error.code == "server_error"
        assert "died" in response.error.message
        assert [item.type for item in response.output] == ["message", "web_search_call"]
        assert response.output[0].content[0].text == "Let me look. "
        items = there.conversations.items.list(conversation, order="asc").data
        assert [item.type for item in items] == ["message", "message", "web_search_call"]
        two.engine.say("Yes.")
        after = there.responses.create(model=MODEL, input="And?", conversation=conversation)
        assert after.output_text == "Yes."
    until(lambda: two.engine.running() == 0)


def failed(client: openai.OpenAI, id_: str) -> Any:
    response = client.responses.retrieve(id_)
    return response if response.status == "failed" else None
