"""A background answer's frames, sent as they are: from the first, or from the one asked for."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec

from app.chat.events import Event
from app.chat.state import Frame
from app.http.transport.streaming import StreamedAnswer
from app.wire.openai.response_body import error_body


class _Passing:
    """A renderer that renders nothing: the frames are there, and wait here to be sent."""

    def __init__(self, frames: AsyncGenerator[Sequence[Frame], None]) -> None:
        self._source = frames
        self._waiting: list[bytes] = []
        self._number = 0

    async def events(self) -> AsyncGenerator[Sequence[Event], None]:
        """An empty batch whenever frames have come."""
        async with aclosing(self._source) as source:
            async for frames in source:
                self._waiting += (frame for _, frame in frames)
                self._number = frames[-1][0] + 1
                yield ()
        yield ()  # who has seen the last of them gets an empty stream, and no error

    def frames(self, _: Sequence[Event]) -> bytes:
        """The frames that have come."""
        out = b"".join(self._waiting)
        self._waiting.clear()
        return out

    def failed(self, error: BaseException) -> bytes:
        """That nothing more comes, though the answer may go on."""
        body = {"type": "error", "sequence_number": self._number, "param": None}
        return b"event: error\ndata: " + msgspec.json.encode(body | error_body(error)) + b"\n\n"


def followed(
    frames: AsyncGenerator[Sequence[Frame], None], *, keepalive: float, prime_timeout: float
) -> StreamedAnswer:
    """A response that sends `frames` as they come. A client that leaves ends nothing but that."""
    passing = _Passing(frames)
    return StreamedAnswer(
        passing.events(), passing, keepalive=keepalive, prime_timeout=prime_timeout
    )
