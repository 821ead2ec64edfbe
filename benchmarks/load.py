"""The load: many streamed chat requests, each read by a protocol that only notes the time."""

import asyncio
import itertools
import json
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CONTENT = re.compile(rb'"content": ?"[^"]')
"""A delta that says something; the first chunk of many servers only names the role."""


@dataclass(slots=True)
class Timing:
    """When one stream was asked for, and when each read with content in it came (seconds)."""

    asked: float = 0.0
    arrivals: list[float] = field(default_factory=list)
    tail: bytes = b""

    @property
    def ttft(self) -> float:
        return self.arrivals[0] - self.asked

    def gaps(self, since: float, until: float) -> list[float]:
        times = [at for at in self.arrivals if since <= at <= until]
        return [after - before for before, after in itertools.pairwise(times)]


class Reader(asyncio.Protocol):
    """Sends one request and reads the stream."""

    def __init__(self, request: bytes, ended: asyncio.Future[None]) -> None:
        self.timing = Timing()
        self._request = request
        self._ended = ended
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.timing.asked = time.monotonic()
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        timing = self.timing
        if CONTENT.search(data):
            timing.arrivals.append(time.monotonic())
        timing.tail = (timing.tail + data)[-64:]
        if b"0\r\n\r\n" in timing.tail[-5:] and self._transport:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def leave(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class Load:
    """Opens streams against one address."""

    def __init__(self, url: str, model: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._model = model

    async def open(self, question: str, max_tokens: int) -> tuple[Reader, asyncio.Future[None]]:
        """One stream; the future is done when its connection is closed."""
        body = {
            "model": self._model,
            "messages": [{"role": "user", "content": question}],
            "stream": True,
            "temperature": 0,
            "max_tokens": max_tokens,
        }
        raw = json.dumps(body).encode()
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
        )
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        _, reader = await loop.create_connection(
            lambda: Reader(head.encode() + raw, ended), self._host, self._port
        )
        return reader, ended

    async def open_many(
        self, count: int, max_tokens: int, ramp: float
    ) -> list[tuple[Reader, asyncio.Future[None]]]:
        """`count` streams, opened evenly over `ramp` seconds."""
        began = time.monotonic()
        streams = []
        for number in range(count):
            await asyncio.sleep(max(0.0, began + ramp * number / count - time.monotonic()))
            streams.append(await self.open(f"Tell me about river {number}.", max_tokens))
        await asyncio.sleep(max(0.0, began + ramp - time.monotonic()))
        return streams
