"""One adapter under guard: everything between wanting its answer and having it.

    board    equal queries share one flight            (single_flight)
    look up  what was found before                     (result_cache)
    guard    is it resting, has it a place free?       (breaker)
    call     within its time, twice if it is slow      (hedging)
    check    only what the query's domains allow
    keep     for the next who asks

Whatever happens comes back as a value.
"""

import asyncio
import logging
from dataclasses import replace

from search_adapters.chain.bounded import Bounded
from search_adapters.chain.breaker import Breaker
from search_adapters.chain.hedging import SHARE, SOONEST, hedged
from search_adapters.chain.latencies import Latencies
from search_adapters.chain.options import Options, may_spend
from search_adapters.chain.outcome import Answer
from search_adapters.chain.result_cache import Kept, ResultCache, key_of
from search_adapters.chain.single_flight import Flight, SingleFlight
from search_adapters.domains import fit, only_allowed
from search_adapters.errors import Busy, RateLimited, SearchError, TimedOut, Unavailable
from search_adapters.protocol import Passage, Query, SearchAdapter

logger = logging.getLogger(__name__)

FULL_TIME = 0.9
"""Of the time a provider has: one that was given as much as this and didn't answer timed out. With
less, it was the others who used up the time."""


class Provider:
    """An adapter, and what is known of its health. One instance serves all searches."""

    def __init__(
        self, adapter: SearchAdapter, options: Options, cache: ResultCache, bounded: Bounded
    ) -> None:
        """`bounded` takes what doesn't stop in time."""
        self.adapter = adapter
        self.name = adapter.name
        self.latencies = Latencies()
        self._options = options
        self._cache = cache
        self._bounded = bounded
        self._breaker = Breaker()
        self._flights = SingleFlight[Answer](bounded)
        self._under_way: set[str] = set()
        self._old: dict[str, Kept] = {}  # what a query under way falls back on
        self._places = asyncio.Semaphore(options.concurrency)

    @property
    def price(self) -> float:
        """US dollars for one call; nothing where the price is not known."""
        return (self.adapter.traits.usd_per_1000 or 0.0) / 1000

    @property
    def resting(self) -> bool:
        """Whether it would refuse a call now."""
        return self._breaker.refusal(asyncio.get_running_loop().time()) is not None

    async def ask(self, query: Query, seconds: float, *, queue: bool) -> Answer:
        """The provider's answer to `query`, within `seconds`.

        Args:
            query: any; it is cut to what the provider takes.
            seconds: how long the caller will wait.
            queue: whether to wait for a place when all are taken.
        """
        clock = asyncio.get_running_loop().time
        flight = self.board(query, queue=queue)
        head_start = flight.age(clock()) if flight.early else 0.0
        full = seconds >= FULL_TIME * self._options.provider_timeout
        try:
            await asyncio.wait({flight.task}, timeout=seconds)
            if flight.task.done():
                if flight.task.cancelled():
                    return Answer((), self.name, Unavailable.reason)
                return replace(flight.task.result(), hidden=head_start)
            kept = self._old.get(flight.key)
            spent = self.price if flight.key in self._under_way else 0.0
        finally:
            broken_off = self._flights.leave(flight)
        if broken_off and full and flight.key in self._under_way:  # it was the provider's time
            self._failed(TimedOut(f"no answer within {seconds:.1f} s"))
        return self._consoled(Answer((), self.name, TimedOut.reason, usd=spent), kept)

    def board(self, query: Query, *, queue: bool = True, early: bool = False) -> Flight[Answer]:
        """The flight that brings the answer; whoever boards must `leave` it."""
        traits = self.adapter.traits
        text = fit(query.text, traits.max_query_chars, traits.max_query_words)
        query = replace(query, text=text)
        key = f"{key_of(self.name, query)}:{query.caching}"
        return self._flights.board(
            key,
            lambda: self._fly(key, query, queue),
            name=f"search:{self.name}",
            early=early,
            again=lambda answer: answer.failure is not None,
        )

    def leave(self, flight: Flight[Answer]) -> None:
        """Want a flight no more."""
        self._flights.leave(flight)

    async def _fly(self, key: str, query: Query, queue: bool) -> Answer:
        traits, where = self.adapter.traits, key_of(self.name, query)
        kept = await self._cache.find(where, traits) if query.caching == "use" else None
        if kept is not None:
            if kept.fresh:
                return Answer(kept.passages, self.name, cached="fresh")
            self._old[key] = kept
        try:
            answer = await self._call(key, query, queue)
        finally:
            self._old.pop(key, None)
        if answer.failure is None and query.caching != "off":
            self._cache.keep(where, query, traits, answer.passages)
        return self._consoled(answer, kept)

    def _consoled(self, answer: Answer, kept: Kept | None) -> Answer:
        """What was found before, in place of a failure."""
        if answer.failure is None or kept is None or not kept.passages:
            return answer
        return Answer(kept.passages, self.name, cached="stale", usd=answer.usd)

    async def _call(self, key: str, query: Query, queue: bool) -> Answer:
        """One guarded call."""
        if (refused := self._refused()) is not None:
            return refused
        if self._places.locked() and not queue:
            return Answer((), self.name, Busy.reason)
        async with self._places:
            if (refused := self._refused()) is not None:  # by what happened while it waited
                return refused
            self._breaker.begin()
            self._under_way.add(key)
            calls: list[Query] = []
            try:
                found = await self._hedged(query, calls)
                passages = only_allowed(found, query)
                if not all(isinstance(passage, Passage) for passage in passages):
                    raise TypeError("search() brought something that is no Passage")
            except asyncio.CancelledError:
                self._breaker.given_up()
                raise
            except SearchError as error:
                self._failed(error)
                wait = error.retry_after if isinstance(error, RateLimited) else None
                # What was refused is not charged for; what came too late is.
                usd = self.price * len(calls) if isinstance(error, TimedOut) else 0.0
                return Answer((), self.name, error.reason, wait, usd=usd)
            except Exception:
                logger.exception("search adapter %s raised what it shouldn't", self.name)
                self._breaker.failed(Unavailable(), asyncio.get_running_loop().time())
                return Answer((), self.name, Unavailable.reason)
            finally:
                self._under_way.discard(key)
        self._breaker.succeeded()
        return Answer(passages, self.name, hedged=len(calls) > 1, usd=self.price * len(calls))

    def _refused(self) -> Answer | None:
        """The answer of a provider that is left alone; None when it may be asked."""
        now = asyncio.get_running_loop().time()
        reason = self._breaker.refusal(now)
        if reason is None:
            return None
        wait = self._breaker.left(now) if reason == RateLimited.reason else None
        return Answer((), self.name, reason, wait)

    async def _hedged(self, query: Query, calls: list[Query]) -> tuple[Passage, ...]:
        """The passages; each call that is made for them is added to `calls`."""
        after = None
        if may_spend(self._options.hedge, self.adapter.traits):
            usual = self.latencies.quantile(SHARE)
            after = None if usual is None else max(usual, SOONEST)
        return await hedged(
            lambda: self._timed(query, calls),
            second=lambda: None if self._places.locked() else self._in_a_place(query, calls),
            after=after,
            seconds=self._options.provider_timeout,
            bounded=self._bounded,
            name=f"call:{self.name}",
        )

    async def _in_a_place(self, query: Query, calls: list[Query]) -> tuple[Passage, ...]:
        async with self._places:
            return await self._timed(query, calls)

    async def _timed(self, query: Query, calls: list[Query]) -> tuple[Passage, ...]:
        calls.append(query)
        clock = asyncio.get_running_loop().time
        begin = clock()
        try:
            found = await self.adapter.search(query)
        except asyncio.CancelledError:
            # It would have taken longer. That it belongs to the slow ones is known all the same;
            # of a second call, broken off early, nothing is.
            usual = self.latencies.quantile(SHARE)
            if usual is not None and clock() - begin >= usual:
                self.latencies.record(clock() - begin)
            raise
        self.latencies.record(clock() - begin)
        return found

    def _failed(self, error: SearchError) -> None:
        """Log the failure; where it says so, send the provider to rest."""
        seconds = self._breaker.failed(error, asyncio.get_running_loop().time())
        logger.warning(
            "search adapter %s: %s (%s)%s",
            self.name,
            error.reason,
            error,
            f"; resting {seconds:.0f} s" if seconds else "",
        )
