"""Clients that send half a request, a byte at a time, or too much of a head: they hold nothing."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from starlette.types import Message, Receive

from app.http.transport.body_limit import MAX_BODY_BYTES, BodyLimit
from app.http.transport.bounded_protocol import HEAD_BYTES, HEADERS, BoundedProtocol
from app.http.transport.streaming import Leave, while_connected
from tests.api.stage import Engine, Gateway, until

MODEL = "scripted"
BODY = json.dumps({"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}).encode()
HEAD = b"POST /v1/%b HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n%b\r\n"
SOON = 0.8
"""Seconds that a slow client is given here."""


@pytest.fixture
def hasty(
    own: Callable[..., tuple[Engine, Gateway]], monkeypatch: pytest.MonkeyPatch
) -> tuple[Engine, Gateway]:
    """An engine, and a gateway that does not wait long."""
    monkeypatch.setattr(BoundedProtocol, "head_seconds", SOON)
    monkeypatch.setattr(BoundedProtocol, "linger", SOON)
    return own("Yes.", "Yes.", "Yes.", body_timeout=SOON)


@pytest.fixture
def patient(own: Callable[..., tuple[Engine, Gateway]], monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """One that waits as long as for people, for those who are refused for what they send."""
    monkeypatch.setattr(BoundedProtocol, "linger", SOON)
    return own("Yes.")[1]


def connect(gateway: Gateway) -> socket.socket:
    host, _, port = gateway.url.rpartition("/")[2].rpartition(":")
    return socket.create_connection((host, int(port)), timeout=60)


def head(path: str = "chat/completions", **headers: str) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return HEAD % (path.encode(), lines.encode())


def read(client: socket.socket) -> tuple[int, dict[str, Any], bytes]:
    """Status, JSON and the raw head of what comes until the other side closes."""
    told = b""
    with suppress(ConnectionResetError):  # of a byte that was sent behind the other side's end
        while piece := client.recv(65536):
            told += piece
    top, _, body = told.partition(b"\r\n\r\n")
    return int(top.split()[1]) if top else 0, json.loads(body) if body else {}, top


def connections(gateway: Gateway) -> int:
    return len(gateway.server.server_state.connections)


def drip(client: socket.socket, piece: bytes) -> Callable[[], None]:
    """Send a byte now and then, until told to stop or nobody takes it."""
    over = threading.Event()

    def run() -> None:
        for byte in piece:
            try:
                client.send(bytes([byte]))
            except OSError:
                return
            if over.wait(0.05):
                return

    thread = threading.Thread(target=run)
    thread.start()

    def stop() -> None:
        over.set()
        thread.join(20)

    return stop


@pytest.mark.parametrize("path", ["chat/completions", "messages", "responses"])
def test_half_a_body(hasty: tuple[Engine, Gateway], path: str) -> None:
    engine, gateway = hasty
    with connect(gateway) as client:
        client.sendall(head(path, content_length="1000") + BODY[:10])
        status, told, top = read(client)
    assert status == 408
    assert b"connection: close" in top.lower()
    assert "10 bytes" in told["error"]["message"]
    assert (told["type"] == "error") if path == "messages" else told["error"]["code"]
    until(lambda: connections(gateway) == 0)
    assert engine.legs == []


def test_a_body_byte_by_byte(hasty: tuple[Engine, Gateway]) -> None:
    engine, gateway = hasty
    with connect(gateway) as client:
        client.sendall(head(content_length=str(len(BODY))))
        stop = drip(client, BODY)
        status, told, _ = read(client)
        stop()
    assert (status, told["error"]["code"]) == (408, "request_timeout")
    until(lambda: connections(gateway) == 0)
    assert engine.legs == []


def test_a_client_that_leaves_in_the_middle_of_its_body(
    hasty: tuple[Engine, Gateway], caplog: pytest.LogCaptureFixture
) -> None:
    engine, gateway = hasty
    for _ in range(5):
        with connect(gateway) as client:
            client.sendall(head(content_length="1000") + BODY[:10])
    until(lambda: connections(gateway) == 0)
    until(lambda: gateway.server.server_state.tasks == set())
    assert gateway.metric("orson_answers_running") == 0
    assert engine.legs == []
    assert "Traceback" not in caplog.text


def test_a_body_whole_but_slow_is_taken(
    own: Callable[..., tuple[Engine, Gateway]],
) -> None:
    _, gateway = own("Yes.")
    with connect(gateway) as client:
        client.sendall(head(content_length=str(len(BODY)), connection="close"))
        for at in range(0, len(BODY), 20):
            client.sendall(BODY[at : at + 20])
            time.sleep(0.01)
        status, told, _ = read(client)
    assert status == 200
    assert told["choices"][0]["message"]["content"] == "Yes."


@pytest.mark.parametrize("first", [b"", b"\r\n\r\n", b"POST /v1/mess", HEAD[:30]])
def test_a_head_that_never_ends(hasty: tuple[Engine, Gateway], first: bytes) -> None:
    _, gateway = hasty
    with connect(gateway) as client:
        client.sendall(first)
        stop = drip(client, b"X" * 100 if first.startswith(b"POST") else b"")
        status, told, _ = read(client)
        stop()
    # Who said nothing is told nothing.
    assert status == (408 if first else 0)
    assert bool(told) is bool(first)
    until(lambda: connections(gateway) == 0)


LARGE = {
    "one long header": head(cookie="a" * HEAD_BYTES),
    "an endless one": head(cookie="a" * 3 * HEAD_BYTES)[:-4],
    "many": head(**{f"x-{number}": "y" for number in range(HEADERS)}),
    "a long address": head("a" * HEAD_BYTES),
}


@pytest.mark.parametrize("what", LARGE)
def test_a_head_that_is_too_large(patient: Gateway, what: str) -> None:
    gateway = patient
    with connect(gateway) as client:
        client.sendall(LARGE[what])
        status, told, _ = read(client)
    assert status == 431
    assert told["error"]["code"] == "request_header_fields_too_large"
    until(lambda: connections(gateway) == 0)


def test_what_is_no_http(patient: Gateway) -> None:
    gateway = patient
    with connect(gateway) as client:
        client.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
        status, told, _ = read(client)
    assert status == 400
    assert told["error"]["type"] == "invalid_request_error"


def test_a_body_that_goes_on_after_it_was_refused(
    own: Callable[..., tuple[Engine, Gateway]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedProtocol, "linger", SOON)
    _, gateway = own("Yes.", api_keys="k")
    with connect(gateway) as client:
        client.sendall(head(content_length="100000") + b"{")
        stop = drip(client, b" " * 1000)
        status, told, _ = read(client)
        stop()
    assert (status, told["error"]["code"]) == (401, "invalid_api_key")
    until(lambda: connections(gateway) == 0)


def test_bounds_are_of_one_request_and_not_of_a_connection(
    own: Callable[..., tuple[Engine, Gateway]],
) -> None:
    _, gateway = own("Yes.", "Yes.", "Yes.")
    with connect(gateway) as client:
        request = head(content_length=str(len(BODY)), cookie="a" * (HEAD_BYTES // 2)) + BODY
        for _ in range(3):
            client.sendall(request)
            told = b""
            while not told.endswith(b"}") or b"choices" not in told:
                told += client.recv(65536)
            assert told.startswith(b"HTTP/1.1 200")


async def test_an_answer_that_takes_longer_than_a_head_may(
    own: Callable[..., tuple[Engine, Gateway]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedProtocol, "head_seconds", 1.0)
    engine, gateway = own(engine={"rate": 25})
    engine.say(" ".join(["word"] * 40))
    client = gateway.async_client()
    async with asyncio.timeout(20):
        stream = await client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "Hello"}], stream=True
        )
        chunks = [chunk async for chunk in stream]
    assert chunks[-1].choices[0].finish_reason == "stop"
    await client.close()


@pytest.mark.parametrize(
    "then",
    [
        {"type": "http.disconnect"},
        {"type": "http.request", "body": b"x" * (MAX_BODY_BYTES + 1), "more_body": True},
    ],
)
async def test_one_who_leaves_behind_half_a_body_nobody_asked_for(then: Message) -> None:
    """A `GET` whose body never ends is answered; its client's leaving is seen all the same."""
    coming = iter([b"half", None])

    async def receive() -> Message:
        piece = next(coming, b"")
        if piece is None:
            await asyncio.Event().wait()  # until the time for a body is over
        return {"type": "http.request", "body": piece, "more_body": True} if piece else then

    ended = False

    async def follow(_: Any, receive: Receive, __: Any) -> None:
        nonlocal ended

        async def for_ever(_: Leave) -> None:
            await asyncio.Event().wait()

        await while_connected(receive, for_ever)
        ended = True

    async def send(_: Message) -> None:
        raise AssertionError

    scope = {"type": "http", "headers": []}
    async with asyncio.timeout(20):
        await BodyLimit(follow, seconds=0.01)(scope, receive, send)
    assert ended
