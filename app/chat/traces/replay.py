"""Makes an answer again from its trace, through the loop that makes all answers, and compares.

Recorded: engine and searches say what they said. What can differ is what *we* do: where a span is
seen, what is searched, what is put into the sequence, what the engine is asked for. So a replay
after a change of the code shows what the change does to real answers.

Live: the searches say what they said, and an engine samples anew, always the likeliest token. What
can differ is what the *model* says.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from app.chat.answer import answer
from app.chat.events import Failed
from app.chat.means import Means
from app.chat.ports import Chunk, Engine, Leg, Reads, Take
from app.chat.request import Message
from app.chat.searching.injection import ResultsBlock
from app.chat.steady import Patience
from app.chat.traces.trace import Brought, Run, Trace
from app.chat.transcript import Origin, Transcript
from app.errors import EngineUnavailable, OrsonError
from search_adapters.protocol import Query

Encode = Callable[[str], Awaitable[Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay."""

    ids: tuple[int, ...]
    """The sequence, as far as it was made again."""
    first: int | None
    """Where the first id differs; None: none does."""
    origin: Origin | None
    """Whose the id there was."""
    notes: tuple[str, ...]
    """What else was otherwise, in words."""

    @property
    def same(self) -> bool:
        """Whether it is the same answer, made in the same way."""
        return self.first is None and not self.notes


class _RanOut(Exception):
    """The recording ends here."""


class _Otherwise(Exception):
    """The sequence is another by now: what was recorded is no answer to it."""


async def replay(trace: Trace, encode: Encode | None = None) -> Replayed:
    """The answer again, from what was recorded.

    Args:
        trace: of the answer.
        encode: for texts that it did not encode; without it the replay ends at one.

    Raises:
        UnknownDialect: the trace needs a dialect that isn't installed here.
    """
    notes: list[str] = []
    transcript = Transcript()
    engine = _Recorded(trace, encode, notes)
    vocabulary = trace.vocabulary.vocabulary()
    means = Means(
        engine,
        _Searches(trace.searches, notes, whole=trace.whole),
        vocabulary,
        trace.limits,
        ResultsBlock(engine, vocabulary),
        patience=Patience(engine, 1.0),
    )
    try:
        error = await _run(trace, means, transcript)
    except _RanOut:
        return _compared(trace, transcript, notes, whole=False)
    except _Otherwise as otherwise:
        notes.append(f"after {len(transcript)} ids: {otherwise}")
        return _compared(trace, transcript, notes, whole=False)
    if error is not None and not (trace.runs and trace.runs[-1].gone):
        notes.append(str(error))
    return _compared(trace, transcript, notes, whole=True)


async def again(trace: Trace, engine: Engine) -> Replayed:
    """The answer again, by this engine, at temperature 0 and with the results that were found."""
    notes: list[str] = []
    transcript = Transcript()
    vocabulary = trace.vocabulary.vocabulary()
    means = Means(
        engine,
        _Searches(trace.searches, notes),
        vocabulary,
        trace.limits,
        ResultsBlock(engine, vocabulary),
    )
    request = trace.request
    greedy = replace(request.sampling, temperature=0.0, top_p=None, seed=None)
    error = await _run(replace(trace, request=replace(request, sampling=greedy)), means, transcript)
    if error is not None:
        notes.append(str(error))
    return _compared(trace, transcript, notes, whole=True)


async def _run(trace: Trace, means: Means, transcript: Transcript) -> Exception | None:
    """Make the answer; what it failed with."""
    try:
        async with aclosing(answer(trace.request, trace.prompt, means, transcript)) as batches:
            async for batch in batches:
                if isinstance(batch[-1], Failed):
                    return batch[-1].error
    except OrsonError as error:
        return error
    return None


def _compared(
    trace: Trace, transcript: Transcript, notes: Sequence[str], *, whole: bool
) -> Replayed:
    ids = tuple(transcript.ids)
    shared = min(len(ids), len(trace.ids))
    first = next((at for at in range(shared) if ids[at] != trace.ids[at]), None)
    if first is None and len(ids) != len(trace.ids) and (whole or len(ids) > len(trace.ids)):
        first = shared
    return Replayed(ids, first, _origin(trace, transcript, first), tuple(notes))


def _origin(trace: Trace, transcript: Transcript, at: int | None) -> Origin | None:
    if at is None:
        return None
    for segments in (trace.segments, transcript.segments):
        for segment in segments:
            if segment.start <= at < segment.end:
                return segment.origin
    return None


