"""uvicorn's HTTP/1.1 with bounds on a request's head, which it has none of.

    connection | request line and headers .............. | body ......... | answer | the next head
               <- HEAD_SECONDS, HEAD_BYTES, HEADERS ->     (see body_limit)          KEEP_ALIVE

Past a bound the client is told in the shape of the format it speaks, and the connection is closed.
A body that goes on after its answer is read no further than LINGER seconds.
"""

import asyncio

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.errors import InvalidRequest, OrsonError, RequestTimeout
from app.http.problems import is_anthropic
from app.wire.problems import anthropic_error, openai_error

HEAD_SECONDS = 15.0
"""From the connection, or the request's first byte, to the end of its headers."""
HEAD_BYTES = 64 * 1024
"""What h11 and most servers take."""
HEADERS = 128
LINGER = 5.0


class HeadTooLarge(InvalidRequest):
    """The request line or the headers are past the limit."""

    status, code = 431, "request_header_fields_too_large"


class BoundedProtocol(HttpToolsProtocol):
    """Refuses heads that are too large, or never end."""

    head_seconds = HEAD_SECONDS
    linger = LINGER
    _timer: asyncio.TimerHandle | None = None
    _heads = 0
    _head_bytes = 0
    _in_head = True
    _refused: OrsonError | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connects; it may not sit there and say nothing."""
        super().connection_made(transport)
        self._within(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has left."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """More of a request."""
        if self._refused is not None:
            return
        if self._timer is None and self._in_head:
            self._within(self.head_seconds)
        began, heads = self._in_head, self._heads
        super().data_received(data)
        # What the parser holds back of a header that has no end yet is counted here.
        if began and self._in_head and heads == self._heads and self._refused is None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(HeadTooLarge(f"The request's head is past {HEAD_BYTES} bytes."))

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        self._heads += 1
        self._head_bytes = 0
        self._stop()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if len(self.headers) > HEADERS or size > HEAD_BYTES:
            self._refused = HeadTooLarge(
                f"The request has {len(self.headers)} headers of {size} bytes; this gateway takes "
                f"{HEADERS} of {HEAD_BYTES}."
            )
            raise self._refused  # the parser stops, and `send_400_response` is called
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is whole."""
        super().on_message_complete()
        self._in_head = True
        self._stop()

    def on_response_complete(self) -> None:
        """The answer is sent; a body that is still coming is of no use any more."""
        super().on_response_complete()
        if self.cycle.more_body and not self.transport.is_closing():
            self._within(self.linger)

    def send_400_response(self, msg: str) -> None:
        """What the parser refuses."""
        self._refuse(self._refused or InvalidRequest(msg))

    def _within(self, seconds: float) -> None:
        self._stop()
        self._timer = self.loop.call_later(seconds, self._late)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self.cycle is not None and not self.cycle.response_complete:
            return  # the head of a second request; the first one's answer is under way
        if self._in_head and self._head_bytes:
            self._refuse(RequestTimeout("The request's head did not come in time."))
        else:
            self.transport.close()

    def _refuse(self, error: OrsonError) -> None:
        self._refused = error
        self._stop()
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()  # in the middle of another answer nothing can be said
            return
        path = getattr(self, "url", b"").partition(b"?")[0].decode("latin-1")
        body = msgspec.json.encode(
            anthropic_error(error) if is_anthropic(path) else openai_error(error)
        )
        self.transport.write(
            STATUS_LINE[error.status]
            + b"content-type: application/json\r\nconnection: close\r\n"
            + b"content-length: %d\r\n\r\n" % len(body)
            + body
        )
        # Closed at once, what is still on its way here would have the answer thrown away there.
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._timer = self.loop.call_later(self.linger, self.transport.close)
