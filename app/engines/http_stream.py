"""The HTTP client of the token stream: a pool of connections to one engine, and two verbs.

    request(method, path, body) -> Reply     a small call, read whole; `call` adds the JSON
    stream(path, body)          -> Stream    `pour(take)` gives its bytes as they arrive

Idle connections wait in a LIFO pool, so taking one and giving it back cost the same at one stream
and at a thousand, and the one that was used last (the least likely to have been closed by the
engine meanwhile) goes first. A request is sent a second time only when a kept connection turns
out dead before any byte of an answer. Every failure of the network leaves here as an OrsonError
that names the engine's address.
"""

import asyncio
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from app.engines.connection import Broken, Connection
from app.engines.refusal import refusal
from app.engines.stream import Stream
from app.errors import EngineUnavailable

MAX_REPLY_BYTES = 64 * 1024 * 1024
"""A /tokenize reply of a million ids is about 8 MB; past this it is no engine."""
MAX_ERROR_BYTES = 1024 * 1024
T = TypeVar("T")
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait for the engine, in seconds."""

    connect: float = 5.0
    first_byte: float = 120.0
    """Until the answer's head: queueing and prefill of a long prompt on a busy engine."""
    idle: float = 60.0
    """Between two reads of a stream."""
    request: float = 30.0
    """For a small call, from first to last byte."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole answer to a small call."""

    status: int
    headers: Mapping[bytes, bytes]
    body: bytes


class HttpClient:
    """Speaks HTTP/1.1 to one engine.

    Args:
        base_url: http or https; a path in it is kept.
        api_key: sent as a bearer token.
        timeouts: how long to wait for what.
        tls: instead of the system's trust, for https.
        keep: idle connections kept; 0 closes each after one answer, and says so.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        timeouts: Timeouts | None = None,
        tls: ssl.SSLContext | None = None,
        keep: int = 512,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not an http or https address: {base_url!r}")
        self.address = base_url
        self._timeouts = timeouts or Timeouts()
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._base_path = parts.path.rstrip("/")
        self._tls = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._shared_headers = f"Host: {host}:{self._port}\r\nAccept: */*\r\n"
        if not keep:
            self._shared_headers += "Connection: close\r\n"
        if api_key:
            if not api_key.isascii() or not api_key.isprintable():
                raise ValueError("the engine's API key must be printable ASCII")
            self._shared_headers += f"Authorization: Bearer {api_key}\r\n"
        self._keep = keep
        self._idle: dict[Connection, None] = {}  # ordered: popitem() takes the last one in
        self._open: set[Connection] = set()
        self.losses = 0
        """Connections that the engine or the network closed, idle ones too, or refused."""
        self.failures = 0
        """Of those, the ones that can't be explained by an idle connection's age."""

    async def request(self, method: str, path: str, body: bytes = b"") -> Reply:
        """One small call, its answer read whole, whatever its status.

        Raises:
            EngineUnavailable: no connection, no answer in time, or an answer past all bounds.
        """
        limit = self._timeouts.request
        try:
            async with asyncio.timeout(limit):
                return await self._request(method, path, body)
        except TimeoutError:
            message = f"The engine at {self.address} did not answer {path} within {limit:g} s."
            raise EngineUnavailable(message) from None

    async def call(self, path: str, reply: type[T], body: object = None) -> T:
        """One small JSON call, a POST when there is a body: checked, and decoded as `reply`.

        Raises:
            EngineUnavailable, EngineRefused, Overloaded: as `stream`.
        """
        sent = b"" if body is None else msgspec.json.encode(body)
        answer = await self.request("GET" if body is None else "POST", path, sent)
        if answer.status != 200:
            raise refusal(answer.status, answer.body, self.address)
        try:
            return msgspec.json.decode(answer.body, type=reply)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            message = f"The engine at {self.address} answered {path} unreadably: {error}."
            raise EngineUnavailable(message) from None

    async def stream(
        self, path: str, body: bytes, headers: Mapping[str, str] = NO_HEADERS
    ) -> Stream:
        """POST `body` and return the answer's body as it arrives.

        Raises:
            EngineUnavailable: could not be reached, did not answer, or answered with a 5xx.
            EngineRefused: answered with a 4xx.
            Overloaded: answered with a 429.
        """
        connection, status = await self._exchange("POST", path, body, headers)
        if status == 200:
            return Stream(connection, self.address)
        text = await self._whole(connection, MAX_ERROR_BYTES)
        raise refusal(status, text, self.address)

    async def aclose(self) -> None:
        """Close every connection, also those of streams that are still open."""
        for connection in list(self._open):
            connection.abort()
        self._idle.clear()
        await asyncio.sleep(0)  # lets the transports run their connection_lost

    async def _request(self, method: str, path: str, body: bytes) -> Reply:
        connection, status = await self._exchange(method, path, body, NO_HEADERS)
        headers = connection.head.headers
        return Reply(status, headers, await self._whole(connection, MAX_REPLY_BYTES))

    async def _whole(self, connection: Connection, limit: int) -> bytes:
        parts: list[bytes] = []
        size = 0

        def take(piece: bytes) -> bool:
            nonlocal size
            parts.append(piece)
            size += len(piece)
            if size > limit:
                raise Broken(f"answered with more than {limit} bytes")
            return True

        try:
            await connection.pour(take)
        except Broken as broken:
            connection.abort()
            raise EngineUnavailable(f"The engine at {self.address} {broken}.") from None
        except BaseException:
            connection.abort()
            raise
        connection.release()
        return b"".join(parts)

    async def _exchange(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[Connection, int]:
        request = self._message(method, path, body, headers)
        while True:
            connection = self._take() or await self._connect()
            kept = connection.exchanges > 0
            try:
                head = await connection.exchange(
                    request,
                    first_byte_timeout=self._timeouts.first_byte,
                    idle_timeout=self._timeouts.idle,
                )
            except Broken as broken:
                connection.abort()
                if kept and broken.untouched:
                    continue  # closed while it lay idle: the engine saw nothing of this request
                raise EngineUnavailable(f"The engine at {self.address} {broken}.") from None
            except BaseException:
                connection.abort()
                raise
            return connection, head.status

    def _message(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        extra = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = (
            f"{method} {self._base_path}{path} HTTP/1.1\r\n{self._shared_headers}{extra}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode("ascii") + body

    def _take(self) -> Connection | None:
        while self._idle:
            connection, _ = self._idle.popitem()
            if not connection.closed:
                return connection
        return None

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeouts.connect):
                _, connection = await loop.create_connection(
                    lambda: Connection(self._idle_or_lost),
                    self._host,
                    self._port,
                    ssl=self._tls,
                )
        except TimeoutError:
            why = f"no connection within {self._timeouts.connect:g} s"
        except OSError as error:  # refused, unknown host, TLS that fails: ssl.SSLError is one
            why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        else:
            self._open.add(connection)
            return connection
        self.losses += 1
        self.failures += 1
        raise EngineUnavailable(f"The engine at {self.address} can't be reached: {why}.")

    def _idle_or_lost(self, connection: Connection) -> None:
        if connection.closed:
            self._idle.pop(connection, None)
            self._open.discard(connection)
            self.losses += connection.lost
            self.failures += connection.broken
        elif len(self._idle) < self._keep:
            self._idle[connection] = None
        else:
            connection.abort()
