"""One leg as it comes from an engine: an iterator of chunks that can be closed from anywhere.

A class and not an async generator, for two reasons: a generator cannot be closed while it waits
inside `__anext__` (and a client leaves exactly then), and every generator layer costs time per
token. The request is sent at the first `__anext__`.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec

from app.chat.ports import Chunk
from app.engines.sse import EventSplitter, EventTooLarge
from app.engines.stream import Stream
from app.errors import EngineUnavailable


class Decoder(Protocol):
    """An engine's event payloads -> chunks. Pure, but may keep state between reads."""

    done: bool
    """The leg's last chunk has been given out, or nothing more can come."""

    def feed(self, payloads: Sequence[bytes]) -> Chunk | None:
        """Everything the payloads of one read amount to, or None where they hold nothing."""
        ...


class TokenStream:
    """Implements the iterator that `Engine.generate` promises."""

    __slots__ = ("_closed", "_decoder", "_open", "_splitter", "_stream", "address")

    def __init__(
        self, open_stream: Callable[[], Awaitable[Stream]], decoder: Decoder, address: str
    ) -> None:
        self._open = open_stream
        self._decoder = decoder
        self._splitter = EventSplitter()
        self._stream: Stream | None = None
        self._closed = False
        self.address = address

    def __aiter__(self) -> "TokenStream":
        return self

    async def __anext__(self) -> Sequence[Chunk]:
        """What arrived in one read, as one chunk."""
        if self._closed:
            raise StopAsyncIteration
        try:
            chunk = await self._next()
        except BaseException:
            self.abort()
            raise
        if chunk is None:
            raise StopAsyncIteration
        return (chunk,)

    async def aclose(self) -> None:
        """Stop the engine if it still runs. Allowed while `__anext__` waits in another task."""
        self.abort()

    def abort(self) -> None:
        """`aclose` for callers that can't await."""
        self._closed = True
        if self._stream is not None:
            self._stream.abort()

    async def _next(self) -> Chunk | None:
        if self._stream is None:
            self._stream = await self._open()
            if self._closed:  # closed by another task while the request was on its way
                self._stream.abort()
                return None
        decoder = self._decoder
        while True:
            received = await self._stream.read()
            if not received:
                if self._closed:
                    return None
                raise EngineUnavailable(
                    f"The engine at {self.address} ended its stream before the answer was done."
                )
            try:
                chunk = decoder.feed(self._splitter.feed(received))
            except (EventTooLarge, msgspec.DecodeError) as error:
                message = f"The engine at {self.address} sent what we can't read: {error}."
                raise EngineUnavailable(message) from None
            if decoder.done:
                self._stream.close()
                self._closed = True
                return await self.settle(chunk)
            if chunk is not None:
                return await self.settle(chunk)

    async def settle(self, chunk: Chunk | None) -> Chunk | None:
        """Room for an engine that must ask something before a chunk can leave."""
        return chunk
