"""What providers found before: under which key it is kept, for how long, and when it may be used.

    fresh    used in place of a call
    stale    past its time, used only when the provider fails (as `stale-if-error` of RFC 5861)

Nothing is kept for longer than the provider's terms allow. Errors are never kept: that a provider
is ill is the circuit breaker's affair. Keys are digests, so the store doesn't hold anybody's
questions. The store itself is given from outside and may fail or dawdle; a search goes on without.
"""

import hashlib
import logging
import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from search_adapters.chain.bounded import Bounded
from search_adapters.protocol import Passage, Query, Traits

logger = logging.getLogger(__name__)

PATIENCE = 0.05
"""Seconds. A store that takes longer than this to look something up isn't worth waiting for."""
VERSION = "1"

_TIMELY = re.compile(
    r"\b(today|tonight|yesterday|tomorrow|now|right now|current(ly)?|latest|newest|recent(ly)?"
    r"|breaking|live|news|weather|forecast|scores?|stocks?|prices?|exchange rate|standings"
    r"|this (week|month|year|morning|evening)|heute|jetzt|aktuell\w*|wetter|aujourd'hui|hoy|oggi)\b"
    r"|今天|现在|最新|今日|天気|오늘",
    re.IGNORECASE,
)
_OPERATORS = frozenset({"OR", "AND", "NOT"})


class CacheStore(Protocol):
    """Somewhere to keep bytes for a while. What it raises is logged and costs only its help."""

    async def get(self, key: str) -> bytes | None:
        """The bytes under `key`; None when there are none or their time is over."""
        ...

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Keep the bytes for so long."""
        ...


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """For how many seconds results are used in place of a call."""

    found: float = 900.0
    timely: float = 60.0
    """The same for queries about what is going on now."""
    empty: float = 30.0
    """That nothing was found: it may be there in a moment."""
    stale: float = 24 * 3600.0
    """After which even a failing provider's old results are no use."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A result from before."""

    passages: tuple[Passage, ...]
    fresh: bool


class _Entry(msgspec.Struct, frozen=True):
    fresh_until: float  # by the wall clock: several gateways may share the store
    passages: list[Passage]


def is_timely(query: Query) -> bool:
    """Whether the query is about what is going on now, so that old results are wrong ones."""
    return query.freshness in ("day", "week") or bool(_TIMELY.search(query.text))


def key_of(provider: str, query: Query) -> str:
    """Equal for queries that bring the same from a provider, whatever their case and spacing."""
    text = unicodedata.normalize("NFKC", query.text)
    words = (word if word in _OPERATORS else word.casefold() for word in text.split())
    parts = [
        VERSION, provider, " ".join(words), query.limit, sorted(query.allowed_domains),
        sorted(query.denied_domains), repr(query.freshness), query.language, query.country,
        query.place,
    ]  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


class ResultCache:
    """The results of all providers."""

    def __init__(
        self,
        store: CacheStore | None,
        lifetimes: Lifetimes,
        bounded: Bounded,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            store: None keeps nothing.
            lifetimes: how long results are of use.
            bounded: runs what is not waited for.
            clock: the wall clock.
        """
        self._store = store
        self._lifetimes = lifetimes
        self._bounded = bounded
        self._clock = clock

    async def find(self, key: str, traits: Traits) -> Kept | None:
        """What was kept, None when nothing was, or the store is of no help."""
        if self._store is None or not self._keeps(traits):
            return None
        try:
            raw = await self._bounded.within(PATIENCE, self._store.get(key), "cache:get")
            entry = None if raw is None else msgspec.json.decode(raw, type=_Entry)
        except Exception as error:
            logger.warning("search cache: not read: %s", type(error).__name__)
            return None
        if entry is None:
            return None
        return Kept(tuple(entry.passages), self._clock() < entry.fresh_until)

    def keep(self, key: str, query: Query, traits: Traits, passages: tuple[Passage, ...]) -> None:
        """Keep what a call brought, behind the back of whoever waits for it."""
        if self._store is None or not self._keeps(traits):
            return
        lives = self._lifetimes
        fresh = lives.timely if is_timely(query) else lives.found
        if not passages:
            fresh = min(fresh, lives.empty)
        # What was not found is no consolation when the provider fails.
        seconds = max(fresh, lives.stale) if passages else fresh
        if traits.cache_seconds is not None:
            seconds = min(seconds, traits.cache_seconds)
        if seconds >= 1 and fresh:
            entry = _Entry(self._clock() + min(fresh, seconds), list(passages))
            raw = msgspec.json.encode(entry)
            self._bounded.behind(self._write(self._store, key, raw, seconds), "cache:set")

    def _keeps(self, traits: Traits) -> bool:
        return traits.worth_caching and traits.cache_seconds != 0

    async def _write(self, store: CacheStore, key: str, raw: bytes, seconds: float) -> None:
        try:
            await store.set(key, raw, seconds)
        except Exception as error:
            logger.warning("search cache: not written: %s", type(error).__name__)
