"""A TCP relay that can be cut: how a test makes the network fail in the middle of an answer."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

EVENT = b"data: "
"""What each event of a stream begins with."""


class Relay:
    """Stands between an engine and its server."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = parts.hostname, parts.port
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.events: int | None = None
        """Events that an answer may still bring; where the next begins, everything breaks."""

    async def start(self) -> str:
        """Listen, and return the address to use instead of the target's."""
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def cut(self) -> None:
        """Break every connection and take no more."""
        if self._server is None:
            return
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()
        self._server = None

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_connection(*self._target)
        await asyncio.gather(self._copy(reader, onward_writer), self._copy(onward_reader, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        counted = b""
        with suppress(ConnectionError):
            while received := await reader.read(65536):
                if self.events is not None:
                    counted += received
                    parts = counted.split(EVENT, self.events + 1)
                    if len(parts) == self.events + 2:
                        beyond = len(EVENT + parts[-1])
                        writer.write(received[: max(0, len(received) - beyond)])
                        await self.cut()
                        break
                writer.write(received)
                await writer.drain()
        self._writers.discard(writer)
        writer.close()
