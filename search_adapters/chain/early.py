"""Searching for a query that is still being written, so that its result is there when it is done.

A model writes a token every 10 to 100 ms, and each may be the query's last. A guess is that it is:
the search for what stands there is begun, broken off when more comes, and found done, or well on
its way, when the span closes. Only calls that cost nobody anything are made so, unless the operator
allows others.

How long the text must stand before a guess depends on the provider: as long as half of its calls
take, since for a quicker one there is nothing to lose; PAUSE at most. A model that let at least so
much time pass before this token will do so before the next: then the guess is made at once. What a
query of several lines has complete stays as it is, whatever is written below it.
"""

import asyncio
from collections.abc import Sequence

from search_adapters.chain.options import Options, may_spend
from search_adapters.chain.outcome import Answer
from search_adapters.chain.provider import Provider
from search_adapters.chain.single_flight import Flight
from search_adapters.protocol import Query

PAUSE = 0.08
"""Seconds without a new token: the model writes slowly, or has stopped."""
MOST = 24
"""Guesses in one span; what is longer than that in tokens is a text and not a query."""
MOST_PAID = 1
"""The same for calls that cost money, where they are allowed."""


class Guess:
    """The early searches of one span. Whoever opens it closes it."""

    def __init__(
        self, providers: Sequence[Provider], options: Options, *, paid: bool = True
    ) -> None:
        """
        Args:
            providers: those that the search will ask first.
            options: of the chain.
            paid: whether calls that cost money may be among them, where the options allow it.
        """
        self._providers = [
            provider
            for provider in providers
            if may_spend(options.early, provider.adapter.traits)
            and (paid or (provider.adapter.traits.speculative and not provider.price))
            and not provider.resting
        ]
        self._flights: dict[tuple[str, Query], Flight[Answer]] = {}
        self._timers: list[asyncio.TimerHandle] = []
        self._made: dict[str, int] = {}
        self._wanted: tuple[Query, ...] = ()
        self._last: float | None = None

    def take(self, queries: Sequence[Query]) -> None:
        """The queries as they stand now, in place of those before."""
        if not self._providers:
            return
        self._wanted = tuple(queries)
        self._cancel_timers()
        for name, query in [key for key in self._flights if key[1] not in self._wanted]:
            self._leave(name, query)
        loop = asyncio.get_running_loop()
        gap = 0.0 if self._last is None else loop.time() - self._last
        self._last = loop.time()
        for provider in self._providers:
            usual = provider.latencies.quantile(0.5)
            pause = PAUSE if usual is None else min(usual, PAUSE)
            if gap >= pause:
                self._guess(provider)
            else:
                self._timers.append(loop.call_later(pause, self._guess, provider))

    def close(self) -> None:
        """The search is made, or will not be."""
        self._cancel_timers()
        for name, query in list(self._flights):
            self._leave(name, query)

    def _guess(self, provider: Provider) -> None:
        free = provider.adapter.traits.speculative
        most = MOST if free else MOST_PAID
        for query in self._wanted:
            key = (provider.name, query)
            if key in self._flights or self._made.get(provider.name, 0) >= most:
                continue
            self._made[provider.name] = self._made.get(provider.name, 0) + 1
            self._flights[key] = provider.board(query, early=True)

    def _leave(self, name: str, query: Query) -> None:
        flight = self._flights.pop((name, query))
        provider = next(one for one in self._providers if one.name == name)
        provider.leave(flight)

    def _cancel_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
