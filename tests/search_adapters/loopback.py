"""A real HTTP server on loopback that speaks as badly as it is told."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Loopback:
    """What arrived, and how to answer it."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.requests: list[bytes] = []
        self.url = ""
        self.arrived = asyncio.Event()
        """Set when a whole request head is here."""
        self.gone = asyncio.Event()
        """Set when a client has hung up and its handler has ended."""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(head)
            self.arrived.set()
            answer = asyncio.ensure_future(self.behaviour(writer))
            hung_up = asyncio.ensure_future(self._until_hung_up(reader))
            _, running = await asyncio.wait({answer, hung_up}, return_when="FIRST_COMPLETED")
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self.gone.set()

    async def _until_hung_up(self, reader: asyncio.StreamReader) -> None:
        try:
            while await reader.read(1024):
                pass
        except ConnectionError:
            pass


@asynccontextmanager
async def serving(behaviour: Behaviour) -> AsyncIterator[Loopback]:
    loopback = Loopback(behaviour)
    server = await asyncio.start_server(loopback.handle, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    loopback.url = f"http://{host}:{port}"
    async with server:
        yield loopback


def reply(status: int, body: bytes, *headers: str) -> Behaviour:
    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *headers]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return answer


async def never(writer: asyncio.StreamWriter) -> None:
    """Take the request and say nothing."""
    await asyncio.Event().wait()


async def half_a_body(writer: asyncio.StreamWriter) -> None:
    """Headers, the beginning of a body, and then nothing."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"web')
    await writer.drain()
    await asyncio.Event().wait()


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """The beginning of a body, and then the connection is gone."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"web')
    await writer.drain()


async def endless(writer: asyncio.StreamWriter) -> None:
    """A body that doesn't stop."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


async def not_http(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-hello\r\n\r\n")
    await writer.drain()


async def not_gzip(writer: asyncio.StreamWriter) -> None:
    body = b"this was never compressed"
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
        + body
    )
    await writer.drain()


class KeepAlive:
    """A server that keeps its connections, and answers every request with one result."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.url = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        body = b'{"webResults": [{"url": "https://example.com/a", "content": "Varn is a town."}]}'
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(head)
                length = re.search(rb"(?i)content-length: (\d+)", head)
                await reader.readexactly(int(length[1]) if length else 0)
                lines = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                writer.write(lines + (b"" if head.startswith(b"HEAD") else body))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving_for_long() -> AsyncIterator[KeepAlive]:
    keeping = KeepAlive()
    server = await asyncio.start_server(keeping.handle, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    keeping.url = f"http://{host}:{port}"
    async with server:
        yield keeping
