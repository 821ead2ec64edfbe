"""Where one answer stands: what it has said, searched and spent, and what follows from that.

The loop in `answer` does the IO; this decides. One instance per answer.
"""

import asyncio
import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.chat.budget import Budget, Limits, query_key, split_queries
from app.chat.citations import CitationReader
from app.chat.events import (
    Event,
    Finished,
    LegUsage,
    QueryDelta,
    QueryOpened,
    SearchFinished,
    Usage,
)
from app.chat.injection import Injection, ResultsBlock
from app.chat.ports import Engine, Found, Leg, Search, Stopped
from app.chat.request import ChatRequest, Sampling
from app.chat.transcript import Transcript
from app.chat.vocabulary import Vocabulary
from app.dialect import results
from app.dialect.detector import Opened, Piece, Prose, QueryText, Span, SpanDetector
from search_adapters.protocol import Passage, Query


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
        self.spans = 0
        self._seen: list[str] = []
        self._passages: dict[int, results.Numbered] = {}
        self._legs: list[LegUsage] = []
        self._searches = 0
        self._stray = 0
        self._resumed_at: float | None = None

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
        index = len(self._legs)
        self.budget.legs -= 1
        self._legs.append(LegUsage(len(self._transcript), None, 0, 0))
        stop_ids, stop_strings = vocabulary.stops()
        forbidden: tuple[str, ...] = ()
        if not self.budget.searches:
            forbidden = (vocabulary.dialect.search_start,)
        if self._stray:
            # One forgery is cut; after it the model loses the means.
            forbidden += (vocabulary.dialect.results_start, vocabulary.dialect.results_end)
        return Leg(
            prompt=tuple(self._transcript.ids),
            max_tokens=max(1, self.budget.room(len(self._transcript))),
            sampling=replace(sampling, seed=_leg_seed(sampling, index)),
            stop_ids=stop_ids,
            stop_strings=(*stop_strings, *sampling.stop),
            forbid_ids=tuple(i for m in forbidden for i in vocabulary.ids[m])
            if vocabulary.single
            else (),
            forbid_strings=() if vocabulary.single else forbidden,
            session=str(id(self._transcript)),
        )

    def took(self, ids: Sequence[int], cached: int | None) -> None:
        """Ids the engine sampled have arrived."""
        leg = self._legs[-1]
        if ids and self._resumed_at is not None:
            leg = replace(leg, resume_ms=(time.perf_counter() - self._resumed_at) * 1000)
            self._resumed_at = None
        if ids or cached is not None:
            count = self._transcript.append("model", ids)
            self.budget.tokens -= count
            self._legs[-1] = replace(
                leg,
                generated=leg.generated + count,
                cached=leg.cached if cached is None else cached,
            )

    def show(self, pieces: Iterator[Piece]) -> Iterator[Event]:
        """Pieces of generated text, as the client sees them."""
        for piece in pieces:
            match piece:
                case Prose(text):
                    # White space that opens an answer is an accident of tokenization.
                    text = text if self.citations.length else text.lstrip()
                    yield from self.citations.feed(text)
                case Opened():
                    yield from self.citations.finish()
                    yield QueryOpened(self.spans)
                    self.spans += 1
                case QueryText(text):
                    yield QueryDelta(self.spans - 1, text)

    # -- the end of a leg --------------------------------------------------------------------

    def has_room(self) -> bool:
        """Whether the model may generate at least one more token."""
        return self.budget.room(len(self._transcript)) > 0

    def goes_on(self, detector: SpanDetector, stopped: Stopped | None) -> bool:
        """Whether another leg follows."""
        self._stray += detector.stray
        if not self.has_room() or self.budget.legs <= 0:
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
        yield from self.citations.finish()
        cut = stopped is None or stopped.reason == "length" or detector.state in (
            Span.CLOSED, Span.FORGED, Span.OVERLONG,
        )  # fmt: skip
        yield Finished("length" if cut else "stop", self.usage())

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
        self._searches += len(queries)
        return await asyncio.gather(
            *(
                self._means.search(
                    Query(
                        text,
                        limit=self._means.limits.results_per_query,
                        allowed_domains=options.allowed_domains,
                        language=options.language,
                        country=options.country,
                    ),
                    options.adapters,
                )
                for text in queries
            )
        )

    def number(self, found: Sequence[Found]) -> tuple[results.Numbered, ...]:
        """The passages of all queries, best of each first, under numbers that go on."""
        merged: dict[tuple[str, str], Passage] = {}
        for rank in range(max((len(one.passages) for one in found), default=0)):
            for one in found:
                for passage in one.passages[rank : rank + 1]:
                    merged.setdefault((passage.url, passage.text), passage)
        return results.number(tuple(merged.values()), first=len(self._passages) + 1)

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
            before=dialect.search_end if detector.state is Span.OVERLONG else "",
            opened=detector.state is Span.FORGED,
        )

    def inject(self, injection: Injection) -> None:
        """Append what the search brought, or the notice in its place."""
        count = self._transcript.append("search", injection.ids)
        self._legs[-1] = replace(self._legs[-1], injected=count)
        self._passages |= {passage.number: passage for passage in injection.passages}
        self.citations.sources = self._passages

    def searched(
        self, queries: tuple[str, ...], found: Sequence[Found], injection: Injection, elapsed: float
    ) -> SearchFinished:
        """What the client is told of the search."""
        failures = [one.failure for one in found if one.failure]
        return SearchFinished(
            index=self.spans - 1,
            queries=queries,
            passages=injection.passages,
            provider=next((one.provider for one in found if one.provider), ""),
            failure=failures[0] if len(failures) == len(found) else None,
            elapsed=elapsed,
        )

    def resume_from(self, ended_at: float) -> None:
        """The next leg's first token is timed from here."""
        self._resumed_at = ended_at

    def usage(self) -> Usage:
        """What the answer has cost so far."""
        return Usage(
            prompt=self._legs[0].prompt if self._legs else len(self._transcript),
            legs=tuple(self._legs),
            searches=self._searches,
            dropped_citations=self.citations.dropped,
            stray_markers=self._stray,
        )


def notices(found: Sequence[Found]) -> tuple[str, ...]:
    """What the model is told when the queries of a span brought no passage."""
    if any(one.passages for one in found):
        return ()
    failures = [one.failure for one in found if one.failure]
    return (results.search_failed(failures[0]) if failures else results.NO_RESULTS,)


def _leg_seed(sampling: Sampling, index: int) -> int | None:
    """A seed of its own for each leg: the same one would repeat the same draws."""
    if sampling.seed is None or index == 0:
        return sampling.seed
    digest = hashlib.sha256(f"{sampling.seed}:{index}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF
