"""Searching with several providers, in order, inside one deadline. A search is always a value.

    for each provider, until one brings passages or the time is used up:
        resting after an error?   its reason is remembered, the next is asked
        passages                  done
        nothing found             remembered; another may know more
        an error                  remembered and logged; it may send the provider to rest

With no passages in the end, the outcome is the word of the *first* provider that had one: the
operator put it first, so "bing: not authorised" is not hidden behind an empty local index, and
"bing found nothing" is not turned into a failure by a broken fallback.

The deadline holds against adapters too: a search runs in a task of its own, and a task that
ignores its cancellation is left behind, not waited for.
"""

import asyncio
import logging
import math
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from search_adapters.domains import fit, only_allowed
from search_adapters.errors import BadQuery, SearchError, TimedOut, Unavailable
from search_adapters.protocol import Passage, Query, SearchAdapter

logger = logging.getLogger(__name__)

DEADLINE = 2.5
"""Seconds for a whole search. The reader is watching a sentence that has stopped in the middle."""
PROVIDER_TIMEOUT = 1.5
"""Seconds for one provider: what is left of the deadline is enough for a second one."""
PREPARE_TIMEOUT = 60.0
"""Seconds that one adapter may take to prepare before the gateway starts without waiting for it."""
LONGEST_REST = 24 * 3600.0
"""Seconds. A provider that says "come back in a year" is asked again tomorrow."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search brought: passages, or the reason there are none."""

    passages: tuple[Passage, ...]
    provider: str = ""
    """The adapter that answered, or whose failure `failure` tells."""
    failure: str | None = None
    """A short reason for the model and the client, e.g. `timed out`; None on success."""
    elapsed: float = 0.0
    """Seconds."""


@dataclass(frozen=True, slots=True)
class _Rest:
    """A provider that is left alone for a while, and why."""

    until: float
    reason: str


class Chain:
    """Asks its adapters in order; see the module's docstring. One instance serves all requests."""

    def __init__(
        self,
        adapters: Sequence[SearchAdapter],
        *,
        deadline: float = DEADLINE,
        provider_timeout: float = PROVIDER_TIMEOUT,
    ) -> None:
        """`adapters` are asked in this order and belong to the chain: `aclose` closes them."""
        self._adapters = {adapter.name: adapter for adapter in adapters}
        self._deadline = deadline
        self._provider_timeout = provider_timeout
        self._resting: dict[str, _Rest] = {}
        self._abandoned: set[asyncio.Task[Any]] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """The adapters of this chain, in the order they are asked."""
        return tuple(self._adapters)

    async def __call__(self, query: Query, adapters: tuple[str, ...] = ()) -> Outcome:
        """Search with all adapters, or only with the named ones in the order they are named.

        Returns within the deadline and raises nothing but CancelledError. Names that this chain
        doesn't have are passed over.
        """
        clock = asyncio.get_running_loop().time
        start = clock()
        chosen = [self._adapters[name] for name in adapters or self.names if name in self._adapters]
        text = " ".join(query.text.split())
        if not text:
            return Outcome((), failure=BadQuery.reason)
        first_word: Outcome | None = None
        for adapter in chosen:
            left = start + self._deadline - clock()
            if left <= 0:
                break
            short = replace(query, text=fit(text, adapter.max_query_chars))
            outcome = await self._ask(adapter, short, min(left, self._provider_timeout))
            if outcome.passages:
                return replace(outcome, elapsed=clock() - start)
            first_word = first_word or outcome
        if first_word is None:
            first_word = Outcome((), failure=Unavailable.reason)
        return replace(first_word, elapsed=clock() - start)

    async def prepare(self) -> None:
        """Let the adapters that have one do their slow first step now rather than in a search.

        All at once, for PREPARE_TIMEOUT at most; raises nothing but CancelledError.
        """
        await asyncio.gather(*map(self._prepare, self._adapters.values()))

    async def aclose(self) -> None:
        """Stop what is still running and close every adapter, whatever the others do."""
        for task in self._abandoned:
            task.cancel()
        for adapter in self._adapters.values():
            try:
                await adapter.aclose()
            except Exception:
                logger.exception("search adapter %s did not close", adapter.name)

    async def _prepare(self, adapter: SearchAdapter) -> None:
        prepare = getattr(adapter, "prepare", None)
        if prepare is None:
            return
        try:
            await self._within(PREPARE_TIMEOUT, prepare(), f"prepare:{adapter.name}")
        except SearchError as error:
            logger.warning("search adapter %s is not prepared: %s", adapter.name, error)
        except Exception:
            logger.exception("search adapter %s could not prepare", adapter.name)

    async def _ask(self, adapter: SearchAdapter, query: Query, seconds: float) -> Outcome:
        """One provider's answer as a value."""
        resting = self._rest_of(adapter.name)
        if resting is not None:
            return Outcome((), adapter.name, resting.reason)
        try:
            work = adapter.search(query)
            found = await self._within(seconds, work, f"search:{adapter.name}")
            passages = only_allowed(found, query)
            if not all(isinstance(passage, Passage) for passage in passages):
                raise TypeError("search() brought something that is no Passage")
        except SearchError as error:
            self._remember(adapter.name, error)
            return Outcome((), adapter.name, error.reason)
        except Exception:
            logger.exception("search adapter %s raised what it shouldn't", adapter.name)
            return Outcome((), adapter.name, Unavailable.reason)
        return Outcome(passages, adapter.name)

    async def _within(self, seconds: float, work: Coroutine[Any, Any, T], name: str) -> T:
        """What an adapter's work brings, or TimedOut after `seconds` even if it won't stop."""
        task = asyncio.create_task(work, name=name)
        try:
            await asyncio.wait({task}, timeout=seconds)
            if task.done():
                if task.cancelled():  # the adapter cancelled itself; nobody cancelled us
                    raise Unavailable("it was cancelled from inside")
                return task.result()
            raise TimedOut(f"no answer within {seconds:.1f} s")
        finally:
            if not task.done():
                self._abandon(task)

    def _abandon(self, task: asyncio.Task[T]) -> None:
        """Cancel without waiting; hold the task so that it isn't collected half-way."""

        def forget(task: asyncio.Task[T]) -> None:
            self._abandoned.discard(task)
            if not task.cancelled():
                task.exception()  # seen: it came too late to matter

        task.cancel()
        self._abandoned.add(task)
        task.add_done_callback(forget)

    def _rest_of(self, name: str) -> _Rest | None:
        rest = self._resting.get(name)
        if rest is not None and asyncio.get_running_loop().time() >= rest.until:
            del self._resting[name]
            return None
        return rest

    def _remember(self, name: str, error: SearchError) -> None:
        """Log the failure; where it says so, send the provider to rest."""
        seconds = error.rest
        # A hint counts only for errors that rest at all: one slow 503 is no reason to stay away.
        if error.rest and error.retry_after is not None and math.isfinite(error.retry_after):
            seconds = min(max(error.retry_after, 0.0), LONGEST_REST)
        if seconds:
            until = asyncio.get_running_loop().time() + seconds
            self._resting[name] = _Rest(until, error.reason)
        logger.warning(
            "search adapter %s: %s (%s)%s",
            name,
            error.reason,
            error,
            f"; resting {seconds:.0f} s" if seconds else "",
        )
