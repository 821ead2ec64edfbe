"""One HTTP/1.1 connection to an engine: an asyncio protocol that parses as bytes arrive.

Why not httpx: at hundreds of token streams its per-chunk layers cost several times what the rest
of the gateway costs (see `benchmarks/`). Here a read is one callback from the event loop, the C
parser, and a call of whoever the body is poured into. A task is woken only when that one has
enough: at hundreds of streams, waking a task through its coroutines costs more than a token's work.

A connection carries one exchange at a time:

    exchange(head, body) -> Head      the request is written, the answer's head awaited
    pour(take) -> bool                the body into `take`, as it arrives, until it has enough
    abort()                           close at once; this is how an engine learns to stop

Deadlines cost nothing per token: one timer per exchange looks now and then at how long the
present wait has lasted.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import httptools

HIGH_WATER = 256 * 1024
"""Body bytes held for a slow consumer before the socket is no longer read."""
MAX_HEAD_BYTES = 64 * 1024


class Broken(Exception):
    """The connection or the peer's HTTP failed. `untouched`: not one byte of an answer came."""

    def __init__(self, why: str, *, untouched: bool = False) -> None:
        super().__init__(why)
        self.untouched = untouched


@dataclass(slots=True)
class Head:
    """Status and headers of an answer; names in lower case."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)


class Connection(asyncio.Protocol):
    """One socket to the engine, kept alive between exchanges."""

    __slots__ = (
        "_body", "_complete", "_enough", "_failure", "_first_byte_timeout", "_head_bytes",
        "_head_done", "_heard", "_held", "_idle_timeout", "_keep_alive", "_loop", "_on_idle",
        "_parser", "_paused", "_raised", "_release", "_take", "_timer", "_transport",
        "_until_close", "_waiter", "_waiting_since", "broken", "closed", "exchanges", "head", "lost"
    )  # fmt: skip

    def __init__(self, on_idle: Callable[["Connection"], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_idle = on_idle
        self._transport: asyncio.Transport | None = None
        self.closed = self.lost = self.broken = False
        """`lost`: closed, and not by us; `broken`: and that in the middle of an exchange."""
        self.exchanges = 0
        self._timer: asyncio.TimerHandle | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self.head = Head()
        self._head_bytes = 0
        self._body: list[bytes] = []
        self._held = 0
        self._paused = False
        self._heard = self._head_done = self._complete = False
        self._until_close = self._keep_alive = False
        self._release = False
        self._waiter: asyncio.Future[None] | None = None
        self._waiting_since = 0.0
        self._take: Callable[[bytes], bool] | None = None
        self._enough = False
        self._raised: Exception | None = None
        self._failure: Broken | None = None

    async def exchange(
        self, request: bytes, *, first_byte_timeout: float, idle_timeout: float
    ) -> Head:
        """Send a whole request and return the head of the answer.

        Raises:
            Broken: the connection failed, or nothing came within `first_byte_timeout` seconds.
        """
        self._begin()
        self.exchanges += 1
        self._first_byte_timeout, self._idle_timeout = first_byte_timeout, idle_timeout
        if self.closed or self._transport is None:
            raise Broken("the connection was closed", untouched=True)
        self._timer = self._loop.call_later(min(first_byte_timeout, idle_timeout), self._tick)
        self._transport.write(request)
        while not (self._head_done or self._failure):
            await self._wait()
        if not self._head_done and self._failure:
            raise self._failure
        return self.head

    async def pour(self, take: Callable[[bytes], bool]) -> bool:
        """Give `take` the body as it arrives, until it returns False: it has enough for now.

        What lies here already goes first. Then `take` runs in the very callback in which bytes
        come from the socket, and no task is woken; what it raises is raised here.

        Returns:
            Whether more may come.
        """
        while True:
            if self._body and not take(self._received()):
                return True
            if self._complete:
                return False
            if self._failure:
                raise self._failure
            self._take, self._enough = take, False
            try:
                await self._wait()
            finally:
                self._take = None
            if self._raised:
                raise self._raised
            if self._enough:
                return True

    def _received(self) -> bytes:
        body = self._body
        received = body[0] if len(body) == 1 else b"".join(body)
        body.clear()
        self._held = 0
        if self._paused and self._transport and not self.closed:
            self._paused = False
            self._transport.resume_reading()
        return received

    def _give(self, take: Callable[[bytes], bool]) -> None:
        """Pour what came; from here on it is held again, if that was enough."""
        self._waiting_since = self._loop.time()
        try:
            if take(self._received()):
                return
        except Exception as error:
            self._raised = error
        self._take, self._enough = None, True
        self._wake()

    def release(self) -> None:
        """Our side is done with the answer: keep the connection once the rest has drained."""
        self._release = True
        self._waiting_since = self._loop.time()
        self._body.clear()
        if self._paused and self._transport and not self.closed:
            self._paused = False
            self._transport.resume_reading()
        if self._complete:
            self._finish()

    def abort(self) -> None:
        """Close now, in whatever state; a pending `pour` raises Broken."""
        self._fail(Broken("closed by us"))
        if self._transport and not self.closed:
            self._transport.abort()
        self.closed = True

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        self._waiting_since = self._loop.time()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, failure: Broken) -> None:
        if self._failure is None and not self._complete:
            self._failure = failure
        self._stop_timer()
        self._wake()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        limit = self._idle_timeout if self._heard else self._first_byte_timeout
        waited = 0.0
        if self._waiter is not None or self._release:
            waited = self._loop.time() - self._waiting_since
        if waited >= limit:
            what = "sent nothing more" if self._heard else "did not answer"
            failure = Broken(f"{what} for {limit:g} s")
            self._timer = None
            self._fail(failure)
            self.abort()
        else:
            self._timer = self._loop.call_later(max(limit - waited, 0.05), self._tick)

    def _finish(self) -> None:
        """An exchange is over: offer the connection for the next one, or close it."""
        self._stop_timer()
        if self.closed or self._transport is None:
            return
        if self._failure or not self._keep_alive:
            self.abort()
        else:
            self._on_idle(self)

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket (and TLS) stands."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came and wake the reader."""
        if self._complete or self._failure or not self.exchanges:
            self.abort()  # bytes nobody asked for: whatever they are, this is no answer
            return
        self._heard = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(Broken(f"sent what is no HTTP answer ({error})"))
            self.abort()
            return
        if not self._head_done:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._fail(Broken("sent headers without end"))
                self.abort()
                return
        elif self._take is not None and self._body:
            self._give(self._take)
            if self._complete:
                self._wake()
        else:
            self._wake()
            if self._held > HIGH_WATER and not self._paused and self._transport:
                self._paused = True
                self._transport.pause_reading()
        if self._complete and self._release:
            self._finish()

    def eof_received(self) -> bool:
        """The peer is done sending: so are we."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone: an end for an answer without length, else a failure."""
        self.lost, self.closed = not self.closed, True
        if self._head_done and self._until_close and exc is None:
            self._complete = True
        self.broken = self.lost and not self._complete
        self._fail(Broken("closed the connection", untouched=not self._heard))
        self._on_idle(self)

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note one header."""
        self.head.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """The head is whole, unless it was a provisional one (1xx)."""
        status = self._parser.get_status_code()
        if status < 200:  # 100 Continue and the like: the answer is still to come
            self.head.headers.clear()
            return
        headers = self.head.headers
        self.head.status = status
        self._until_close = (
            b"content-length" not in headers
            and b"chunked" not in headers.get(b"transfer-encoding", b"").lower()
            and status not in (204, 304)
        )
        self._head_done = True

    def on_body(self, body: bytes) -> None:
        """Hold a piece of the body for the reader."""
        if not self._release:
            self._body.append(body)
            self._held += len(body)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        if self._head_done:
            self._complete = True
            # Asked here because the parser forgets it when the callback returns.
            self._keep_alive = self._parser.should_keep_alive()
