"""Reads the pages behind search results: side by side, within the time there is, snippets kept.

    results -> fetch (here, nothing but bytes) -> take apart (another process) -> rank -> passages

Every result keeps its snippet until its page is read; a page that is late, refused or hostile
changes nothing but that. One instance serves all searches.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

import httpcore2

from search_adapters.domains import host_of, is_allowed, is_denied
from search_adapters.pages.fetching import Fetcher
from search_adapters.pages.network import PublicNetwork, SystemResolver
from search_adapters.pages.refusal import Refused
from search_adapters.pages.selecting import Read, select, weights
from search_adapters.pages.wire import Job, Page
from search_adapters.pages.workers import COUNT, Workers
from search_adapters.protocol import Passage, Query

logger = logging.getLogger(__name__)

PAGES = 4
"""Results that are read: beyond these the first ones mostly repeat themselves."""
SECONDS = 1.2
"""For all pages of a search together."""
SECONDS_BY_HAND = 15.0
_RANKING = 0.02
"""Seconds kept for ranking, so that the caller's own deadline is not missed."""


class PageReader:
    """Turns the results of a search into passages of their pages."""

    def __init__(
        self,
        fetcher: Fetcher | None = None,
        *,
        pages: int = PAGES,
        seconds: float = SECONDS,
        workers: int = COUNT,
    ) -> None:
        """`fetcher` is the reader's to close; by default it reaches the public internet."""
        self._fetcher = fetcher
        self._resolver: SystemResolver | None = None
        self._workers = Workers(workers)
        self._pages = pages
        self._seconds = seconds

    async def prepare(self) -> None:
        """Start the processes and load the certificates, both outside the event loop."""
        await asyncio.gather(self._workers.prepare(), self._fetching())

    async def __call__(
        self, query: Query, results: Sequence[Passage], seconds: float
    ) -> tuple[Passage, ...]:
        """Passages for `query` from the pages of `results`, within `seconds`; never raises for a
        page's sake."""
        wanted = weights(query)
        left = min(seconds, self._seconds) - _RANKING
        chosen = [passage for passage in results if passage.url][: self._pages]
        if not chosen or left <= 0:
            return tuple(results)
        tasks = {
            asyncio.create_task(self._read_result(passage, query, tuple(wanted))): passage
            for passage in dict.fromkeys(chosen)
        }
        try:
            await asyncio.wait(tasks, timeout=left)
        finally:
            for task in tasks:
                task.cancel()
        read = {
            passage: task.result()
            for task, passage in tasks.items()
            if task.done() and not task.cancelled()
        }
        if not any(each.page for each in read.values()):
            return tuple(results)
        return select(
            [read.get(passage) or Read(passage) for passage in results], wanted, query.limit
        )

    async def read(self, url: str, query: Query, seconds: float = SECONDS_BY_HAND) -> Read:
        """One page, by hand. Raises Refused with the reason when it is not read."""
        try:
            async with asyncio.timeout(seconds):
                return await self._read(Passage("", url, ""), query, tuple(weights(query)))
        except TimeoutError:
            raise Refused("no answer in time") from None

    async def aclose(self) -> None:
        """End the processes and close the connections."""
        await self._workers.aclose()
        if self._fetcher is not None:
            await self._fetcher.aclose()
        if self._resolver is not None:
            self._resolver.close()

    async def _read_result(self, passage: Passage, query: Query, words: tuple[str, ...]) -> Read:
        try:
            return await self._read(passage, query, words)
        except Refused as refused:
            # Addresses of pages tell what somebody looked for; the host is enough.
            logger.info("page of %s not read: %s", host_of(passage.url), refused)
        except Exception:
            logger.exception("page of %s not read", host_of(passage.url))
        return Read(passage)

    async def _read(self, passage: Passage, query: Query, words: tuple[str, ...]) -> Read:
        fetch = await self._fetching()
        fetched = await fetch(
            passage.url, language=query.language or "", allows=_within_domains(query)
        )
        job = Job(fetched.type, fetched.charset, fetched.encoding, fetched.whole, words)
        page: Page = await self._workers.read(job, fetched.body)
        return Read(passage, page, fetched.url, host_of(fetched.url))

    async def _fetching(self) -> Fetcher:
        if self._fetcher is None:
            context = await asyncio.to_thread(httpcore2.default_ssl_context)
            if self._fetcher is None:  # others waited for the same
                self._resolver = SystemResolver()
                self._fetcher = Fetcher(PublicNetwork(self._resolver), context)
        return self._fetcher


def _within_domains(query: Query) -> Callable[[str], bool]:
    def allows(url: str) -> bool:
        there = Passage("", url, "")
        return is_allowed(there, query.allowed_domains) and not is_denied(
            there, query.denied_domains
        )

    return allows
