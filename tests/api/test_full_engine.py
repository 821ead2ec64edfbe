"""An engine with more to do than it takes on, seen from clients of the gateway: no one hangs."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import openai
import pytest

from model_server.scripted import Answer
from search_adapters.mock import MockAdapter
from search_adapters.protocol import Passage, Query
from tests.api.stage import PATIENCE, Engine, Gateway, until

Own = Callable[..., tuple[Engine, Gateway]]
ASKED: dict[str, Any] = {
    "model": "scripted",
    "messages": [{"role": "user", "content": "Who is Orson Kovats?"}],
}
HOLDS = "I hold the place."
LOOKED_UP = ("Let me see.[SEARCH_START] Orson Kovats[SEARCH_END]", "He is nobody [1].")


class Held(MockAdapter):
    """Brings its results when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go = threading.Event(), threading.Event()

    async def search(self, query: Query) -> tuple[Passage, ...]:
        self.asked.set()
        await asyncio.to_thread(self.go.wait, PATIENCE)
        return await super().search(query)


@contextmanager
def holding(engine: Engine) -> Iterator[None]:
    """Somebody else's answer, asked of the engine itself, which takes the one place."""
    asked = {"messages": [{"role": "user", "content": HOLDS}], "stream": True}
    url = f"{engine.url}/v1/chat/completions"
    with httpx2.stream("POST", url, json=asked, trust_env=False, timeout=PATIENCE) as stream:
        assert stream.status_code == 200
        until(lambda: engine.running() == 1)
        yield


def test_an_answer_under_way_waits_for_its_place(own: Own) -> None:
    """While it searches others take the place, and everybody else is refused at once."""
    engine, gateway = own(
        Answer(("And",), when=HOLDS, fault="hang"), LOOKED_UP,
        engine={"max_queued": 1}, search=Held(), search_deadline=PATIENCE, search_timeout=PATIENCE,
    )  # fmt: skip
    search, client = gateway.search, gateway.client()
    assert isinstance(search, Held)
    with ThreadPoolExecutor(1) as pool:
        answering = pool.submit(client.chat.completions.create, **ASKED)
        assert search.asked.wait(PATIENCE)
        with holding(engine):
            search.go.set()
            until(lambda: engine.server.refused)
            for stream in (False, True):
                with pytest.raises(openai.InternalServerError) as failed:
                    client.chat.completions.create(**ASKED, stream=stream)
                assert failed.value.status_code == 503
                assert failed.value.code == "engine_overloaded"
                assert int(failed.value.response.headers["retry-after"]) >= 1
        said = answering.result(PATIENCE).choices[0].message.content
    assert said == "Let me see.He is nobody [1]."
    assert gateway.metric("orson_retried_legs_total") == 0
    until(lambda: engine.running() == 0)
    until(lambda: gateway.metric("orson_answers_running") == 0)


def test_patience_ends(own: Own) -> None:
    engine, gateway = own(
        Answer(("And",), when=HOLDS, fault="hang"), LOOKED_UP,
        engine={"max_queued": 1}, search=Held(), search_deadline=PATIENCE, search_timeout=PATIENCE,
        engine_restart_patience=0.2,
    )  # fmt: skip
    search = gateway.search
    assert isinstance(search, Held)
    with gateway.client().chat.completions.create(**ASKED, stream=True) as stream:
        assert next(stream)
        assert search.asked.wait(PATIENCE)
        with holding(engine):
            search.go.set()
            with pytest.raises(openai.APIError) as failed:
                list(stream)
    assert failed.value.code == "engine_overloaded"
    until(lambda: gateway.metric("orson_answers_running") == 0)
