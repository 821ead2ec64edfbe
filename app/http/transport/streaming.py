"""Sending one answer: primes the stream, writes SSE, closes what it opened.

The first event is pulled before any header leaves, so a dead engine or an over-long prompt is a
real 4xx or 5xx. After that each batch of events is one write, and plain text doesn't wait for a
batch: it leaves through the outlet. A client that leaves ends the answer at once, and with it the
engine's run: one watcher per answer waits for the disconnect. A client that stays and does not
read holds the answer back, and after a while (`PATIENCE`) ends it likewise.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Protocol

from sse_starlette import EventSourceResponse
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from app.chat.events import Event
from app.errors import EngineUnavailable
from app.http.problems import error_response
from app.http.transport.outlet import Outlet
from app.http.transport.pulse import PATIENCE, Pulse
from app.wire.openai.chat import KEEPALIVE

logger = logging.getLogger(__name__)

STOPPED = "The gateway was stopped before the answer's end."

Events = AsyncGenerator[Sequence[Event], None]


class Renderer(Protocol):
    """A public format's stream, as a synchronous function of events."""

    def frames(self, events: Sequence[Event]) -> bytes:
        """The bytes for one batch."""
        ...

    def failed(self, error: BaseException) -> bytes:
        """The end of a stream broken off by an error that is no event."""
        ...


class Leave:
    """Says that a client is gone, or as good as gone; ends the work for it."""

    __slots__ = ("_task", "said")

    def __init__(self, task: "asyncio.Task[Any]") -> None:
        self._task = task
        self.said = False

    def __call__(self) -> None:
        """It is gone."""
        if not self.said:
            self.said = True
            self._task.cancel()


async def _gone(receive: Receive) -> bool:
    """Whether what comes next from a client is its end, or nothing that is worth reading on."""
    try:
        return bool((await receive())["type"] == "http.disconnect")
    except HTTPException as refused:
        # A body that nobody asked for may be late; one without end has to be stopped.
        return refused.status_code != 408


async def while_connected(receive: Receive, work: Callable[[Leave], Awaitable[None]]) -> None:
    """Run `work`; cancel it when the client leaves, and return normally then.

    Args:
        receive: tells of the client's leaving.
        work: what is done for it.
    """
    me = asyncio.current_task()
    assert me is not None
    leave = Leave(me)

    async def watch() -> None:
        while not await _gone(receive):
            pass
        leave()

    watcher = asyncio.create_task(watch())
    try:
        await work(leave)
    except asyncio.CancelledError:
        if not leave.said:
            raise
        me.uncancel()
    finally:
        watcher.cancel()


class StreamedAnswer(EventSourceResponse):
    """An answer as server-sent events.

    `EventSourceResponse` gives the headers of an event stream; its driver is replaced, since a
    cancel scope and a generator layer per token cost more than the token's own work.
    """

    def __init__(
        self,
        events: Events,
        renderer: Renderer,
        *,
        keepalive: float,
        prime_timeout: float,
        patience: float = PATIENCE,
        outlet: Outlet | None = None,
        comment: bytes = KEEPALIVE,
    ) -> None:
        """
        Args:
            events: the answer.
            renderer: into which format.
            keepalive: seconds of silence before a comment.
            prime_timeout: seconds that the first event may take before headers leave without it.
            patience: seconds that the client may take to read.
            outlet: the one that `events` was made with, if any; opened when the stream has begun.
            comment: what is sent into a silence.
        """
        super().__init__(events, ping=keepalive)
        self._outlet = outlet or Outlet()
        self._events = events
        self._renderer = renderer
        self._keepalive = keepalive
        self._prime_timeout = prime_timeout
        self._patience = patience
        self._comment = comment

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Drive the answer to its end, or to the client's leaving."""
        try:
            await while_connected(receive, lambda leave: self._drive(scope, receive, send, leave))
        finally:
            await self._events.aclose()

    async def _drive(self, scope: Scope, receive: Receive, send: Send, leave: Leave) -> None:
        first = asyncio.ensure_future(anext(self._events))
        try:
            await asyncio.wait({first}, timeout=self._prime_timeout)
        except asyncio.CancelledError:
            first.cancel()
            await asyncio.wait({first})
            raise
        if first.done() and (error := first.exception()) is not None:
            await error_response(error)(scope, receive, send)
            return
        pulse = Pulse(
            send,
            leave,
            interval=self._keepalive,
            patience=self._patience,
            comment=self._comment,
        )
        frames = self._renderer.frames
        start = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        try:
            await pulse.send(start)
            try:
                await pulse.write(frames(await first))
                self._outlet.open(scope, frames, pulse.wrote)
                async for batch in self._events:
                    if body := frames(batch):
                        await pulse.write(body)
            except Exception as error:
                # The status line is gone; what is left is to say so in the stream.
                logger.error("answer broke off", exc_info=error)
                await pulse.write(self._renderer.failed(error))
            except asyncio.CancelledError:
                if leave.said:
                    raise
                # The gateway ends, and the client is there: it is told, and that is all.
                self._outlet.close()
                await pulse.write(self._renderer.failed(EngineUnavailable(STOPPED)))
            pulse.hush()
            await pulse.send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._outlet.close()
            first.cancel()
            pulse.stop()


class Collector(Protocol):
    """A public format's whole answer, as a synchronous function of events."""

    def take(self, events: Sequence[Event]) -> None:
        """Add a batch of events."""
        ...

    def body(self) -> dict[str, Any]:
        """The body, once the answer has ended. Raises the error it ended in, if one."""
        ...


class WholeAnswer(Response):
    """An answer as one JSON body."""

    def __init__(self, events: Events, completion: Collector) -> None:
        super().__init__()
        self._events = events
        self._completion = completion

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Collect the answer, then send it."""
        response: Response | None = None

        async def collect(leave: Leave) -> None:
            nonlocal response
            try:
                async for batch in self._events:
                    self._completion.take(batch)
                response = JSONResponse(self._completion.body())
            except Exception as error:
                response = error_response(error)
            except asyncio.CancelledError:
                if leave.said:
                    raise
                response = error_response(EngineUnavailable(STOPPED))

        try:
            await while_connected(receive, collect)
        finally:
            await self._events.aclose()
        if response is not None:
            await response(scope, receive, send)
