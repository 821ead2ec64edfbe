"""An internet of a few sites for the page tests: names, addresses, and servers on loopback.

The guard is the real one. Only what is under it is replaced: what names resolve to, and the wire
from a public address to a server of the test's.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpcore2

from search_adapters.pages.network import PublicNetwork, SystemResolver

SITE = "93.184.215.14"
"""A public address that the tests' own server stands for."""

Respond = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
"""Answers one request, of which the head is given."""


class Names:
    """What names resolve to; each look-up of a name takes its next answer, the last one stays."""

    def __init__(self, answers: Mapping[str, Iterable[str] | Iterable[list[str]]]) -> None:
        self._answers = {name: list(addresses) for name, addresses in answers.items()}
        self._system = SystemResolver()
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        answers = self._answers.get(host)
        if answers is None:
            if any(char.isalpha() for char in host.rstrip(".").rsplit(".", 1)[-1]) and (
                ":" not in host and not host.startswith("0x") and ".0x" not in host
            ):
                raise OSError("no such host")
            return await self._system(host, port)  # numbers, in whatever notation
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return [answer] if isinstance(answer, str) else list(answer)


class Wires(httpcore2.AsyncNetworkBackend):
    """Connections to addresses, each remembered; public ones that the test serves are real."""

    def __init__(self, ports: Mapping[str, int] | None = None) -> None:
        self.ports = dict(ports or {})
        self.connected: list[str] = []
        self._real = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.connected.append(host)
        if host not in self.ports:
            raise httpcore2.ConnectError("nobody there")
        return await self._real.connect_tcp("127.0.0.1", self.ports[host], timeout)


class SmallInternet:
    """Names and wires, and the guarded network over them."""

    def __init__(self, names: Mapping[str, Any] | None = None, **ports: int) -> None:
        self.names = Names({"site.example": [SITE], **(names or {})})
        self.wires = Wires(ports)
        self.network = PublicNetwork(self.names, self.wires)


class Site:
    """A server on loopback: it keeps the heads of its requests."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.heads: list[bytes] = []
        self.port = 0
        self.open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.open[task] = writer
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                await self.respond(head, writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            del self.open[task]

    @property
    def paths(self) -> list[str]:
        return [head.split(b" ", 2)[1].decode() for head in self.heads]


@asynccontextmanager
async def site(respond: Respond, ssl_context: Any = None) -> AsyncIterator[Site]:
    served = Site(respond)
    server = await asyncio.start_server(served.handle, "127.0.0.1", 0, ssl=ssl_context)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        handlers = tuple(served.open)
        for writer in served.open.values():
            writer.transport.abort()
        await asyncio.gather(*handlers)


def page(body: bytes | str, *headers: str, type_: str = "text/html; charset=utf-8") -> bytes:
    """A whole answer with this body."""
    data = body.encode() if isinstance(body, str) else body
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {type_}", f"Content-Length: {len(data)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + data


def redirect(to: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


def always(answer: bytes) -> Respond:
    async def respond(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return respond


def by_path(answers: Mapping[str, bytes]) -> Respond:
    """Answers by path; others get 404."""

    async def respond(head: bytes, writer: asyncio.StreamWriter) -> None:
        path = head.split(b" ", 2)[1].decode()
        writer.write(answers.get(path, b"HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n"))

    return respond
