"""Where one answer stands: what it has said, searched and spent, and what follows from that.

The loop in `answer` does the IO; this decides. One instance per answer.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from app.chat.access.rationed import not_made
from app.chat.budget import Budget, query_key, split_queries
from app.chat.events import (
    Event,
    Finished,
    QueryDelta,
    QueryOpened,
    ReasoningDelta,
    SearchFinished,
    Usage,
)
from app.chat.ledger import Ledger
from app.chat.means import Means
from app.chat.ports import Found, Leg, Stopped
from app.chat.prose.citations import CitationReader
from app.chat.prose.links import LinkReader, in_conversation
from app.chat.prose.stop_strings import StopStrings
from app.chat.request import ChatRequest
from app.chat.searching.findings import hidden, merged, told
from app.chat.searching.injection import Injection
from app.chat.searching.look_up import LookUp
from app.chat.steady import SteadyReads, steadily
from app.chat.transcript import Transcript
from app.chat.turn import Turn
from app.dialect import results
from app.dialect.detector import SpanDetector
from app.dialect.pieces import Piece, Prose, QueryText, Reasoning, Span, Thought


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
        self._links: LinkReader | None = None
        self._thought_links: LinkReader | None = None
        if limits.links == "known" and request.search.policy != "never":
            known = in_conversation(request.messages)
            self._links, self._thought_links = LinkReader(known), LinkReader(known)
        self.ledger = Ledger(len(transcript))
        self.spans = 0
        self._session = secrets.token_hex(8)
        self._seen: list[str] = []
        self._passages: dict[int, results.Numbered] = {}
        self.look_up = LookUp(means.search, means.foresee, request, limits, lambda: self._seen)
        self._turn = Turn(means.vocabulary, request.messages, transcript.ids)
        self._thought = False
        self.ledger.thinks(self._turn.thinking)

    def open_span(self) -> Event:
        """Make the model search: its first tokens are written for it."""
        self._transcript.append("search", self._turn.opening())
        self.ledger.thinks(self._turn.thinking)
        self.spans += 1
        self.look_up.opened()
        return QueryOpened(self.spans - 1)

    # -- a leg -------------------------------------------------------------------------------

    def detector(self, *, in_query: bool) -> SpanDetector:
        """A detector for the next leg; `in_query`: the span is already open."""
        return self._turn.detector(
            in_query=in_query, max_query_chars=self._means.limits.max_query_chars
        )

    def leg(self) -> Leg:
        """The next run of the engine."""
        vocabulary, sampling = self._means.vocabulary, self._request.sampling
        dialect = vocabulary.dialect
        index = self.ledger.legs
        self.budget.legs -= 1
        self.ledger.open_leg(len(self._transcript))
        stop_ids, stop_strings = vocabulary.stops()
        forbidden: tuple[str, ...] = ()
        if not self.budget.searches:
            forbidden = (dialect.search_start,)
        if self.ledger.stray and dialect.results_start:
            # One forgery is cut; after it the model loses the means.
            forbidden += (dialect.results_start, dialect.results_end)
        forbid_ids, forbid_strings = vocabulary.split(forbidden)
        return Leg(
            prompt=tuple(self._transcript.ids),
            max_tokens=max(1, self.budget.room(len(self._transcript))),
            sampling=sampling.for_leg(index),
            stop_ids=stop_ids,
            stop_strings=stop_strings,
            forbid_ids=forbid_ids,
            forbid_strings=forbid_strings,
            session=self._session,
            salt=self._request.caller.salt,
        )

    def reads(self, *, begun: bool) -> SteadyReads:
        """The next run of the engine, under way; `begun`: the client has seen a first event."""
        return SteadyReads(
            self._means.engine,
            self.leg(),
            patience=self._means.patience,
            begun=begun,
            retried=self.ledger.retried,
        )

    def took(self, ids: Sequence[int], cached: int | None) -> None:
        """Ids the engine sampled have arrived."""
        if ids or cached is not None:
            count = self._transcript.append("model", ids)
            self.budget.tokens -= count
            self.ledger.sampled(count, cached)

    def show(self, pieces: Iterable[Piece]) -> list[Event]:
        """Pieces of generated text, as the client sees them."""
        events: list[Event] = []
        for piece in pieces:
            if self.stops.matched:
                break
            if type(piece) is Prose:
                text = self.stops.feed(piece.text)
                if self._links is not None:
                    text = self._links.feed(text)
                events += self.citations.feed(text)
            elif type(piece) is Thought:
                # White space behind the marker is an accident of the format.
                if text := piece.text if self._thought else piece.text.lstrip():
                    self._thought = True
                    if self._thought_links is not None:
                        text = self._thought_links.feed(text)
                    if text:
                        events.append(ReasoningDelta(text))
            elif type(piece) is QueryText:
                events.append(QueryDelta(self.spans - 1, piece.text))
                self.look_up.wrote(piece.text)
            else:
                events += self.release()
                if type(piece) is Reasoning:
                    self.ledger.thinks(piece.begins, self._turn.behind_marker(piece.begins))
                else:
                    events.append(QueryOpened(self.spans))
                    self.spans += 1
                    self.look_up.opened()
        return events

    def release(self) -> Iterator[Event]:
        """Text held back, as a stop string or a citation might have begun with it."""
        text = self.stops.finish()
        if self._links is not None and self._thought_links is not None:
            text = self._links.feed(text) + self._links.finish()
            if thought := self._thought_links.finish():
                yield ReasoningDelta(thought)
        yield from self.citations.feed(text)
        yield from self.citations.finish()

    # -- the end of a leg --------------------------------------------------------------------

    def finish(self, detector: SpanDetector, stopped: Stopped | None) -> list[Event]:
        """The engine has stopped: what it held back, and what became of an open span."""
        return self.show(self._turn.finish(detector, stopped))

    def has_room(self) -> bool:
        """Whether the model may generate at least one more token."""
        return self.budget.room(len(self._transcript)) > 0

    def goes_on(self, detector: SpanDetector, stopped: Stopped | None) -> bool:
        """Whether another leg follows."""
        self.ledger.stray += detector.stray
        self.ledger.forged += detector.state is Span.FORGED
        if self.stops.matched or not self.has_room() or self.budget.legs <= 0:
            return False
        if detector.state in (Span.CLOSED, Span.FORGED, Span.OVERLONG):
            return True
        # A marker that means nothing stopped the engine in the middle of prose: let it go on.
        marker = self._means.vocabulary.marker(stopped)
        return detector.state is Span.PROSE and (marker is not None or detector.retracted)

    def close(self, detector: SpanDetector, stopped: Stopped | None) -> Iterator[Event]:
        """The answer's last events. A span that was never closed is released as text."""
        cut = stopped is None or stopped.reason == "length" or detector.state in (
            Span.CLOSED, Span.FORGED, Span.OVERLONG,
        )  # fmt: skip
        cut = cut and detector.state is not Span.ENDED
        if detector.state is Span.QUERY:
            yield from self.show(detector.give_up())
        yield from self.release()
        cut = cut and not self.stops.matched
        if cut:
            self.cut_off()
        yield Finished("length" if cut else "stop", self.usage(), self.stops.match)

    def cut_off(self) -> None:
        """The answer ends here because something is used up: note what."""
        if self.has_room():
            self.ledger.spend("legs")
        else:
            self.ledger.spend("tokens" if self.budget.tokens <= 0 else "window")

    def read_query(self, detector: SpanDetector) -> tuple[tuple[str, ...], str | None]:
        """The queries to search, or the notice that tells the model why there are none."""
        if detector.state is Span.PROSE:
            return (), None
        if detector.state is Span.FORGED and not detector.query.strip():
            return (), results.FORGED_RESULTS
        if self.budget.searches <= 0:
            return (), results.BUDGET_SPENT
        self.budget.searches -= 1
        asked, most = self._turn.asked, self._means.limits.max_query_chars
        if detector.state is Span.OVERLONG or len(asked.queries) > most:
            return (), results.LONG_QUERY
        if asked.problem:
            return (), asked.problem
        queries, any_at_all = split_queries(
            asked.queries, self._seen, self._means.limits.max_queries
        )
        if not queries:
            return (), results.REPEATED_QUERY if any_at_all else results.EMPTY_QUERY
        self._seen += map(query_key, queries)
        return tuple(queries), None

    # -- the search --------------------------------------------------------------------------

    async def search(self, queries: Sequence[str]) -> Sequence[Found]:
        """All queries of a span, side by side."""
        found = await self.look_up.search(queries)
        refused = sum(map(not_made, found))
        self.ledger.searches += len(found) - refused
        self.budget.searches = 0 if refused else self.budget.searches
        self.ledger.hidden += hidden(found)
        return found

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
        limits = self._means.limits
        if detector.state is Span.PROSE:
            return Injection([], ())
        if not self.budget.searches and results.BUDGET_SPENT not in notices:
            notices = (*notices, results.BUDGET_SPENT)
        if results.BUDGET_SPENT in notices:
            self.ledger.spend("searches")
        block = partial(
            self._means.block,
            passages,
            notices,
            budget=self.budget.for_results(
                len(self._transcript),
                limits.results_budget(self._request.search.context_size),
                limits.answer_reserve,
            ),
            place=self._turn.place(detector),
        )
        return await steadily(self._means.patience, block)

    def inject(self, injection: Injection) -> None:
        """Append what the search brought, or the notice in its place."""
        self.ledger.injected(self._transcript.append("search", self._turn.joined(injection.ids)))
        self.ledger.thinks(self._turn.thinking)
        self._passages |= {passage.number: passage for passage in injection.passages}
        self.citations.sources = self._passages
        for links in filter(None, (self._links, self._thought_links)):
            links.allow(each.passage.url for each in injection.passages)

    def searched(
        self, queries: tuple[str, ...], found: Sequence[Found], injection: Injection, elapsed: float
    ) -> SearchFinished:
        """What the client is told of the search."""
        return told(self.spans - 1, queries, found, injection.passages, elapsed)

    def usage(self) -> Usage:
        """What the answer has cost so far."""
        return self.ledger.usage(self.citations.dropped)
