"""A search provider that needs no network: made-up but stable results for development and tests.

The same query always brings the same results, and they say that they are made up. It can be told
to misbehave, by its constructor or by the environment of a whole gateway:

    ORSON_MOCK_DELAY=0.5            answer late, in seconds
    ORSON_MOCK_EMPTY=1              find nothing
    ORSON_MOCK_FAIL=RateLimited     raise this error of `search_adapters.errors`
    ORSON_MOCK_RETRY_AFTER=30       ... saying when to come back, in seconds
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import ClassVar

from search_adapters import errors
from search_adapters.domains import only_allowed
from search_adapters.environment import seconds, switch
from search_adapters.errors import MissingSetting, SearchError
from search_adapters.protocol import Environment, Passage, Query, Traits

_SITES = ("example.com", "example.org", "example.net")
_ASPECTS = ("an overview", "a short history", "figures and dates", "questions and answers")
_FIRST_DAY = date(2020, 1, 1)

Scripted = Iterable[Passage] | SearchError
"""What the mock is told to do for one search: bring these passages, or raise this."""

REMEMBERED = 1000
"""Queries kept in `history`: a gateway may run on the mock for weeks."""


class MockAdapter:
    """Stands in for a provider: deterministic results, or exactly the trouble it is told."""

    name: ClassVar[str] = "mock"
    traits: ClassVar[Traits] = Traits(returns_passages=True, speculative=True, worth_caching=False)

    def __init__(
        self,
        environment: Environment | None = None,
        *,
        delay: float | None = None,
        empty: bool | None = None,
        fail: type[SearchError] | str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """What isn't given here is read from `environment`; what is in neither is well-behaved."""
        told = environment or {}
        if delay is None:
            delay = seconds(told, "mock", "ORSON_MOCK_DELAY")
        self.delay = delay or 0.0
        self.empty = switch(told, "mock", "ORSON_MOCK_EMPTY", False) if empty is None else empty
        named = fail if fail is not None else told.get("ORSON_MOCK_FAIL") or None
        self.fail = _error_class(named) if isinstance(named, str) else named
        if retry_after is None:
            retry_after = seconds(told, "mock", "ORSON_MOCK_RETRY_AFTER")
        self.retry_after = retry_after
        self.history: list[Query] = []
        """The queries that arrived, in order; of very many the last."""
        self.closed = False
        self._script: deque[Scripted] = deque()

    def enqueue(self, script: Iterable[Scripted]) -> None:
        """Say what the next searches bring, one item each; afterwards it goes on as before."""
        self._script.extend(script)

    async def search(self, query: Query) -> tuple[Passage, ...]:
        """The results the mock was told, or made-up ones about the query."""
        self.history.append(query)
        del self.history[:-REMEMBERED]
        scripted = self._script.popleft() if self._script else None
        if self.delay:
            await asyncio.sleep(self.delay)
        if isinstance(scripted, SearchError):
            raise scripted
        if scripted is not None:
            return tuple(scripted)[: query.limit]
        if self.fail is not None:
            raise self.fail("the mock was told to fail", retry_after=self.retry_after)
        if self.empty:
            return ()
        sites = query.allowed_domains or _SITES
        invented = (_invented(query, rank, sites) for rank in range(len(_ASPECTS)))
        return only_allowed(invented, query)

    async def aclose(self) -> None:
        """Remember having been closed."""
        self.closed = True


def _invented(query: Query, rank: int, sites: Sequence[str]) -> Passage:
    digest = sha256(f"{query.text.casefold()}\n{rank}".encode()).digest()
    site = sites[digest[0] % len(sites)]
    day = _FIRST_DAY + timedelta(days=int.from_bytes(digest[1:3]) % 2000)
    number = 100 + int.from_bytes(digest[3:5]) % 900
    slug = "-".join(query.text.casefold().split())[:60]
    return Passage(
        title=f"{query.text[:80]}: {_ASPECTS[rank]}",
        url=f"https://{site}/{digest.hex()[:8]}",
        text=(
            f"This is a made-up search result about {query.text}. "
            f"The mock adapter invented it; entry {number} of its catalogue says no more."
        ),
        site=site,
        date=day.isoformat(),
        metadata={"slug": slug, "rank": str(rank + 1)},
    )


def _error_class(name: str) -> type[SearchError]:
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, SearchError):
        return kind
    known = ", ".join(sorted(each.__name__ for each in SearchError.__subclasses__()))
    raise MissingSetting("mock", "ORSON_MOCK_FAIL", f"one of {known}; not '{name}'")
