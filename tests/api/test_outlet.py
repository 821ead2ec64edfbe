"""Writing to the client from the engine's callback: what the server offers and refuses."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import uvicorn

from app.chat.events import Event, TextDelta
from app.http.transport.outlet import WRITE, DirectWriteProtocol, Frames, Outlet, Write
from app.wire.openai.chat import Chunks
from tests.api.stage import Engine, Gateway

START = {"type": "http.response.start", "status": 200, "headers": []}
END = {"type": "http.response.body", "body": b"", "more_body": False}

App = Callable[[Any, Any, Any], Awaitable[None]]


@asynccontextmanager
async def served(app: App) -> AsyncIterator[int]:
    """`app` behind the protocol, on a port of its own."""
    config = uvicorn.Config(
        app, "127.0.0.1", 0, http=DirectWriteProtocol, lifespan="off", log_level="critical"
    )
    server = uvicorn.Server(config)
    sock = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([sock]))
    try:
        yield sock.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


def offered(scope: Any) -> Callable[[bytes], bool]:
    write: Write = scope["extensions"][WRITE]["write"]
    return lambda body: write(lambda _: body, ())


async def test_written_and_sent_are_one_body() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        write = offered(scope)
        assert not write(b"before the head")
        await send(START)
        assert write(b"one ")
        assert write(b"")  # nothing to show, and not the end
        await send({"type": "http.response.body", "body": b"two ", "more_body": True})
        assert write(b"three")
        await send(END)
        assert not write(b"after the end")

    async with served(app) as port, httpx2.AsyncClient(trust_env=False, timeout=60) as client:
        for _ in range(2):  # the connection is still good
            reply = await client.get(f"http://127.0.0.1:{port}/")
            assert reply.text == "one two three"


async def test_a_body_of_known_length_is_not_ours_to_frame() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({**START, "headers": [(b"content-length", b"5")]})
        assert not offered(scope)(b"12345")
        await send({**END, "body": b"whole"})

    async with served(app) as port, httpx2.AsyncClient(trust_env=False, timeout=60) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).text == "whole"


async def test_a_full_socket_refuses_until_it_is_read() -> None:
    piece = b"x" * 65536
    refused, resumed = asyncio.Event(), asyncio.Event()
    written = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal written
        write = offered(scope)
        await send(START)
        while write(piece):
            written += 1
            assert written < 10_000
        refused.set()
        await send({"type": "http.response.body", "body": piece, "more_body": True})  # it waits
        written += 1
        resumed.set()
        assert write(b"end")
        await send(END)

    async with served(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=65536)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(60):
            await refused.wait()
            assert not resumed.is_set()
            received = await reader.read()
        assert resumed.is_set()
        assert received.count(b"x") == written * len(piece)
        assert received.endswith(b"3\r\nend\r\n0\r\n\r\n")
        writer.close()


async def test_a_client_that_left_is_not_written_to() -> None:
    left: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set_result(offered(scope)(b"too late"))

    async with served(app) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        writer.close()
        assert await asyncio.wait_for(left, 60) is False


async def test_pipelined_requests_keep_their_order() -> None:
    """The second request comes while the first is answered; each writes into its own answer."""
    both = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        if scope["path"] == "/first":
            await asyncio.wait_for(both.wait(), 60)
        assert offered(scope)(scope["path"].encode())
        await send(END)

    async with served(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /first HTTP/1.1\r\nHost: x\r\n\r\n")
        writer.write(b"GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        both.set()
        rest = await asyncio.wait_for(reader.read(), 60)
        assert rest.index(b"/first") < rest.index(b"/second")
        writer.close()


@pytest.mark.parametrize("scope", [{}, {"extensions": None}, {"extensions": {}}])
def test_without_the_extension_nothing_is_taken(scope: Any) -> None:
    outlet = Outlet()
    assert not outlet([TextDelta("early")])
    outlet.open(scope, Chunks("m").frames, lambda: None)
    assert not outlet([TextDelta("x")])


def test_an_outlet_takes_while_it_is_open() -> None:
    written: list[bytes] = []
    beats = rendered = 0
    accepts = True

    def write(frames: Frames, events: Sequence[Event]) -> bool:
        if accepts:
            written.append(frames(events))
        return accepts

    def frames(events: Sequence[Event]) -> bytes:
        nonlocal rendered
        rendered += 1
        return b"frame"

    def wrote() -> None:
        nonlocal beats
        beats += 1

    outlet = Outlet()
    outlet.open({"extensions": {WRITE: {"write": write}}}, frames, wrote)
    assert outlet([TextDelta("x")])
    accepts = False
    assert not outlet([TextDelta("x")])
    accepts = True
    outlet.close()
    assert not outlet([TextDelta("x")])
    assert (written, beats, rendered) == ([b"frame"], 1, 1)


def test_text_leaves_this_way(
    gateway: Gateway, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway as it runs: most of the frames of an answer never wake its task."""
    taken = 0
    plain = Outlet.__call__

    def counted(self: Outlet, events: Any) -> bool:
        nonlocal taken
        took = plain(self, events)
        taken += took
        return took

    monkeypatch.setattr(Outlet, "__call__", counted)
    said = "It is a long and plain answer with nothing to look up. " * 10
    engine.say(said.strip())
    question = [{"role": "user", "content": "Who?"}]
    stream = gateway.client().chat.completions.create(
        model="scripted",
        messages=question,  # type: ignore[arg-type]
        stream=True,
    )
    pieces = [c.choices[0].delta.content or "" for c in stream if c.choices]
    assert "".join(pieces) == said.strip()
    assert taken > 20
