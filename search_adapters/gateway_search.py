"""What a gateway adds to its chain: the operator's domains, the pages behind snippets, a log.

    query -> the operator's domains -> chain -> pages, where results are only snippets -> log

It has the chain's own shape, so whoever searches doesn't know the difference. The deadline is the
chain's: pages get what the providers left of it.
"""

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from search_adapters.chain import Guess, Outcome
from search_adapters.domains import only_allowed, within
from search_adapters.pages.reader import PAGES, SECONDS, PageReader
from search_adapters.pages.refusal import Refused
from search_adapters.pages.workers import COUNT
from search_adapters.protocol import Passage, Query, SearchAdapter

logger = logging.getLogger(__name__)

REFUSED = "domain not allowed"
_SALT = secrets.token_bytes(16)
"""New at each start: hashes of short queries can be guessed by whoever knows how they are made."""

QueryLog = Literal["off", "hashed", "plain"]


class Searches(Protocol):
    """The chain, as it is seen from here."""

    @property
    def names(self) -> tuple[str, ...]:
        """The adapters it asks."""
        ...

    async def __call__(self, query: Query, adapters: tuple[str, ...] = ()) -> Outcome:
        """Search within the chain's own deadline."""
        ...

    def foresee(self, adapters: tuple[str, ...] = (), *, paid: bool = True) -> Guess:
        """A query is about to be written; unless `paid`, only what is free is done for it."""
        ...

    def price(self, adapters: tuple[str, ...] = ()) -> float:
        """US dollars that one query may cost."""
        ...


@dataclass(frozen=True, slots=True)
class PageOptions:
    """How pages are read."""

    count: int = PAGES
    """Results of a search whose pages are read."""
    seconds: float = SECONDS
    """For the pages of one search together."""
    workers: int = COUNT
    """Processes that take pages apart."""


class Reader(Protocol):
    """Turns snippets into passages of the pages behind them."""

    async def __call__(
        self, query: Query, results: Sequence[Passage], seconds: float
    ) -> tuple[Passage, ...]:
        """The best passages, within `seconds`; the snippets where pages can't be read."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every search of a gateway."""

    allowed_domains: tuple[str, ...] = ()
    """Hosts (with subdomains) or collections that results may come from; empty means any."""
    denied_domains: tuple[str, ...] = ()
    log: QueryLog = "off"
    """Whether queries are logged, and how."""


class GatewaySearch:
    """A chain with the gateway's own rules, and a reader for snippets."""

    def __init__(
        self,
        search: Searches,
        *,
        rules: Rules,
        reader: Reader | None = None,
        snippets: Iterable[str] = (),
        results: int = 0,
    ) -> None:
        """
        Args:
            search: the chain.
            rules: the operator's.
            reader: reads pages; None leaves snippets as they are.
            snippets: names of the adapters that bring snippets and not passages.
            results: how many results pages are chosen from, where a query wants fewer.
        """
        self._search = search
        self._rules = rules
        self._reader = reader
        self._snippets = frozenset(snippets)
        self._results = results

    @property
    def names(self) -> tuple[str, ...]:
        """The adapters that are asked."""
        return self._search.names

    async def __call__(self, query: Query, adapters: tuple[str, ...] = ()) -> Outcome:
        """Search; like the chain it raises nothing but CancelledError."""
        clock = asyncio.get_running_loop().time
        start = clock()
        ruled = self._ruled(query)
        if ruled is None:
            return self._logged(query, Outcome((), failure=REFUSED))
        outcome = await self._search(self._asked(ruled, adapters), adapters)
        passages = outcome.passages
        if self._reader is not None and self._snippets & set(outcome.provider.split("+")):
            try:
                passages = await self._reader(ruled, passages, outcome.left)
            except Exception:
                logger.exception("pages could not be read")
        # Once more: a page may have led to another domain.
        passages = only_allowed(passages, ruled)
        elapsed = clock() - start
        left = max(0.0, outcome.left + outcome.elapsed - elapsed)
        return self._logged(query, replace(outcome, passages=passages, elapsed=elapsed, left=left))

    def price(self, adapters: tuple[str, ...] = ()) -> float:
        """US dollars that one query to these adapters may cost. Pages cost nothing."""
        return self._search.price(adapters)

    def foresee(self, adapters: tuple[str, ...] = (), *, paid: bool = True) -> "Foreseen":
        """A query is about to be written. What is returned must be closed.

        Unless `paid`, nobody is asked early who costs money.
        """
        guess = self._search.foresee(adapters, paid=paid)
        return Foreseen(guess, lambda query: self._begun(query, adapters))

    def _begun(self, query: Query, adapters: tuple[str, ...]) -> Query | None:
        ruled = self._ruled(query)
        return None if ruled is None else self._asked(ruled, adapters)

    def _asked(self, ruled: Query, adapters: tuple[str, ...]) -> Query:
        """What the chain is asked: where pages will be read, for enough to choose from."""
        if self._reader is None or (adapters and not self._snippets & set(adapters)):
            return ruled
        return replace(ruled, limit=max(ruled.limit, self._results))

    def _ruled(self, query: Query) -> Query | None:
        """The query with the operator's domains; None when the two leave nothing."""
        allowed = within(query.allowed_domains, self._rules.allowed_domains)
        if not allowed and (query.allowed_domains or self._rules.allowed_domains):
            return None
        denied = dict.fromkeys((*query.denied_domains, *self._rules.denied_domains))
        return replace(query, allowed_domains=allowed, denied_domains=tuple(denied))

    def _logged(self, query: Query, outcome: Outcome) -> Outcome:
        if self._rules.log != "off":
            shown = query.text if self._rules.log == "plain" else hashed(query.text)
            logger.info(
                "search %s: %s, %d passages in %.0f ms%s",
                shown,
                outcome.provider or "nobody",
                len(outcome.passages),
                1000 * outcome.elapsed,
                f", {outcome.failure}" if outcome.failure else "",
            )
        return outcome


class Foreseen:
    """A chain's guess, told of queries as the chain will be asked them: else it guesses in vain."""

    def __init__(self, guess: Guess, asked: Callable[[Query], Query | None]) -> None:
        self._guess = guess
        self._asked = asked

    def take(self, queries: Sequence[Query]) -> None:
        """The queries as they stand now, in place of those before."""
        asked = map(self._asked, queries)
        self._guess.take([query for query in asked if query is not None])

    def close(self) -> None:
        """The search is made, or will not be."""
        self._guess.close()


@asynccontextmanager
async def with_rules(
    chain: Searches,
    adapters: Sequence[SearchAdapter],
    *,
    rules: Rules,
    pages: PageOptions | None,
) -> AsyncIterator[GatewaySearch]:
    """The chain with what the gateway adds; closes what it opened, and not the chain.

    Where every adapter brings passages, no page is ever read and no process is started.
    """
    snippets = [adapter.name for adapter in adapters if not adapter.traits.returns_passages]
    if not snippets or pages is None:
        yield GatewaySearch(chain, rules=rules)
        return
    reader = PageReader(pages=pages.count, seconds=pages.seconds, workers=pages.workers)
    async with aclosing(reader):
        try:
            await reader.prepare()
        except Refused as refused:  # a search tries again
            logger.warning("pages are not read for now: %s", refused)
        yield GatewaySearch(
            chain,
            rules=rules,
            reader=reader,
            snippets=snippets,
            results=pages.count,
        )


def hashed(text: str, salt: bytes = _SALT) -> str:
    """The same for the same query until the next start, and no way back to it."""
    plain = " ".join(text.split()).casefold().encode()
    return hmac.new(salt, plain, hashlib.sha256).hexdigest()[:16]
