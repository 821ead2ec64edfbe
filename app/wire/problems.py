"""Errors -> each format's error body."""

from typing import Any

from app.errors import OrsonError

_UNFORESEEN = "The gateway failed while answering."
"""An error we did not foresee says nothing of its inside."""
_ANTHROPIC = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
}
"""https://docs.claude.com/en/api/errors; other 4xx are the request's fault, other 5xx ours."""


def openai_error(error: BaseException) -> dict[str, Any]:
    """The body OpenAI's clients read."""
    if isinstance(error, OrsonError):
        fields = (error.message, error.type, error.param, error.code)
    else:
        fields = (_UNFORESEEN, "server_error", None, "internal_error")
    return {"error": dict(zip(("message", "type", "param", "code"), fields, strict=True))}


def anthropic_error(error: BaseException, request_id: str | None = None) -> dict[str, Any]:
    """The body Anthropic's clients read: the kind of error by its status, and the message."""
    status = status_of(error)
    kind = _ANTHROPIC.get(status, "invalid_request_error" if status < 500 else "api_error")
    message = error.message if isinstance(error, OrsonError) else _UNFORESEEN
    return {
        "type": "error",
        "error": {"type": kind, "message": message},
        "request_id": request_id,
    }


def status_of(error: BaseException) -> int:
    """The HTTP status of an error."""
    return error.status if isinstance(error, OrsonError) else 500
