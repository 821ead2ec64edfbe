"""A search within what its caller may still search: it refuses with a value, as providers do.

The answer goes on: the model is told that there is no search left, and the client why.
"""

from dataclasses import dataclass, replace
from typing import Literal

from app.chat.access.allowance import UNLIMITED, Allowance
from app.chat.means import Means
from app.chat.ports import Found, Price, Search
from app.chat.request import ChatRequest
from app.errors import StoreUnavailable
from search_adapters.protocol import Passage, Query

LIMIT_REACHED = "search limit reached"
UNCHECKED = "search limit could not be checked"


@dataclass(frozen=True, slots=True)
class NotMade:
    """What a search found that was not made; it has the shape of `Found`."""

    failure: str
    passages: tuple[Passage, ...] = ()
    provider: str = ""
    elapsed: float = 0.0
    left: float = 0.0
    cached: Literal["", "fresh", "stale"] = ""
    hidden: float = 0.0
    hedged: bool = False
    usd: float = 0.0


def not_made(found: Found) -> bool:
    """Whether its caller has no search left."""
    return found.failure in (LIMIT_REACHED, UNCHECKED)


def rationed(means: Means, allowance: Allowance) -> Means:
    """The means of an answer whose caller may search no more than `allowance` grants."""
    if allowance is UNLIMITED:
        return means
    standing = allowance.standing
    limited = standing.searches is not None or standing.search_usd is not None
    search = _Rationed(means.search, means.price, allowance, limited)
    # What is only guessed is asked for before it is granted, and not counted: it must cost nothing.
    return replace(means, search=search, foresee=means.foresee_free if limited else means.foresee)


def as_allowed(request: ChatRequest, allowance: Allowance) -> ChatRequest:
    """Where the caller has no search left today, the model is spared to find out by asking."""
    searches = allowance.standing.searches
    if searches is None or searches.remaining or request.search.policy != "auto":
        return request
    return replace(request, search=replace(request.search, policy="never"))


class _Rationed:
    """Asks before each search, and says what it cost."""

    def __init__(self, search: Search, price: Price, allowance: Allowance, limited: bool) -> None:
        self._search, self._price = search, price
        self._allowance = allowance
        self._limited = limited

    async def __call__(self, query: Query, adapters: tuple[str, ...] = ()) -> Found:
        """Search, where it is granted."""
        price = self._price(adapters)
        try:
            if not await self._allowance.grant(price):
                return NotMade(LIMIT_REACHED)
        except StoreUnavailable:
            if self._limited:
                return NotMade(UNCHECKED)
        found = await self._search(query, adapters)
        self._allowance.paid(found.usd - price)
        return found
