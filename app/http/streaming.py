"""Sending one answer: primes the stream, writes SSE, closes what it opened.

The first event is pulled before any header leaves, so a dead engine or an over-long prompt is a
real 4xx or 5xx. After that each batch of events is one write. A client that leaves ends the answer
at once, and with it the engine's run: one watcher per answer waits for the disconnect. A client
that stays and does not read holds the answer back, and after a while (`PATIENCE`) ends it likewise.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Protocol

from sse_starlette import EventSourceResponse
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.chat.events import Event
from app.http.pulse import PATIENCE, Pulse
from app.wire.openai_chat import Completion
from app.wire.problems import openai_error, status_of

logger = logging.getLogger(__name__)

Events = AsyncGenerator[Sequence[Event], None]


class Renderer(Protocol):
    """A public format's stream, as a synchronous function of events."""

    def frames(self, events: Sequence[Event]) -> bytes:
        """The bytes for one batch."""
        ...

    def failed(self, error: BaseException) -> bytes:
        """The end of a stream broken off by an error that is no event."""
        ...


async def while_connected(
    receive: Receive, work: Callable[[Callable[[], None]], Awaitable[None]]
) -> None:
    """Run `work`; cancel it when the client leaves, and return normally then.

    Args:
        receive: tells of the client's leaving.
        work: gets a function that says that the client is as good as gone.
    """
    me = asyncio.current_task()
    assert me is not None
    left = False

    def leave() -> None:
        nonlocal left
        if not left:
            left = True
            me.cancel()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        leave()

    watcher = asyncio.create_task(watch())
    try:
        await work(leave)
    except asyncio.CancelledError:
        if not left:
            raise
        me.uncancel()
    finally:
        watcher.cancel()


def error_response(error: BaseException) -> JSONResponse:
    """An error as a whole response."""
    if status_of(error) == 500:
        logger.error("unforeseen error while answering", exc_info=error)
    headers = {"Retry-After": "1"} if status_of(error) in (429, 503) else None
    return JSONResponse(openai_error(error), status_of(error), headers)


DIRECT = "orson.send"
"""Where in the scope the server's own `send` stands."""


class DirectSend:
    """Middleware that hands the server's own `send` down to whoever streams.

    Each layer in between wraps `send` in a coroutine of its own, to see headers or to know whether
    the response has started; per token that is pure cost, and none looks at a body.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note `send` and pass the request on."""
        scope[DIRECT] = send
        await self._app(scope, receive, send)


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
    ) -> None:
        super().__init__(events, ping=keepalive)
        self._events = events
        self._renderer = renderer
        self._keepalive = keepalive
        self._prime_timeout = prime_timeout
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Drive the answer to its end, or to the client's leaving."""
        try:
            await while_connected(receive, lambda leave: self._drive(scope, receive, send, leave))
        finally:
            await self._events.aclose()

    async def _drive(
        self, scope: Scope, receive: Receive, send: Send, leave: Callable[[], None]
    ) -> None:
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
        direct = scope.get(DIRECT, send)
        pulse = Pulse(direct, leave, interval=self._keepalive, patience=self._patience)
        frames = self._renderer.frames
        start = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        try:
            await pulse.send(start, through=send)  # every layer may see headers; the body is ours
            try:
                await pulse.write(frames(await first))
                async for batch in self._events:
                    if body := frames(batch):
                        await pulse.write(body)
            except Exception as error:
                # The status line is gone; what is left is to say so in the stream.
                logger.error("answer broke off", exc_info=error)
                await pulse.write(self._renderer.failed(error))
            pulse.hush()
            await pulse.send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            first.cancel()
            pulse.stop()


class WholeAnswer(Response):
    """An answer as one JSON body."""

    def __init__(self, events: Events, completion: Completion) -> None:
        super().__init__()
        self._events = events
        self._completion = completion

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Collect the answer, then send it."""
        response: JSONResponse | None = None

        async def collect(_: Callable[[], None]) -> None:
            nonlocal response
            try:
                async for batch in self._events:
                    self._completion.take(batch)
                response = JSONResponse(self._completion.body())
            except Exception as error:
                response = error_response(error)

        try:
            await while_connected(receive, collect)
        finally:
            await self._events.aclose()
        if response is not None:
            await response(scope, receive, send)