class _Recorded:
    """An engine that says what it said. Implements `Engine` and `Restartable`."""

    def __init__(self, trace: Trace, encode: Encode | None, notes: list[str]) -> None:
        self.model, self.context_window = trace.model, trace.context_window
        self._trace, self._encode, self._notes = trace, encode, notes
        self._encoded = {text: list(ids) for text, ids in trace.encoded}
        self._decoded = dict(trace.decoded)
        self._runs = list(trace.runs)
        self._count = 0

    async def render(
        self, messages: Sequence[Message], template: Mapping[str, object] | None = None
    ) -> list[int]:
        """The prompt, which is recorded in ids."""
        return list(self._trace.prompt)

    async def encode(self, text: str) -> list[int]:
        """As it was encoded; else by the tokenizer that was given."""
        known = self._encoded.get(text)
        if known is not None:
            return known
        if not (self._trace.whole or self._runs):
            raise _RanOut
        if self._encode is None:
            part = _at_difference(text, self._encoded)
            raise _Otherwise(f"a text was put in that was not before: {part}")
        return list(await self._encode(text))

    async def decode(self, ids: Sequence[int]) -> str:
        """As it was decoded."""
        text = self._decoded.get(tuple(ids))
        if text is None:
            raise _Otherwise("other ids are decoded than were, after the engine went away")
        return text

    async def recovered(self, within: float) -> None:
        """At once, where it came back then."""
        if not self._runs:
            raise EngineUnavailable("It did not come back.")

    def generate(self, leg: Leg) -> Reads:
        """The next run that was recorded, where the sequence is still the same."""
        if not self._runs:
            if not self._trace.whole and tuple(leg.prompt) == self._trace.ids[: len(leg.prompt)]:
                raise _RanOut
            raise _Otherwise("there is a leg that there was not")
        run = self._runs.pop(0)
        if tuple(leg.prompt) != self._trace.ids[: run.at]:
            raise _Otherwise(f"the sequence is another before leg {self._count}")
        for name in ("max_tokens", "sampling", "stop_ids", "stop_strings", "forbid_ids",
                     "forbid_strings"):  # fmt: skip
            then, now = getattr(run, name), getattr(leg, name)
            if then != now:
                self._notes.append(f"leg {self._count}: {name} was {then} and is {now}")
        self._count += 1
        return _Reads(run, whole=self._trace.whole or bool(self._runs))

    async def ready(self) -> None:
        """Always."""

    async def aclose(self) -> None:
        """Nothing to give back."""


class _Reads:
    """The stream of one recorded run."""

    def __init__(self, run: Run, *, whole: bool) -> None:
        self._run, self._whole = run, whole
        self._at = self._piece = 0

    async def pour(self, take: Take) -> bool:
        run = self._run
        while self._piece < len(run.pieces):
            count, text = run.pieces[self._piece]
            self._piece += 1
            ids = run.ids[self._at : self._at + count]
            self._at += count
            last = self._piece == len(run.pieces)
            chunk = Chunk(ids, text, run.stop if last else None, run.cached if last else None)
            if not take(chunk):
                return True
        if run.gone:
            raise EngineUnavailable("The engine went away, as it did then.")
        if run.stop is None and not self._whole:
            raise _RanOut
        return False

    async def aclose(self) -> None:
        self._piece = len(self._run.pieces)


class _Searches:
    """A search that brings what it brought."""

    def __init__(
        self, searches: Sequence[Brought], notes: list[str], *, whole: bool = True
    ) -> None:
        self._left = list(searches)
        self._notes, self._whole = notes, whole

    async def __call__(self, query: Query, adapters: tuple[str, ...] = ()) -> Brought:
        found = next((each for each in self._left if each.query == query.text), None)
        if found is None and not (self._left or self._whole):
            raise _RanOut
        if found is None:
            self._notes.append(f"searched for is {query.text!r}, which was not")
            found = self._left[0] if self._left else None
        if found is None:
            return Brought(query.text, (), "", "not recorded", 0.0, 0.0, "", 0.0, False)
        self._left.remove(found)
        return found


def _at_difference(text: str, known: Mapping[str, object]) -> str:
    """Where a text departs from the one that is most like it."""

    def shared(other: str) -> int:
        pairs = enumerate(zip(text, other, strict=False))
        return next((at for at, (one, two) in pairs if one != two), min(len(text), len(other)))

    at = max(map(shared, known), default=0)
    return repr(text[max(0, at - 20) : at + 40])
