"""Refuses request bodies past a size before they fill the memory."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import InvalidRequest
from app.http.streaming import error_response

MAX_BODY_BYTES = 16 * 1024 * 1024
"""A million tokens of text are about 4 MB."""


class BodyTooLarge(InvalidRequest):
    """The request body is past the limit."""

    status, code = 413, "request_too_large"

    def __init__(self) -> None:
        super().__init__(f"The request body is larger than {MAX_BODY_BYTES // 2**20} MiB.")


class BodyLimit:
    """Middleware: counts what the client says it sends, and what it really sends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
        if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
            await error_response(BodyTooLarge())(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                # FastAPI takes every other exception here for a body it can't parse.
                raise HTTPException(413) from BodyTooLarge()
            return message

        await self._app(scope, counted, send)
