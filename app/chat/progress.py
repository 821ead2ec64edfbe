"""Where one answer stands: what it has said, searched and spent, and what follows from that.

The loop in `answer` does the IO; this decides. One instance per answer.
"""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.chat.budget import Budget, Limits, query_key, split_queries
from app.chat.citations import CitationReader
from app.chat.events import (
    Event,
    Finished,
    QueryDelta,
    QueryOpened,
    SearchFinished,
    Usage,
)
from app.chat.findings import failure, merged
from app.chat.injection import Injection, ResultsBlock
from app.chat.ledger import Ledger
from app.chat.ports import Engine, Found, Leg, Search, Stopped
from app.chat.request import ChatRequest
from app.chat.stop_strings import StopStrings
from app.chat.transcript import Transcript
from app.chat.vocabulary import Vocabulary
from app.dialect import results
from app.dialect.detector import Opened, Piece, Prose, QueryText, Span, SpanDetector
from search_adapters.protocol import Query


@dataclass(frozen=True, slots=True)
class Means:
    """What an answer is made with; the same for every request of a gateway."""

    engine: Engine
    search: Search
    vocabulary: Vocabulary
    limits: Limits
    block: ResultsBlock


class Progress:
    """Where one answer stands."""

    def __init__(self, request: ChatRequest, means: Means, transcript: Transcript) -> None:
        self._request = request
        self._means = means
        self._transcript = transcript
        limits, window = means.limits, means.engine.context_window
        wanted = request.search.max_searches
        searches = limits.max_searches if wanted is None else wanted
        if request.search.policy == "never":
            searches = 0
        self.budget = Budget(
            tokens=request.sampling.max_tokens or window,
            searches=searches,
            legs=searches + 1 + limits.stray_legs,
            window=window,
        )
        self.citations = CitationReader()
        self.stops = StopStrings(request.sampling.stop)
        self.ledger = Ledger(len(transcript))
        self.spans = 0
        self._session = secrets.token_hex(8)
        self._seen: list[str] = []
        self._passages: dict[int, results.Numbered] = {}

    # -- a leg -------------------------------------------------------------------------------

    def detector(self, *, in_query: bool) -> SpanDetector:
        """A detector for the next leg; `in_query`: the span is already open."""
        vocabulary = self._means.vocabulary
        self.spans += in_query
        return SpanDetector(
            vocabulary.dialect,
            max_query_chars=self._means.limits.max_query_chars,
            in_query=in_query,
            drop=vocabulary.template_literals,
        )

    def leg(self) -> Leg:
        """The next run of the engine."""
        vocabulary, sampling = self._means.vocabulary, self._request.sampling
        index = self.ledger.legs
        self.budget.legs -= 1
        self.ledger.open_leg(len(self._transcript))
        stop_ids, stop_strings = vocabulary.stops()
        forbidden: tuple[str, ...] = ()
        if not self.budget.searches:
            forbidden = (vocabulary.dialect.search_start,)
        if self.ledger.stray:
            # One forgery is cut; after it the model loses the means.
            forbidden += (vocabulary.dialect.results_start, vocabulary.dialect.results_end)
        return Leg(
            prompt=tuple(self._transcript.ids),
            max_tokens=max(1, self.budget.room(len(self._transcript))),
            sampling=sampling.for_leg(index),
            stop_ids=stop_ids,
            stop_strings=stop_strings,
            forbid_ids=tuple(i for m in forbidden for i in vocabulary.ids[m])
            if vocabulary.single
            else (),
            forbid_strings=() if vocabulary.single else forbidden,
            session=self._session,
        )

    def took(self, ids: Sequence[int], cached: int | None) -> None:
        """Ids the engine sampled have arrived."""
        if ids or cached is not None:
            count = self._transcript.append("model", ids)
            self.budget.tokens -= count
            self.ledger.sampled(count, cached)

    def show(self, pieces: Iterator[Piece]) -> Iterator[Event]:
        """Pieces of generated text, as the client sees them."""
        for piece in pieces:
            if self.stops.matched:
                return
            match piece:
                case Prose(text):
                    yield from self.citations.feed(self.stops.feed(text))
                case Opened():
                    yield from self.release()
                    yield QueryOpened(self.spans)
                    self.spans += 1
                case QueryText(text):
                    yield QueryDelta(self.spans - 1, text)

    def release(self) -> Iterator[Event]:
        """Text held back, as a stop string or a citation might have begun with it."""
        yield from self.citations.feed(self.stops.finish())
        yield from self.citations.finish()

    # -- the end of a leg --------------------------------------------------------------------

    def has_room(self) -> bool:
        """Whether the model may generate at least one more token."""
        return self.budget.room(len(self._transcript)) > 0

    def goes_on(self, detector: SpanDetector, stopped: Stopped | None) -> bool:
        """Whether another leg follows."""
        self.ledger.stray += detector.stray
        if self.stops.matched or not self.has_room() or self.budget.legs <= 0:
            return False
        if detector.state in (Span.CLOSED, Span.FORGED, Span.OVERLONG):
            return True
        # A stray end marker stopped the engine in the middle of prose: let it go on.
        marker = self._means.vocabulary.marker(stopped)
        return detector.state is Span.PROSE and marker is not None

    def close(self, detector: SpanDetector, stopped: Stopped | None) -> Iterator[Event]:
        """The answer's last events. A span that was never closed is released as text."""
        if detector.state is Span.QUERY:
            yield from self.show(iter([Prose(detector.query)]))
        yield from self.release()
        cut = stopped is None or stopped.reason == "length" or detector.state in (
            Span.CLOSED, Span.FORGED, Span.OVERLONG,
        )  # fmt: skip
        yield Finished("length" if cut and not self.stops.matched else "stop", self.usage())

    def read_query(self, detector: SpanDetector) -> tuple[tuple[str, ...], str | None]:
        """The queries to search, or the notice that tells the model why there are none."""
        if detector.state is Span.PROSE:
            return (), None
        if detector.state is Span.FORGED and not detector.query.strip():
            return (), results.FORGED_RESULTS
        if self.budget.searches <= 0:
            return (), results.BUDGET_SPENT
        self.budget.searches -= 1
        if detector.state is Span.OVERLONG:
            return (), results.LONG_QUERY
        queries, any_at_all = split_queries(
            detector.query, self._seen, self._means.limits.max_queries
        )
        if not queries:
            return (), results.REPEATED_QUERY if any_at_all else results.EMPTY_QUERY
        self._seen += map(query_key, queries)
        return tuple(queries), None

    # -- the search --------------------------------------------------------------------------

    async def search(self, queries: Sequence[str]) -> Sequence[Found]:
        """All queries of a span, side by side."""
        options = self._request.search
        self.ledger.searches += len(queries)
        return await asyncio.gather(
            *(
                self._means.search(
                    Query(
                        text,
                        limit=self._means.limits.results_per_query,
                        allowed_domains=options.allowed_domains,
                        language=options.language,
                        country=options.country,
                        place=options.place,
                    ),
                    options.adapters,
                )
                for text in queries
            )
        )

    def number(self, found: Sequence[Found]) -> tuple[results.Numbered, ...]:
        """What was found, under numbers that go on over the searches of this answer."""
        return results.number(merged(found), first=max(self._passages, default=0) + 1)

    async def injection(
        self,
        passages: tuple[results.Numbered, ...],
        notices: Sequence[str],
        detector: SpanDetector,
    ) -> Injection:
        """The ids to append after this span."""
        limits, dialect = self._means.limits, self._means.vocabulary.dialect
        if detector.state is Span.PROSE:
            return Injection([], ())
        if not self.budget.searches and results.BUDGET_SPENT not in notices:
            notices = (*notices, results.BUDGET_SPENT)
        return await self._means.block(
            passages,
            notices,
            budget=self.budget.for_results(
                len(self._transcript),
                limits.results_budget(self._request.search.context_size),
                limits.answer_reserve,
            ),
            # A leg cut at the cap lacks its end marker, unless the model was just writing it.
            before="" if detector.closed or detector.state is Span.FORGED else dialect.search_end,
            opened=detector.state is Span.FORGED,
        )

    def inject(self, injection: Injection) -> None:
        """Append what the search brought, or the notice in its place."""
        self.ledger.injected(self._transcript.append("search", injection.ids))
        self._passages |= {passage.number: passage for passage in injection.passages}
        self.citations.sources = self._passages

    def searched(
        self, queries: tuple[str, ...], found: Sequence[Found], injection: Injection, elapsed: float
    ) -> SearchFinished:
        """What the client is told of the search."""
        return SearchFinished(
            index=self.spans - 1,
            queries=queries,
            passages=injection.passages,
            provider=next((one.provider for one in found if one.provider), ""),
            failure=failure(found),
            elapsed=elapsed,
        )

    def usage(self) -> Usage:
        """What the answer has cost so far."""
        return self.ledger.usage(self.citations.dropped)
