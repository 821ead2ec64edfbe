"""A query -> one outcome, by all the providers of a gateway, inside one deadline. Never raises.

`first`, in order:

    for each provider, until one brings passages or the time is used up:
        passages                  done
        nothing found             remembered; another may know more
        an error                  remembered; it may have sent the provider to rest
    all were in vain, and one says that a call will work in a moment: it is asked once more then

`fuse`, all at once: when the first has brought something, the others have PATIENCE to do so too.

With no passages in the end, the outcome is the word of the *first* provider that had one: the
operator put it first, so "bing: not authorised" is not hidden behind an empty local index, and
"bing found nothing" is not turned into a failure by a broken fallback.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from search_adapters.chain.bounded import Bounded
from search_adapters.chain.early import Guess
from search_adapters.chain.fusion import fuse
from search_adapters.chain.options import Options
from search_adapters.chain.outcome import Answer, Outcome, hidden
from search_adapters.chain.provider import Provider
from search_adapters.chain.result_cache import CacheStore, ResultCache
from search_adapters.errors import BadQuery, Retired, SearchError, TimedOut, Unavailable
from search_adapters.protocol import Query, SearchAdapter

logger = logging.getLogger(__name__)

PREPARE_TIMEOUT = 60.0
"""Seconds that one adapter may take to prepare before the gateway starts without waiting for it."""
WARM_TIMEOUT = 3.0
"""Seconds to open a connection that may not be needed."""
PATIENCE = 0.4
"""Seconds. What the slowest of several adds to a ranking is not worth more of the reader's time."""
MARGIN = 0.01
"""Seconds. Timers may fire a little early; a provider must not be asked before its time."""


