"""What a caller may still use: asked before an answer, in it before each search, told after it.

    admit    before the prompt is made: requests, tokens and streams; too many raise LimitReached
    grant    in the answer, before each search
    settle   behind the answer: what it really took

Whoever keeps the books is shared by all gateways, so that two of them grant no more than one.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from app.chat.access.caller import Caller
from app.chat.request import ChatRequest

CHARS_PER_TOKEN = 4
"""Of English; a prompt is estimated by it before it is counted."""


@dataclass(frozen=True, slots=True)
class Level:
    """How far one limit is used up."""

    limit: int
    remaining: int
    reset: float
    """Seconds until some of what was used comes back."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands; None where there is no limit."""

    requests: Level | None = None
    tokens: Level | None = None
    searches: Level | None = None
    search_usd: float | None = None
    """US dollars left for searches."""


Told = Callable[[Standing], None]
told: ContextVar[Told | None] = ContextVar("told", default=None)
"""Whom to tell the standing with which an answer began: whoever writes the response's headers."""


class Allowance(Protocol):
    """What one answer may use."""

    @property
    def standing(self) -> Standing:
        """Where its caller stood when it began."""
        ...

    async def grant(self, usd: float) -> bool:
        """Whether a search may be made that costs so much; it counts from now on.

        Raises:
            StoreUnavailable: the books can't be reached.
        """
        ...

    def paid(self, more: float) -> None:
        """How much more, or less, a granted search cost than it was thought to. Returns at once."""
        ...

    def settle(self, tokens: int) -> None:
        """The answer is over, and took so many tokens. Returns at once."""
        ...


class Allowances(Protocol):
    """Keeps the books."""

    async def admit(self, caller: Caller, tokens: int, tell: Told) -> Allowance:
        """Let an answer begin, which may take about so many tokens.

        `tell` is told where the caller stands, also when it is refused.

        Raises:
            LimitReached: not now.
            NotAuthenticated: the key was revoked or forgotten meanwhile.
            StoreUnavailable: the books can't be reached.
        """
        ...


class Unlimited:
    """The allowance of who has no limits."""

    standing = Standing()

    async def grant(self, usd: float) -> bool:
        """Always."""
        return True

    def paid(self, more: float) -> None:
        """Nobody counts."""

    def settle(self, tokens: int) -> None:
        """Nobody counts."""


UNLIMITED = Unlimited()


def wanted(request: ChatRequest) -> int:
    """Tokens that an answer may take, before its prompt is counted: OpenAI estimates the same."""
    chars = sum(len(message.content) for message in request.messages)
    return chars // CHARS_PER_TOKEN + 1 + (request.sampling.max_tokens or 0)


async def admitted(books: Allowances | None, request: ChatRequest) -> Allowance:
    """The allowance of an answer to `request`. Raises as `Allowances.admit`."""
    if books is None or not request.caller.metered:
        return UNLIMITED
    return await books.admit(request.caller, wanted(request), told.get() or _nobody)


def _nobody(_: Standing) -> None:
    pass
