"""Writes the trace of one answer, by standing between the answer and what it is made with.

    answer -> engine, search, tokenizer         answer -> [ noted ] -> engine, search, tokenizer

The loop doesn't know; answers that aren't recorded pay nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.chat.access.caller import Caller
from app.chat.events import Event, Failed, Finished
from app.chat.means import Means
from app.chat.ports import Chunk, Engine, Found, Leg, Reads, Restartable, Search, Stopped, Take
from app.chat.request import ChatRequest, Message
from app.chat.searching.injection import ResultsBlock
from app.chat.steady import Patience
from app.chat.traces.trace import VERSION, Brought, Run, Trace, Words
from app.chat.transcript import Transcript
from app.chat.watch import Ended
from app.errors import EngineUnavailable
from search_adapters.protocol import Query


@dataclass(slots=True)
class _Run:
    """A run under way."""

    leg: Leg
    ids: list[int] = field(default_factory=list)
    pieces: list[tuple[int, str]] = field(default_factory=list)
    stop: Stopped | None = None
    cached: int | None = None
    gone: bool = False

    def note(self, chunk: Chunk) -> None:
        self.ids += chunk.ids
        self.pieces.append((len(chunk.ids), chunk.text))
        self.stop = chunk.stop or self.stop
        if chunk.cached_tokens is not None:
            self.cached = chunk.cached_tokens

    def done(self) -> Run:
        leg = self.leg
        return Run(
            len(leg.prompt),
            leg.max_tokens,
            leg.sampling,
            leg.stop_ids,
            leg.stop_strings,
            leg.forbid_ids,
            leg.forbid_strings,
            tuple(self.ids),
            tuple(self.pieces),
            self.stop,
            self.cached,
            self.gone,
        )


class Recorder:
    """A watch that can say at any time what the answer has been made of so far."""

    def __init__(self) -> None:
        self._whole = False
        self._means: Means | None = None
        self._request: ChatRequest | None = None
        self._taught = ""
        self._prompt: tuple[int, ...] = ()
        self._runs: list[_Run] = []
        self._encoded: dict[str, tuple[int, ...]] = {}
        self._decoded: list[tuple[tuple[int, ...], str]] = []
        self._searches: list[tuple[str, list[Found]]] = []

    def made_with(self, means: Means) -> Means:
        """The same means, noted."""
        self._means = means
        engine = _NotedEngine(means.engine, self._runs, self._encoded)
        patience = means.patience
        if patience is not None:
            patience = Patience(_NotedReturn(patience.engine, self._decoded), patience.seconds)
        return replace(
            means,
            engine=engine,
            search=_NotedSearch(means.search, self._searches),
            block=ResultsBlock(engine, means.vocabulary),
            patience=patience,
        )

    def begun(self, request: ChatRequest, prompt: Sequence[int], taught: str) -> None:
        """Note what it begins with; who asked is nothing that it is made of."""
        self._request = replace(request, caller=Caller())
        self._prompt, self._taught = tuple(prompt), taught

    def observe(self, event: Event) -> None:
        """Whether it came to its end; other events follow from the rest."""
        if isinstance(event, Finished | Failed):
            self._whole = True

    def ended(self, ended: Ended) -> None:
        """The trace is asked for by whoever keeps it."""

    def trace(self, transcript: Transcript) -> Trace | None:
        """What the answer is made of; None before it has begun."""
        if self._means is None or self._request is None:
            return None
        return Trace(
            version=VERSION,
            model=self._means.engine.model,
            context_window=self._means.engine.context_window,
            request=self._request,
            taught=self._taught,
            prompt=self._prompt,
            vocabulary=Words.of(self._means.vocabulary),
            limits=self._means.limits,
            runs=tuple(run.done() for run in self._runs),
            encoded=tuple(self._encoded.items()),
            decoded=tuple(self._decoded),
            searches=tuple(_brought(query, found[0]) for query, found in self._searches if found),
            ids=tuple(transcript.ids),
            segments=tuple(transcript.segments),
            whole=self._whole,
        )


class _NotedEngine:
    """An engine, noting what it is asked and says."""

    def __init__(
        self, engine: Engine, runs: list[_Run], encoded: dict[str, tuple[int, ...]]
    ) -> None:
        self._engine, self._runs, self._encoded = engine, runs, encoded
        self.model, self.context_window = engine.model, engine.context_window

    async def render(
        self, messages: Sequence[Message], template: Mapping[str, object] | None = None
    ) -> list[int]:
        return await self._engine.render(messages, template)

    async def encode(self, text: str) -> list[int]:
        ids = await self._engine.encode(text)
        self._encoded[text] = tuple(ids)
        return ids

    def generate(self, leg: Leg) -> "_NotedReads":
        run = _Run(leg)
        self._runs.append(run)
        return _NotedReads(self._engine.generate(leg), run)

    async def ready(self) -> None:
        await self._engine.ready()

    async def aclose(self) -> None:
        await self._engine.aclose()


class _NotedReads:
    """The stream of one run, noted piece by piece."""

    def __init__(self, reads: Reads, run: _Run) -> None:
        self._reads, self._run = reads, run

    async def pour(self, take: Take) -> bool:
        note = self._run.note

        def taken(chunk: Chunk) -> bool:
            note(chunk)
            return take(chunk)

        try:
            return await self._reads.pour(taken)
        except EngineUnavailable:
            self._run.gone = True
            raise

    async def aclose(self) -> None:
        await self._reads.aclose()


class _NotedReturn:
    """An engine that may come back, noting what it decodes."""

    def __init__(self, engine: Restartable, decoded: list[tuple[tuple[int, ...], str]]) -> None:
        self._engine, self._decoded = engine, decoded

    async def decode(self, ids: Sequence[int]) -> str:
        text = await self._engine.decode(ids)
        self._decoded.append((tuple(ids), text))
        return text

    async def recovered(self, within: float) -> None:
        await self._engine.recovered(within)


class _NotedSearch:
    """A search, noting what it brings, in the order in which it was asked."""

    def __init__(self, search: Search, searches: list[tuple[str, list[Found]]]) -> None:
        self._search, self._searches = search, searches

    async def __call__(self, query: Query, adapters: tuple[str, ...] = ()) -> Found:
        brought: list[Found] = []
        self._searches.append((query.text, brought))
        found = await self._search(query, adapters)
        brought.append(found)
        return found


def _brought(query: str, found: Found) -> Brought:
    return Brought(
        query,
        found.passages,
        found.provider,
        found.failure,
        found.elapsed,
        found.left,
        found.cached,
        found.hidden,
        found.hedged,
        found.usd,
    )
