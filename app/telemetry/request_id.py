"""The id of the request that is being served, for whoever says something about it: a log, an error.

A client may bring its own (`X-Request-Id`), so that one id follows a request through all its hops.
"""

import re
import secrets
from contextvars import ContextVar

_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:/+=@,-]{0,127}")
"""What a client's id may be: it is written into logs and headers as it is."""

_current: ContextVar[str] = ContextVar("orson_request_id", default="")


def sane(given: str) -> str | None:
    """A client's id, where it is fit to be used."""
    return given if _SANE.fullmatch(given) else None


def fresh() -> str:
    """An id nobody has."""
    return f"req_{secrets.token_hex(12)}"


def current() -> str:
    """The id of the request under way; empty outside of one."""
    return _current.get()


def enter(id_: str) -> None:
    """From here on this task, and what it starts, serves the request of that id."""
    _current.set(id_)
