"""Stored answers have a trace that makes the same answer again; others have none."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from app.chat.traces import trace as traces
from app.chat.traces.replay import replay
from app.stores.responses import RedisResponseStore
from model_server.scripted import Answer
from tests.api.stage import Engine, Gateway, until

KEPT: dict[str, Any] = {
    "model": "scripted",
    "messages": [{"role": "user", "content": "Who is he?"}],
    "store": True,
}
LOOKED_UP = ("Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]", "He is nobody [1].")
Own = Callable[..., tuple[Engine, Gateway]]


def kept(redis_url: str, id_: str) -> traces.Trace | None:
    async def fetched() -> bytes | None:
        store = RedisResponseStore(redis_url, seconds=60, events_seconds=60)
        try:
            return await store.find_trace(id_)
        finally:
            await store.aclose()

    raw = asyncio.run(fetched())
    return None if raw is None else traces.unpacked(raw)


@pytest.mark.parametrize("stream", [False, True])
def test_a_stored_answer_can_be_made_again(own: Own, redis_url: str, stream: bool) -> None:
    engine, gateway = own(LOOKED_UP)
    client = gateway.client()
    given: Any = client.chat.completions.create(**KEPT, stream=stream)
    id_ = [chunk.id for chunk in given].pop() if stream else given.id
    trace = until(lambda: kept(redis_url, id_))
    assert trace.ids[: len(trace.prompt)] == tuple(engine.legs[0].prompt)
    assert [run.at for run in trace.runs] == [len(leg.prompt) for leg in engine.legs]
    assert trace.whole
    assert trace.taught
    replayed = asyncio.run(replay(trace))
    assert replayed.same, replayed
    client.chat.completions.delete(id_)
    assert kept(redis_url, id_) is None


@pytest.mark.parametrize("how", [{}, {"stream": True}, {"background": True}])
def test_a_response_can_be_made_again(own: Own, redis_url: str, how: dict[str, bool]) -> None:
    engine, gateway = own(LOOKED_UP)
    client = gateway.client()
    given: Any = client.responses.create(model="scripted", input="Who is he?", **how)
    if "stream" in how:
        given = [event.response for event in given if event.type == "response.created"].pop()
    id_ = given.id
    trace = until(lambda: kept(redis_url, id_))
    until(lambda: client.responses.retrieve(id_).status == "completed")
    assert trace.whole
    assert [run.at for run in trace.runs] == [len(leg.prompt) for leg in engine.legs]
    assert asyncio.run(replay(trace)).same
    client.responses.delete(id_)
    assert kept(redis_url, id_) is None


def test_a_response_that_is_not_stored_has_none(own: Own, redis_url: str) -> None:
    _, gateway = own("Yes.")
    given = gateway.client().responses.create(model="scripted", input="Yes?", store=False)
    assert kept(redis_url, given.id) is None


def test_an_answer_that_broke_off(own: Own, redis_url: str) -> None:
    _, gateway = own(Answer(("Half an answ",), fault="die"), engine_restart_patience=0)
    given = gateway.post("/v1/chat/completions", json={**KEPT, "stream": True})
    id_ = given.text.partition('"id":"')[2].partition('"')[0]
    trace = until(lambda: kept(redis_url, id_))
    assert trace.runs[0].gone
    assert asyncio.run(replay(trace)).same


def test_no_trace_where_none_is_wanted(own: Own, redis_url: str) -> None:
    _, gateway = own("Yes.", "Yes.", stored_traces=False)
    given = gateway.client().chat.completions.create(**KEPT)
    assert kept(redis_url, given.id) is None
    _, gateway = own("Yes.")
    given = gateway.client().chat.completions.create(**{**KEPT, "store": False})
    assert kept(redis_url, given.id) is None
