"""When things go wrong: the engine, the search, the client."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import openai
import pytest

from app.chat.events import Event, Finished, Started, TextDelta, Usage
from app.http.transport.streaming import StreamedAnswer
from app.wire.openai.chat import KEEPALIVE, Chunks
from model_server.scripted import Answer
from search_adapters.mock import MockAdapter
from tests.api.stage import PATIENCE, Engine, Gateway, Stage, passage, until

MODEL = "scripted"
GOOD: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Who is he?"}]}
PATH = "/v1/chat/completions"
LOOKED_UP = ("Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]", "He is nobody [1].")

Own = Callable[..., tuple[Engine, Gateway]]


SLOWLY = {"rate": 4}
"""An engine that, unless it is stopped, has words for longer than anything here is waited for."""


def idle(engine: Engine, gateway: Gateway) -> None:
    """Nothing is left running anywhere."""
    until(lambda: engine.running() == 0)
    until(lambda: gateway.metric("orson_answers_running") == 0)


def impatient() -> httpx2.Client:
    """A client that does not wait long for an answer, but for everything else."""
    return httpx2.Client(trust_env=False, timeout=httpx2.Timeout(PATIENCE, read=0.3))


# -- the engine ------------------------------------------------------------------------------


def test_an_engine_that_comes_later(stage: Stage, redis_url: str) -> None:
    engine = stage.engine()
    engine.say("Here I am.")
    engine.stop()
    gateway = stage.gateway(engine.url, redis_url=redis_url)
    client = gateway.client()
    assert gateway.get("/healthz").status_code == 200
    ready = gateway.get("/readyz")
    assert ready.status_code == 503
    assert engine.url in ready.json()["engine"]
    for call in (
        lambda: client.chat.completions.create(**GOOD),
        lambda: client.chat.completions.create(**GOOD, stream=True),
        lambda: client.models.list(),
    ):
        with pytest.raises(openai.InternalServerError) as failed:
            call()
        assert failed.value.status_code == 503
        assert failed.value.code == "engine_unavailable"
        assert engine.url in failed.value.message
    engine.start()
    assert client.chat.completions.create(**GOOD).choices[0].message.content == "Here I am."
    assert gateway.get("/readyz").status_code == 200
    assert client.models.list().data[0].id == MODEL


def test_an_engine_that_goes_and_returns(own: Own) -> None:
    engine, gateway = own("Here I am.")
    client = gateway.client()
    client.chat.completions.create(**GOOD)
    engine.stop()
    for streamed in (False, True):
        with pytest.raises(openai.InternalServerError) as failed:
            client.chat.completions.create(**GOOD, stream=streamed)
        assert failed.value.status_code == 503
    assert gateway.get("/readyz").status_code == 503
    engine.start()
    assert client.chat.completions.create(**GOOD).choices[0].message.content == "Here I am."
    idle(engine, gateway)


def test_an_engine_that_never_says_a_word(stage: Stage, redis_url: str) -> None:
    """It takes connections and is silent: many wait for it, none for longer than the first."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("app.main.PATIENCE", 0.05)
            gateway = stage.gateway(url, redis_url=redis_url, engine_idle_timeout=0.5)
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _: gateway.post(PATH, json=GOOD), range(8)))
        assert {reply.status_code for reply in replies} == {503}
        assert "0.5 s" in replies[0].json()["error"]["message"]


@pytest.mark.parametrize("fault", ["die", "cut", "error"])
def test_an_engine_that_breaks_off_in_a_stream(
    gateway: Gateway, engine: Engine, fault: Any
) -> None:
    engine.say(Answer((LOOKED_UP[0], "He is nobody [1]. And then"), fault=fault))
    gateway.search.enqueue([[passage(1)]])
    chunks: list[Any] = []
    stream = gateway.client().chat.completions.create(**GOOD, stream=True)
    with stream, pytest.raises(openai.APIError) as failed:
        chunks.extend(each for each in stream)
    assert failed.value.code == "engine_unavailable"
    said = "".join(c.choices[0].delta.content or "" for c in chunks)
    assert said.startswith("Let me look. He is nobody [1]. And")
    (annotation,) = chunks[-1].choices[0].delta.annotations
    place = annotation["url_citation"]
    assert said[place["start_index"] : place["end_index"]] == "[1]"
    assert not any(c.choices[0].finish_reason for c in chunks)
    raw = gateway.post(PATH, json={**GOOD, "stream": True}).text
    *_, error, done, rest = raw.split("\n\n")
    assert {*json.loads(error.removeprefix("data: "))["error"]} == {
        "message",
        "type",
        "param",
        "code",
    }
    assert (done, rest) == ("data: [DONE]", "")
    idle(engine, gateway)


@pytest.mark.parametrize("fault", ["die", "cut", "error", "fail"])
def test_an_engine_that_breaks_off_an_answer_given_whole(
    gateway: Gateway, engine: Engine, fault: Any
) -> None:
    engine.say(Answer(("Half an answ",), fault=fault))
    with pytest.raises(openai.InternalServerError) as failed:
        gateway.client().chat.completions.create(**GOOD)
    assert failed.value.status_code == 503


