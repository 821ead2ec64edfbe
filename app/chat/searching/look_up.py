"""The searches of one answer: begun while the query is being written, made when it is complete.

opened   the start marker: connections are warmed
wrote    more of the query: what costs nothing is asked for what stands there
search   the end marker: the search itself, which finds what was begun early
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from app.chat.budget import Limits, split_queries
from app.chat.ports import Foresee, Found, Guess, Search
from app.chat.request import ChatRequest
from app.chat.searching.queries import query
from search_adapters.protocol import Query

AGAIN_WITHIN = 1.0
"""Seconds. A search that took longer and found nothing new is not made again without its age."""


class LookUp:
    """What one answer looks up. Whoever has it closes it."""

    def __init__(
        self,
        search: Search,
        foresee: Foresee | None,
        request: ChatRequest,
        limits: Limits,
        seen: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """
        Args:
            search: makes the searches.
            foresee: begins them early; None doesn't.
            request: says how to search.
            limits: the gateway's own.
            seen: keys of the queries that this answer has searched before.
        """
        self._search, self._foresee = search, foresee
        self._request, self._options = request, request.search
        self._limits = limits
        self._seen = seen
        self._guess: Guess | None = None
        self._text = ""

    def opened(self) -> None:
        """A span begins."""
        self.close()
        if self._foresee is not None:
            self._guess = self._foresee(self._options.adapters)

    def wrote(self, text: str) -> None:
        """The query goes on."""
        if self._guess is not None:
            self._text += text
            lines, _ = split_queries(self._text, self._seen(), self._limits.max_queries)
            self._guess.take(self._queries(lines))

    async def search(self, lines: Sequence[str]) -> Sequence[Found]:
        """All queries of a span, side by side."""
        try:
            return await asyncio.gather(*map(self._find, self._queries(lines)))
        finally:
            self.close()

    def close(self) -> None:
        """Nothing more will come of this span; what was begun for it is broken off."""
        guess, self._guess, self._text = self._guess, None, ""
        if guess is not None:
            guess.close()

    def _queries(self, lines: Sequence[str]) -> list[Query]:
        today, limit = datetime.now(UTC).date(), self._limits.results_per_query
        return [
            query(line, self._options, limit=limit, today=today, question=self._request.question)
            for line in lines
        ]

    async def _find(self, asked: Query) -> Found:
        """One search. If what is new is nothing, and it was only guessed that it must be, a second.

        A guess that hides everything would make the model say that nobody knows. Both together have
        the time of one.
        """
        options = self._options
        found = await self._search(asked, options.adapters)
        guessed = asked.freshness is not None and options.freshness is None
        if found.passages or found.failure or not guessed or found.elapsed > AGAIN_WITHIN:
            return found
        again = replace(asked, freshness=None, seconds=found.left)
        return await self._search(again, options.adapters)
