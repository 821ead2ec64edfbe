"""The least HTTP/1.1 server that can stream: one protocol object per connection.

It costs little per token, so that a benchmark measures what stands in front of it.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol, cast

import httptools

from model_server.scripted import wire

MAX_BODY_BYTES = 64 * 1024 * 1024
STATUS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


class Running(Protocol):
    """A streamed answer under way."""

    def stop(self) -> None:
        """The client has left."""
        ...


class Exchange(asyncio.Protocol):
    """One connection; requests on it are handled one after the other."""

    def __init__(self, handle: Callable[["Exchange"], None], connections: set["Exchange"]) -> None:
        self._handle = handle
        self._connections = connections
        self.transport: asyncio.Transport | None = None
        self.running: Running | None = None
        self.writable = True
        self._parser = httptools.HttpRequestParser(self)
        self.on_message_begin()

    def respond(self, status: int, body: bytes, kind: str = "application/json") -> None:
        """Send a whole answer."""
        head = (
            f"HTTP/1.1 {status} {STATUS.get(status, 'Error')}\r\ncontent-type: {kind}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        self._write(head.encode() + body)

    def start_stream(self, running: Running) -> None:
        """Send the head of an event stream; `running.stop()` is called if the client leaves."""
        self.running = running
        self._write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )

    def send(self, event: bytes) -> None:
        """Send one chunk of the stream."""
        self._write(b"%x\r\n%b\r\n" % (len(event), event))

    def end_stream(self, last: bytes = b"") -> None:
        """Send what is left, and end the stream."""
        self.running = None
        end = b"0\r\n\r\n"
        self._write(b"%x\r\n%b\r\n%b" % (len(last), last, end) if last else end)

    def drop(self) -> None:
        """Close the connection as a process that dies does."""
        if self.transport is not None:
            self.transport.abort()

    def _write(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self.transport = cast(asyncio.Transport, transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has left: stop what runs for it."""
        self._connections.discard(self)
        if self.running is not None:
            self.running.stop()
            self.running = None

    def pause_writing(self) -> None:
        """The client reads too slowly."""
        self.writable = False

    def resume_writing(self) -> None:
        """The client has caught up."""
        self.writable = True

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.drop()

    # What the parser calls.

    def on_message_begin(self) -> None:
        """A new request."""
        self.path = b""
        self.headers: dict[bytes, bytes] = {}
        self.body = b""
        self._parts: list[bytes] = []
        self._size = 0

    def on_url(self, url: bytes) -> None:
        """The request's path."""
        self.path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note one header."""
        self.headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        """Collect the body."""
        self._size += len(body)
        if self._size > MAX_BODY_BYTES:
            self.drop()
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        """The request is whole: handle it."""
        self.body = b"".join(self._parts)
        try:
            self._handle(self)
        except (ValueError, KeyError, TypeError) as error:
            self.respond(400, wire.error(400, str(error)))