def test_an_engine_that_refuses(gateway: Gateway, engine: Engine) -> None:
    engine.say(Answer(("",), fault="refuse"))
    for streamed in (False, True):
        with pytest.raises(openai.InternalServerError) as failed:
            gateway.client().chat.completions.create(**GOOD, stream=streamed)
        assert failed.value.status_code == 502
        assert failed.value.code == "engine_refused"


def test_an_engine_that_hangs(own: Own) -> None:
    engine, gateway = own(Answer(("Half an answ",), fault="hang"), engine_idle_timeout=1)
    stream = gateway.client().chat.completions.create(**GOOD, stream=True)
    with stream, pytest.raises(openai.APIError, match=r"\b1 s") as failed:
        list(stream)
    assert failed.value.code == "engine_unavailable"
    idle(engine, gateway)
    with pytest.raises(openai.InternalServerError):
        gateway.client().chat.completions.create(**GOOD)
    idle(engine, gateway)


def test_an_engine_slow_to_begin_opens_the_stream_anyway(own: Own) -> None:
    engine, gateway = own(
        Answer(("",), fault="hang"), prime_timeout=0.1, keepalive=0.1, engine_idle_timeout=1
    )
    raw = gateway.post(PATH, json={**GOOD, "stream": True})
    assert raw.status_code == 200
    assert raw.text.startswith(": keep-alive\n\n")
    assert '"code":"engine_unavailable"' in raw.text
    assert raw.text.endswith("data: [DONE]\n\n")
    idle(engine, gateway)


# -- the search ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("search", "failure", "told"),
    [
        (MockAdapter(fail="RateLimited"), "rate limited", "Search failed: rate limited."),
        (MockAdapter(fail="Unavailable"), "unavailable", "Search failed: unavailable."),
        (MockAdapter(fail="NotAuthorised"), "not authorised", "Search failed: not authorised."),
        (MockAdapter(delay=60), "timed out", "Search failed: timed out."),
        (MockAdapter(empty=True), None, "No results."),
    ],
    ids=["rate limited", "unavailable", "not authorised", "slow", "empty"],
)
def test_a_search_that_fails_is_told_and_the_answer_goes_on(
    own: Own, search: MockAdapter, failure: str | None, told: str
) -> None:
    seconds = 0.3 if failure == "timed out" else PATIENCE
    engine, gateway = own(
        (LOOKED_UP[0], "I don't know."), search=search, search_timeout=seconds,
        search_deadline=seconds,
    )  # fmt: skip
    whole = gateway.client().chat.completions.create(**GOOD)
    assert whole.choices[0].message.content == "Let me look. I don't know."
    (told_client,) = whole.search  # type: ignore[attr-defined]
    assert (told_client["failure"], told_client["results"]) == (failure, [])
    assert told_client["provider"] == "mock"
    assert f"[RESULTS_START]\n{told}\n[RESULTS_END]" in engine.text(engine.legs[1].prompt)
    chunks = list(gateway.client().chat.completions.create(**GOOD, stream=True))
    (finished,) = [c.search for c in chunks if getattr(c, "search", {}).get("type") == "finished"]
    assert finished["failure"] == failure
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_a_comment_keeps_the_stream_alive_while_a_search_is_quiet(own: Own) -> None:
    _, gateway = own(LOOKED_UP, search=MockAdapter(delay=1), keepalive=0.1)
    raw = gateway.post(PATH, json={**GOOD, "stream": True}).content
    before, after = raw.split(b'"type":"searching"')[1].split(b'"type":"finished"')
    assert before.count(b": keep-alive\n\n") >= 2
    assert b"keep-alive" not in after
    # Only between events, never inside one: what is left is whole.
    events = [e for e in raw.split(b"\n\n") if e and e != b": keep-alive"]
    for event in events[:-1]:
        json.loads(event.removeprefix(b"data: "))
    assert events[-1] == b"data: [DONE]"


# -- the client ------------------------------------------------------------------------------


def test_a_client_that_leaves_in_the_middle_of_an_answer(own: Own) -> None:
    engine, gateway = own(engine=SLOWLY)  # no script: words without end
    with gateway.client().chat.completions.create(**GOOD, stream=True) as stream:
        for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        assert engine.running() == 1
        assert gateway.metric("orson_answers_running") == 1
    idle(engine, gateway)
    assert gateway.metric("orson_answers_total") == 1


def test_a_client_that_leaves_an_answer_given_whole(own: Own) -> None:
    engine, gateway = own(engine=SLOWLY)
    with impatient() as client, pytest.raises(httpx2.ReadTimeout):
        client.post(gateway.url + PATH, json=GOOD)
    idle(engine, gateway)