class Chain:
    """Asks its adapters; see the module's docstring. One instance serves all requests."""

    def __init__(
        self,
        adapters: Sequence[SearchAdapter],
        options: Options | None = None,
        store: CacheStore | None = None,
    ) -> None:
        """
        Args:
            adapters: in the order to ask them; they belong to the chain, `aclose` closes them.
            options: the defaults when not given.
            store: where results are kept; without one they aren't.
        """
        self._options = options or Options()
        self._bounded = Bounded()
        cache = ResultCache(store, self._options.lifetimes, self._bounded)
        self._providers = {
            adapter.name: Provider(adapter, self._options, cache, self._bounded)
            for adapter in adapters
        }
        self._warming: set[str] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """The adapters of this chain, in the order they are asked."""
        return tuple(self._providers)

    async def __call__(self, query: Query, adapters: tuple[str, ...] = ()) -> Outcome:
        """Search with all adapters, or only with the named ones in the order they are named.

        Returns within the deadline and raises nothing but CancelledError. Names that this chain
        doesn't have are passed over.
        """
        clock = asyncio.get_running_loop().time
        start = clock()
        text = " ".join(query.text.split())
        chosen = self._chosen(adapters)
        if not text or not chosen:
            return Outcome((), failure=(Unavailable if text else BadQuery).reason)
        query = replace(query, text=text)
        ask = self._fused if self._options.mode == "fuse" and len(chosen) > 1 else self._first
        seconds = self._options.deadline
        if query.seconds is not None:
            seconds = min(seconds, query.seconds)
        outcome = await ask(query, chosen, start + seconds)
        elapsed = clock() - start
        return replace(outcome, elapsed=elapsed, left=max(0.0, seconds - elapsed))

    def foresee(self, adapters: tuple[str, ...] = (), *, paid: bool = True) -> Guess:
        """A query is about to be written: connections are warmed, and the guess may be told of it.

        The guess must be closed. Unless `paid`, it asks nobody who costs money.
        """
        chosen = self._chosen(adapters)
        asked_first = chosen if self._options.mode == "fuse" else chosen[:1]
        for provider in asked_first:
            warm = getattr(provider.adapter, "warm", None)
            if warm is not None and provider.name not in self._warming and not provider.resting:
                self._warming.add(provider.name)
                self._bounded.behind(self._warm(provider), f"warm:{provider.name}")
        return Guess(asked_first, self._options, paid=paid)

    def price(self, adapters: tuple[str, ...] = ()) -> float:
        """US dollars that one query to these may cost; an unpublished price counts as nothing.

        In order, most often one is paid for: the dearest counts.
        """
        prices = [provider.price for provider in self._chosen(adapters)]
        return sum(prices) if self._options.mode == "fuse" else max(prices, default=0.0)

    async def prepare(self) -> None:
        """Let the adapters that have one do their slow first step now rather than in a search.

        All at once, for PREPARE_TIMEOUT at most.

        Raises:
            Retired: the provider has ended this API; there is no use in starting with it.
        """
        await asyncio.gather(*map(self._prepare, self._providers.values()))

    async def aclose(self) -> None:
        """Stop what is still running and close every adapter, whatever the others do."""
        self._bounded.close()
        for name, provider in self._providers.items():
            try:
                await provider.adapter.aclose()
            except Exception:
                logger.exception("search adapter %s did not close", name)

    def _chosen(self, names: tuple[str, ...]) -> list[Provider]:
        return [self._providers[name] for name in names or self.names if name in self._providers]

    async def _first(self, query: Query, chosen: Sequence[Provider], end: float) -> Outcome:
        clock = asyncio.get_running_loop().time
        answers: list[Answer] = []
        for provider in chosen:
            seconds = min(end - clock(), self._options.provider_timeout)
            if seconds <= 0:
                break
            answer = await provider.ask(query, seconds, queue=provider is chosen[-1])
            answers.append(answer)
            if answer.passages:
                return _outcome(answer, answers)
        wait, again = min(
            (
                (answer.retry_after, provider)
                for answer, provider in zip(answers, chosen, strict=False)
                if answer.retry_after is not None
            ),
            key=lambda each: each[0],
            default=(0.0, None),
        )
        # As many seconds for the answer as for the wait: a second call that can't end is wasted.
        if again is not None and clock() + 2 * wait + MARGIN < end:
            await asyncio.sleep(wait + MARGIN)
            seconds = min(end - clock(), self._options.provider_timeout)
            answer = await again.ask(query, seconds, queue=True)
            answers.append(answer)
            if answer.passages:
                return _outcome(answer, answers)
        return _outcome(answers[0], answers) if answers else Outcome((), failure=TimedOut.reason)

    async def _fused(self, query: Query, chosen: Sequence[Provider], end: float) -> Outcome:
        clock = asyncio.get_running_loop().time
        begin = clock()
        # A little less than there is: all of them have said that they timed out by the end.
        seconds = max(0.0, min(end - begin - MARGIN, self._options.provider_timeout))
        took: dict[str, float] = {}

        async def ask(provider: Provider) -> Answer:
            answer = await provider.ask(query, seconds, queue=True)
            took[provider.name] = clock() - begin
            return answer

        tasks = [asyncio.create_task(ask(each), name=f"fuse:{each.name}") for each in chosen]
        running, until = set(tasks), begin + seconds + MARGIN
        try:
            while running and clock() < until:
                done, running = await asyncio.wait(
                    running, timeout=until - clock(), return_when="FIRST_COMPLETED"
                )
                if any(task.result().passages for task in done):
                    until = min(until, clock() + PATIENCE)
        finally:
            for task in running:
                self._bounded.abandon(task)
        answers = [task.result() for task in tasks if task.done() and not task.cancelled()]
        brought = [answer for answer in answers if answer.passages]
        if not brought:
            if not answers:
                return Outcome((), failure=Unavailable.reason)
            return _outcome(answers[0], answers)
        return Outcome(
            fuse([answer.passages for answer in brought], query.limit),
            "+".join(answer.provider for answer in brought),
            cached="stale" if any(answer.cached == "stale" for answer in brought)
            else "fresh" if all(answer.cached for answer in brought) else "",
            hidden=hidden([(took[each.provider], each.hidden) for each in answers]),
            hedged=any(answer.hedged for answer in answers),
            usd=sum(answer.usd for answer in answers),
        )  # fmt: skip

    async def _prepare(self, provider: Provider) -> None:
        prepare = getattr(provider.adapter, "prepare", None)
        if prepare is None:
            return
        try:
            await self._bounded.within(PREPARE_TIMEOUT, prepare(), f"prepare:{provider.name}")
        except Retired:
            raise
        except SearchError as error:
            logger.warning("search adapter %s is not prepared: %s", provider.name, error)
        except Exception:
            logger.exception("search adapter %s could not prepare", provider.name)

    async def _warm(self, provider: Provider) -> None:
        warm = getattr(provider.adapter, "warm", None)
        assert warm is not None
        try:
            await self._bounded.within(WARM_TIMEOUT, warm(), f"open:{provider.name}")
        except Exception as error:  # the search itself will meet it again, and tell
            logger.debug("search adapter %s: no connection: %s", provider.name, error)
        finally:
            self._warming.discard(provider.name)


def _outcome(answer: Answer, answers: Sequence[Answer]) -> Outcome:
    """What `answer` says, at the price of all `answers`."""
    return Outcome(
        answer.passages,
        answer.provider,
        answer.failure,
        cached=answer.cached,
        hidden=answer.hidden,
        hedged=answer.hedged,
        usd=sum(each.usd for each in answers),
    )
