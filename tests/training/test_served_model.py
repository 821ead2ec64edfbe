"""Asking a served model: endpoints, many answers at once, a server that is full or gone."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.training.oracle import Oracle, Trouble, capitals
from training.records import Turn
from training.served import wire
from training.served.model import Refused, ServedModel, Unreachable, retry_after
from training.served.throttle import Throttle
from training.served.wire import Ask

QUESTION = Ask((Turn("user", "What is the capital of France?"),), max_tokens=8)


@pytest.mark.parametrize(
    ("typed", "root", "api"),
    [
        ("http://h:1", "http://h:1/v1", "chat"),
        ("h:1", "http://h:1/v1", "chat"),
        ("http://h:1/v1/", "http://h:1/v1", "chat"),
        ("https://h/api/v1/chat/completions", "https://h/api/v1", "chat"),
        ("http://h:1/v1/completions", "http://h:1/v1", "completions"),
        ("https://h/openai", "https://h/openai", "chat"),
    ],
)
def test_addresses(typed: str, root: str, api: str) -> None:
    assert wire.address(typed) == (root, api)


def test_no_address() -> None:
    with pytest.raises(wire.NotAnAddress):
        wire.address("ftp://h")


async def asked(oracle: Oracle, ask: Ask = QUESTION, **options: object) -> wire.Reply:
    model = ServedModel(oracle.url, **options)  # type: ignore[arg-type]
    try:
        await model.connect()
        return await model.ask(ask)
    finally:
        await model.aclose()


async def test_chat() -> None:
    with Oracle(capitals) as oracle:
        reply = await asked(oracle)
    assert reply == wire.Reply(("It is Paris.",), 10, 2)
    assert oracle.paths == ["/v1/chat/completions"]
    assert oracle.asked[0]["model"] == "oracle"
    assert "search" not in oracle.asked[0]


async def test_completions() -> None:
    with Oracle(capitals) as oracle:
        reply = await asked(oracle, api="completions")
    assert reply.texts == ("It is Paris.",)
    assert oracle.asked[0]["prompt"] == "What is the capital of France?"


async def test_orson_is_told_not_to_search() -> None:
    with Oracle(capitals, owner="orson") as oracle:
        await asked(oracle)
    assert oracle.asked[0]["search"] == {"policy": "never"}


@pytest.mark.parametrize("gives_many", [True, False])
async def test_several_answers(gives_many: bool) -> None:
    ask = Ask(QUESTION.messages, 8, temperature=0.7, seed=5, count=3)
    with Oracle(capitals, gives_many=gives_many) as oracle:
        reply = await asked(oracle, ask)
    assert reply.texts == ("It is Paris.",) * 3
    seeds = [body["seed"] for body in oracle.asked if "n" not in body]
    assert sorted(seeds) == ([] if gives_many else [5, 6, 7])


async def test_a_full_server_is_asked_again_when_it_says() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    with Oracle(capitals) as oracle:
        oracle.troubles = [
            Trouble(429, {"Retry-After": "7"}),
            Trouble(503, {"Retry-After": soon}),
            Trouble(503),
            Trouble(500),
        ]
        reply = await asked(oracle, sleep=sleep)
    assert reply.texts == ("It is Paris.",)
    assert waits[0] == 7
    assert 90 < waits[1] <= 100
    assert 0 < waits[2] <= 2
    assert 0 < waits[3] <= 4
    assert len(oracle.asked) == 5


async def test_patience_ends() -> None:
    with Oracle(capitals) as oracle:
        oracle.troubles = [Trouble(503, message="still loading")]
        with pytest.raises(Unreachable, match="still loading"):
            await asked(oracle, patience=-1.0)


@pytest.mark.parametrize(("status", "fatal"), [(400, False), (401, True), (404, True)])
async def test_a_refusal_is_not_asked_again(status: int, fatal: bool) -> None:
    with Oracle(capitals) as oracle:
        oracle.troubles = [Trouble(status, message="too long")]
        with pytest.raises(Refused, match="too long") as refused:
            await asked(oracle)
    assert refused.value.fatal is fatal
    assert len(oracle.asked) == 1


async def test_nobody_there() -> None:
    with Oracle(capitals) as oracle:
        url = oracle.url
    model = ServedModel(url)
    with pytest.raises(Unreachable, match="no model server"):
        await model.connect()
    await model.aclose()


async def test_a_model_that_is_not_served() -> None:
    with Oracle(capitals) as oracle, pytest.raises(Refused, match="it has oracle"):
        await asked(oracle, model="other")


async def test_as_many_at_a_time_as_told() -> None:
    with Oracle(capitals) as oracle:
        oracle.barrier = threading.Barrier(4)  # passes only if four run side by side
        model = ServedModel(oracle.url, model="oracle", concurrency=4)
        await asyncio.gather(*(model.ask(QUESTION) for _ in range(16)))
        await model.aclose()
    assert oracle.most_at_once == 4


def test_retry_after() -> None:
    assert retry_after("3") == 3
    assert retry_after("-3") == 0
    assert retry_after("later") is None
    assert retry_after(None) is None


async def test_the_throttle_gives_way_and_comes_back() -> None:
    throttle = Throttle(8)
    for _ in range(8):
        await throttle.__aenter__()
    throttle.refused()
    assert throttle.limit == 6
    waiting = asyncio.create_task(throttle.__aenter__())
    for _ in range(2):
        await throttle.__aexit__(None, None, None)
        await asyncio.sleep(0)
    assert not waiting.done()  # six are running, which is the limit now
    await throttle.__aexit__(None, None, None)
    await asyncio.wait_for(waiting, 20)
    for _ in range(40):
        throttle.served()
    assert throttle.limit == 8


async def test_a_cancelled_waiter_leaves_no_place_taken() -> None:
    throttle = Throttle(1)
    await throttle.__aenter__()
    waiting = asyncio.create_task(throttle.__aenter__())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await throttle.__aexit__(None, None, None)
    async with asyncio.timeout(20):
        await throttle.__aenter__()
    assert throttle.running == 1