def test_a_client_that_leaves_in_the_middle_of_a_search(own: Own) -> None:
    engine, gateway = own(
        LOOKED_UP, search=MockAdapter(delay=900), search_timeout=900, search_deadline=900
    )
    with gateway.client().chat.completions.create(**GOOD, stream=True) as stream:
        for chunk in stream:
            if getattr(chunk, "search", {}).get("type") == "searching":
                break
        assert gateway.metric("orson_answers_running") == 1
    idle(engine, gateway)
    assert len(engine.legs) == 1

    async def searches() -> list[str]:
        return [task.get_name() for task in asyncio.all_tasks() if "search" in task.get_name()]

    until(lambda: not gateway.thread.call(searches()))


def test_a_client_that_leaves_before_the_first_word(own: Own) -> None:
    engine, gateway = own(Answer(("",), fault="hang"))
    with impatient() as client, pytest.raises(httpx2.ReadTimeout):
        client.post(gateway.url + PATH, json={**GOOD, "stream": True})
    idle(engine, gateway)


def test_a_client_that_reads_slowly_holds_back_the_engine(own: Own) -> None:
    pieces = 200  # of 128 KB: more than all the buffers of all the sockets on the way
    engine, gateway = own((" ".join(["x" * 131_072] * pieces),))
    body = json.dumps({**GOOD, "stream": True}).encode()

    polls: list[int] = []

    def said() -> int:
        return len(engine.legs[0].output) if engine.legs else 0

    def stuck() -> bool:
        polls.append(said())
        return len(polls) > 50 and 0 < polls[-50] == polls[-1]

    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(20)
        host, _, port = gateway.url.removeprefix("http://").partition(":")
        slow.connect((host, int(port)))
        slow.sendall(
            b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (PATH.encode(), len(body), body)
        )
        until(stuck)
        held = said()
        assert held < pieces
        assert gateway.get("/healthz").status_code == 200
        while said() == held:
            assert slow.recv(1 << 20)
    idle(engine, gateway)


class Client:
    """The ASGI side of a client that reads `reads` messages of the answer and no more."""

    def __init__(self, reads: int) -> None:
        self.received: list[Any] = []
        self.reads = reads
        self.closed = False

    async def receive(self) -> Any:
        await asyncio.Event().wait()  # it never leaves

    async def send(self, message: Any) -> None:
        if len(self.received) >= self.reads:
            await asyncio.Event().wait()
        self.received.append(message)

    async def answer(self) -> AsyncGenerator[Sequence[Event], None]:
        try:
            yield [Started(1), TextDelta("One.")]
            yield [TextDelta(" Two.")]
            await self.pause()
            yield [Finished("stop", Usage(1))]
        finally:
            self.closed = True

    async def pause(self) -> None:
        """Between the last word and the end."""

    async def take(self, *, keepalive: float, patience: float) -> None:
        answer = StreamedAnswer(
            self.answer(), Chunks("m"), keepalive=keepalive, prime_timeout=5, patience=patience
        )
        async with asyncio.timeout(20):
            await answer({"type": "http"}, self.receive, self.send)


@pytest.mark.parametrize("keepalive", [0.005, 60])
@pytest.mark.parametrize("reads", [0, 1, 2, 3, 4])
async def test_a_client_that_stops_reading_gives_its_place_up(
    reads: int, keepalive: float, caplog: pytest.LogCaptureFixture
) -> None:
    """At any message: the head, the words, the end. Nothing is written behind a pending write."""
    client = Client(reads)
    with caplog.at_level(logging.WARNING, "app.http.transport.pulse"):
        await client.take(keepalive=keepalive, patience=0.03)
    assert client.closed
    assert len(client.received) == reads
    assert "has not read" in caplog.text
    left = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.wait_for(asyncio.gather(*left, return_exceptions=True), 5)


async def test_a_client_that_stops_reading_at_a_comment() -> None:
    class Waits(Client):
        async def pause(self) -> None:
            await asyncio.Event().wait()

    client = Waits(3)
    await client.take(keepalive=0.005, patience=0.03)
    assert client.closed
    assert len(client.received) == 3


async def test_an_answer_that_says_nothing_for_long_is_not_ended() -> None:
    class Searches(Client):
        comments = 0
        enough = asyncio.Event()

        async def send(self, message: Any) -> None:
            await super().send(message)
            self.comments += message.get("body") == KEEPALIVE
            if self.comments > 8:
                self.enough.set()

        async def pause(self) -> None:
            await self.enough.wait()

    client = Searches(1000)
    await client.take(keepalive=0.005, patience=0.02)
    assert client.received[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert b"[DONE]" in client.received[-2]["body"]


async def test_a_hundred_streams_at_once(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)

    async def one(client: openai.AsyncOpenAI) -> str:
        stream = await client.chat.completions.create(**GOOD, stream=True)
        return "".join(
            [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
        )

    async with gateway.async_client(timeout=60) as client:
        answers = await asyncio.gather(*(one(client) for _ in range(100)))
    assert answers == ["Let me look. He is nobody [1]."] * 100
    idle(engine, gateway)
