"""Text straight to the client's socket, in the very callback in which the engine's bytes came.

Most of a stream is text with nothing to decide about it. ASGI's `send` is a coroutine, so a piece
of body sent through it wakes the task that drives the answer, for each token of each stream. A
server may offer more in a request's `extensions`; ours offers a `write` that is a plain function:

    engine's socket -> decoder -> detector -> citations -> outlet -> client's socket

`write` refuses while the client's socket is full, and the outlet while the stream has not begun or
is over. What is refused comes the ordinary way, which waits: that is the back-pressure. Under a
server without the extension everything comes the ordinary way.
"""

from collections.abc import Callable, Sequence
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from app.chat.events import Event
from app.http.transport.bounded_protocol import BoundedProtocol

WRITE = "orson.write"
"""The extension's name; it holds a `Write` under "write"."""

Frames = Callable[[Sequence[Event]], bytes]
"""Renders events. Called once for each: a renderer may count, and remember what it has shown."""
Write = Callable[[Frames, Sequence[Event]], bool]
"""Renders events and writes them at once; False: it can't (and has rendered nothing)."""


class DirectWriteProtocol(BoundedProtocol):
    """uvicorn's HTTP/1.1, with the extension. `uvicorn.Config(http=DirectWriteProtocol)`."""

    def on_headers_complete(self) -> None:
        """A request begins: offer it a way to write."""
        super().on_headers_complete()
        cycle = self.cycle
        if cycle is not None and cycle.scope is self.scope:  # else it became a WebSocket
            self.scope["extensions"] = {WRITE: {"write": _Writer(cycle)}}


class _Writer:
    """Writes body chunks of one response, as `RequestResponseCycle.send` does."""

    __slots__ = ("_cycle",)

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle

    def __call__(self, frames: Frames, events: Sequence[Event]) -> bool:
        cycle = self._cycle
        if (
            cycle.flow.write_paused
            or cycle.disconnected
            or cycle.response_complete
            or not cycle.chunked_encoding  # not begun, or not ours to frame
        ):
            return False
        body = frames(events)
        if body:  # an empty chunk would end the response
            cycle.transport.write(b"%x\r\n%b\r\n" % (len(body), body))
        return True


class Outlet:
    """The way out of one answer's text. Closed until the stream has begun."""

    __slots__ = ("_frames", "_write", "_wrote")

    def __init__(self) -> None:
        self._write: Write | None = None

    def open(self, scope: Scope, frames: Frames, wrote: Callable[[], None]) -> None:
        """From here on text may leave this way.

        Args:
            scope: of the request.
            frames: renders events.
            wrote: called after each write.
        """
        extension = (scope.get("extensions") or {}).get(WRITE, {})
        self._write = cast(Write | None, extension.get("write"))
        self._frames = frames
        self._wrote = wrote

    def close(self) -> None:
        """The stream is over."""
        self._write = None

    def __call__(self, events: Sequence[Event]) -> bool:
        """Show text now; False where it must come the ordinary way."""
        write = self._write
        if write is None or not write(self._frames, events):
            return False
        self._wrote()
        return True
