"""An error as a whole response, in the shape of the format that the request's route speaks.

The shape is chosen when the response is sent, from the request's path: so whatever raises, a
route, the router (404, 405) or a middleware before any of them, the client can read it.
"""

import logging
import math

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.telemetry import request_id
from app.wire.problems import anthropic_error, openai_error, status_of

logger = logging.getLogger(__name__)

ANTHROPIC = "/v1/messages"
"""Anthropic's clients read the errors of this path, and of all below it."""


class ErrorResponse(Response):
    """An error; the body waits for the request that it answers."""

    media_type = "application/json"

    def __init__(self, error: BaseException, headers: dict[str, str] | None = None) -> None:
        super().__init__(status_code=status_of(error), headers=headers)
        self._error = error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        anthropic = is_anthropic(scope["path"].removeprefix(scope.get("root_path", "")))
        body = (
            anthropic_error(self._error, request_id.current() or None)
            if anthropic
            else openai_error(self._error)
        )
        self.body = msgspec.json.encode(body)
        self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def is_anthropic(path: str) -> bool:
    """Whether Anthropic's clients ask there."""
    return path == ANTHROPIC or path.startswith(f"{ANTHROPIC}/")


def error_response(error: BaseException) -> ErrorResponse:
    """An error as a whole response. One that we did not foresee is logged."""
    if status_of(error) == 500:
        logger.error("unforeseen error while answering", exc_info=error)
    return ErrorResponse(error, _retry_after(error))


def _retry_after(error: BaseException) -> dict[str, str] | None:
    seconds = getattr(error, "retry_after", None)
    if seconds is not None:
        # The second is what the official clients read first.
        return {
            "Retry-After": str(math.ceil(seconds)),
            "retry-after-ms": str(round(seconds * 1000)),
        }
    return {"Retry-After": "1"} if status_of(error) in (429, 503) else None
