"""One leg as it comes from an engine: poured into whoever reads it, and closed from anywhere.

Bytes are decoded in the callback in which they come from the socket, and the chunk goes on from
there: a task is woken only when the reader has enough. The request is sent at the first `pour`.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec

from app.chat.ports import Chunk, Take
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

    def ending(self) -> Chunk | None:
        """The last chunk of a leg whose end was told already; None while it goes on."""
        ...


class TokenStream:
    """Implements what `Engine.generate` promises; may be iterated over as well."""

    __slots__ = ("_closed", "_decoder", "_left", "_open", "_splitter", "_stream", "_take",
                 "address")  # fmt: skip

    def __init__(
        self, open_stream: Callable[[], Awaitable[Stream]], decoder: Decoder, address: str
    ) -> None:
        self._open = open_stream
        self._decoder = decoder
        self._splitter = EventSplitter()
        self._stream: Stream | None = None
        self._closed = False
        self._take: Take | None = None
        self._left: Chunk | None = None  # decoded, and not yet given to the reader
        self.address = address

    def __aiter__(self) -> "TokenStream":
        return self

    async def __anext__(self) -> Sequence[Chunk]:
        """What arrived in one read, as one chunk."""
        chunks: list[Chunk] = []

        def take(chunk: Chunk) -> bool:
            chunks.append(chunk)
            return False

        await self.pour(take)
        if not chunks:
            raise StopAsyncIteration
        return chunks

    async def pour(self, take: Take) -> bool:
        """Give `take` each chunk as it arrives, until it returns False or the leg is over."""
        if self._closed:
            return False
        try:
            return await self._pour(take)
        except EngineUnavailable:
            self.abort()
            ending = None if self._decoder.done else self._decoder.ending()
            if ending is None:
                raise
            take(ending)
            return False
        except BaseException:
            self.abort()
            raise

    async def aclose(self) -> None:
        """Stop the engine if it still runs. Allowed while `pour` waits in another task."""
        self.abort()

    def abort(self) -> None:
        """`aclose` for callers that can't await."""
        self._closed = True
        if self._stream is not None:
            self._stream.abort()

    async def _pour(self, take: Take) -> bool:
        if self._stream is None:
            self._stream = await self._open()
            if self._closed:  # closed by another task while the request was on its way
                self._stream.abort()
                return False
        decoder = self._decoder
        self._take = take
        while True:
            try:
                more = await self._stream.pour(self._received)
            except (EventTooLarge, msgspec.DecodeError) as error:
                message = f"The engine at {self.address} sent what we can't read: {error}."
                raise EngineUnavailable(message) from None
            if decoder.done:
                self._stream.close()
                self._closed = True
            elif not more:
                if self._closed:
                    return False
                raise EngineUnavailable(
                    f"The engine at {self.address} ended its stream before the answer was done."
                )
            left, self._left = self._left, None
            if left is None:
                return not self._closed
            go_on = take(await self.settle(left))
            if self._closed or not go_on:
                return not self._closed

    def _received(self, data: bytes) -> bool:
        """What one read brought, in the callback that brought it."""
        assert self._take is not None
        chunk = self._decoder.feed(self._splitter.feed(data))
        if self._decoder.done or self.unsettled():
            self._left = chunk
            return False
        return chunk is None or self._take(chunk)

    def unsettled(self) -> bool:
        """Whether the chunk just decoded must be settled before it can leave."""
        return False

    async def settle(self, chunk: Chunk) -> Chunk:
        """Room for an engine that must ask something first: here, and at the leg's end."""
        return chunk
