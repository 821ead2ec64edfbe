"""Search without a network: the shipped encyclopedia and the user's own files.

ORSON_DATA_DIR        where index files are kept; `var` by default
ORSON_LOCAL_INDEX     the index of one's own files; `notes.db` in the data folder by default
ORSON_ENCYCLOPEDIA    `off` leaves the shipped encyclopedia out
"""

import asyncio
import logging
import sqlite3
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from typing import ClassVar

from search_adapters.domains import only_allowed
from search_adapters.environment import switch
from search_adapters.errors import TimedOut, Unavailable
from search_adapters.local_index import Hit, IndexReader, WrongVersion
from search_adapters.protocol import DateRange, Environment, Passage, Query, Traits
from search_adapters.ranking import ranked, weights, worth_matching
from search_adapters.shipped import ARTICLES, ensure_index
from search_adapters.terms import terms

logger = logging.getLogger(__name__)

CANDIDATES = 80
"""Passages of each index that are looked at closely."""
CANDIDATES_FILTERED = 800
"""The same when most may fall to a filter on domains or days."""
SECONDS = 2.0
"""A thread can't be cancelled; a query on a huge index stops by itself after this."""


def notes_index(environment: Environment) -> Path:
    """The file that holds the index of the user's own documents."""
    named = environment.get("ORSON_LOCAL_INDEX")
    return Path(named) if named else data_dir(environment) / "notes.db"


def data_dir(environment: Environment) -> Path:
    """The folder for index files."""
    return Path(environment.get("ORSON_DATA_DIR") or "var")


class LocalAdapter:
    """Full-text search in the user's notes and the encyclopedia, ordered as one."""

    name: ClassVar[str] = "local"
    traits: ClassVar[Traits] = Traits(
        max_results=50,
        returns_passages=True,
        speculative=True,
        worth_caching=False,  # a file indexed a moment ago is to be found
        honours=frozenset({"allowed_domains", "denied_domains"}),
    )

    def __init__(self, environment: Environment, *, articles: Path = ARTICLES) -> None:
        """Nothing is opened or built yet; `articles` is the encyclopedia's text."""
        self._notes = notes_index(environment)
        self._articles = articles
        self._encyclopedia: Path | None = None
        if switch(environment, "local", "ORSON_ENCYCLOPEDIA", True):
            if articles.exists():
                self._encyclopedia = data_dir(environment) / "encyclopedia.db"
            else:
                logger.warning("this installation has no encyclopedia; only own files are searched")
        self._preparing: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        """Build the encyclopedia's index if need be: seconds at the very first start, then nothing.

        A caller that gives up doesn't stop the work; the next one finds it done.

        Raises:
            Unavailable: the data folder can't be written.
        """
        if self._encyclopedia is None:
            return
        if self._preparing is None or _failed(self._preparing):
            work = asyncio.to_thread(ensure_index, self._articles, self._encyclopedia)
            self._preparing = asyncio.create_task(work)
            self._preparing.add_done_callback(_failed)
        try:
            await asyncio.shield(self._preparing)
        except (OSError, sqlite3.Error) as error:
            raise Unavailable(
                f"no index at {self._encyclopedia} (ORSON_DATA_DIR): {error}"
            ) from error

    async def search(self, query: Query) -> tuple[Passage, ...]:
        """The best passages of both indexes; Unavailable when there is none to search."""
        await self.prepare()
        return await asyncio.to_thread(self._search, query)

    async def aclose(self) -> None:
        """Wait for an index that is being built; its thread can't be stopped anyway."""
        if self._preparing is not None:
            await asyncio.wait({self._preparing})

    def _search(self, query: Query) -> tuple[Passage, ...]:
        # One's own notes come first, and so win ties.
        files = [file for file in (self._notes, self._encyclopedia) if file and file.exists()]
        if not files:
            raise Unavailable("nothing is indexed yet: run `orson index PATH`")
        wanted = terms(query.text)
        if not wanted.all:
            return ()
        in_days = isinstance(query.freshness, DateRange)  # a word is a wish that files can't grant
        filtered = query.allowed_domains or query.denied_domains or in_days
        limit = CANDIDATES_FILTERED if filtered else CANDIDATES
        try:
            with ExitStack() as opened:
                readers = [opened.enter_context(closing(IndexReader(file))) for file in files]
                stop_at = time.monotonic() + SECONDS
                for reader in readers:
                    reader.stop_when(lambda: time.monotonic() > stop_at)
                size = sum(reader.size() for reader in readers)
                held = Counter[str]()
                for reader in readers:
                    held.update(reader.frequencies(wanted.all))
                match = worth_matching(wanted, held, size)
                hits = [
                    hit
                    for reader in readers
                    for hit in reader.hits(
                        match.any_of, limit, all_of=match.all_of, in_titles=match.in_titles
                    )
                ]
        except WrongVersion as error:
            raise Unavailable(str(error)) from error
        except sqlite3.Error as error:
            if "interrupted" in str(error):
                raise TimedOut(f"the index did not answer within {SECONDS} s") from error
            raise Unavailable(f"index: {error}") from error
        best = ranked(wanted, weights(wanted, held, size), hits)
        return only_allowed((_passage(hit) for hit in best), query)


def _passage(hit: Hit) -> Passage:
    return Passage(hit.title, hit.url, hit.text, hit.site, hit.date)


def _failed(task: "asyncio.Task[None]") -> bool:
    """Whether the task ended in an error; asking marks the error as seen."""
    return task.done() and (task.cancelled() or task.exception() is not None)
