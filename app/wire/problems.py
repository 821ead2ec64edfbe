"""Errors -> each format's error body."""

from typing import Any

from app.errors import OrsonError


def openai_error(error: BaseException) -> dict[str, Any]:
    """The body OpenAI's clients read. An error we did not foresee says nothing of its inside."""
    if isinstance(error, OrsonError):
        fields = (error.message, error.type, error.param, error.code)
    else:
        fields = ("The gateway failed while answering.", "server_error", None, "internal_error")
    return {"error": dict(zip(("message", "type", "param", "code"), fields, strict=True))}


def status_of(error: BaseException) -> int:
    """The HTTP status of an error."""
    return error.status if isinstance(error, OrsonError) else 500
