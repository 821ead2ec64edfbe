"""Refuses request bodies past a size before they fill the memory, and such as never end.

A body may take SECONDS and what its bytes take at SLOWEST: a client that sends a byte a second, or
half a body, holds its place for so long and no longer.
"""

import asyncio
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import InvalidRequest, RequestTimeout
from app.http.problems import error_response

MAX_BODY_BYTES = 16 * 1024 * 1024
"""A million tokens of text are about 4 MB."""
SECONDS = 20.0
SLOWEST = 16 * 1024
"""Bytes a second: a telephone in the mountains does better."""


class BodyTooLarge(InvalidRequest):
    """The request body is past the limit."""

    status, code = 413, "request_too_large"

    def __init__(self) -> None:
        super().__init__(f"The request body is larger than {MAX_BODY_BYTES // 2**20} MiB.")


class BodyLimit:
    """Middleware: counts what the client says it sends, and what it really sends, and how fast."""

    def __init__(self, app: ASGIApp, *, seconds: float = SECONDS) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413 or 408."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
        if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
            await error_response(BodyTooLarge())(scope, receive, send)
            return
        await self._app(scope, _Counted(receive, self._seconds), send)


class _Counted:
    """`receive`, as long as the body is within its limits."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive = receive
        self._clock: Callable[[], float] = asyncio.get_running_loop().time
        self._end: float | None = self._clock() + seconds
        self._received = 0
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:
            return await self._receive()
        end = None if self._end is None else self._end + self._received / SLOWEST
        try:
            async with asyncio.timeout_at(end):
                message = await self._receive()
        except TimeoutError:
            self._end = None  # it is said once; who asks again needs no body, and waits for the end
            raise HTTPException(408, headers={"Connection": "close"}) from RequestTimeout(
                f"The request body did not come in time: {self._received} bytes did."
            )
        self._received += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._received > MAX_BODY_BYTES:
            # FastAPI takes every other exception here for a body it can't parse.
            raise HTTPException(413) from BodyTooLarge()
        return message
