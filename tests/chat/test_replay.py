"""An answer made again from its trace: the same, id for id; and what is found where it is not."""

from contextlib import aclosing
from dataclasses import replace

import pytest

from app.chat.access.caller import Caller
from app.chat.events import Finished
from app.chat.request import ChatRequest
from app.chat.steady import Patience
from app.chat.traces import trace as traces
from app.chat.traces.recorder import Recorder
from app.chat.traces.replay import again, replay
from app.chat.traces.trace import Trace
from app.dialect import results
from app.dialect.neutralise import Neutraliser
from app.errors import EngineUnavailable
from search_adapters.protocol import DateRange
from tests.chat.goldens import GOLDENS
from tests.fakes.engine import Chunking, Says, ScriptedEngine
from tests.fakes.scene import Scene, ask
from tests.fakes.search import FakeSearch, Find, found

GONE = EngineUnavailable("gone")
TWO = (
    "Hm [SEARCH_START] Harwick Prize[SEARCH_END]",
    " and [SEARCH_START] Harwick Prize\nOther prize[SEARCH_END]",
    "Ana [1], and no [9].",
)


async def recorded(
    scene: Scene, request: ChatRequest | None = None, *, leave_after: int | None = None
) -> Trace:
    """Play an answer and record it; what is kept is what is read again."""
    request = request or ask()
    means = replace(await scene.means(), patience=Patience(scene.engine, 1.0))
    recorder = Recorder()
    assert recorder.trace(scene.transcript) is None
    recorder.begun(request, await scene.prompt(request, means), "Tools: search.")
    batches = 0
    async with aclosing(await scene.start(request, recorder.made_with(means))) as events:
        async for _ in events:
            batches += 1
            if batches == leave_after:
                break
    trace = recorder.trace(scene.transcript)
    assert trace is not None
    again = traces.unpacked(traces.packed(trace))
    assert again == trace
    return again


def scene(*legs: object, single: bool = True, **options: object) -> Scene:
    engine = ScriptedEngine(*legs, single=single, **options)  # type: ignore[arg-type]
    return Scene(engine, FakeSearch(found("Ana won it."), Find(failure="timed out"), found("B.")))


@pytest.mark.parametrize("name", GOLDENS)
@pytest.mark.parametrize("single", [True, False])
async def test_every_dialect(name: str, single: bool) -> None:
    golden = GOLDENS[name]
    engine = ScriptedEngine(
        *golden.legs, single=single, dialect=golden.dialect, end=golden.end, opens=golden.opens,
        chunking=Chunking(ids=(1, 3), chars=(2, 7)),
    )  # fmt: skip
    trace = await recorded(Scene(engine, FakeSearch(found("Ana.")), dialect=golden.dialect))
    assert len(trace.runs) == 2
    assert trace.runs[0].ids == tuple(engine.history[0].output)
    replayed = await replay(trace)
    assert replayed.notes == ()
    assert replayed.same
    assert replayed.ids == trace.ids


@pytest.mark.parametrize(
    "request_",
    [
        ask(),
        ask(policy="always", seed=-7),
        ask(max_tokens=9),
        ask(max_searches=1),
        ask(stop=("Ana",)),
        ask(freshness=DateRange(), language="en", allowed_domains=("a.example",)),
        ask(freshness="any"),
    ],
    ids=["plain", "always", "short", "one search", "stop string", "range", "any"],
)
async def test_every_way_to_end(request_: ChatRequest) -> None:
    trace = await recorded(scene(*TWO), request_)
    replayed = await replay(trace)
    assert (replayed.first, replayed.notes) == (None, ())
    assert replayed.ids == trace.ids


async def test_the_origins_are_kept() -> None:
    trace = await recorded(scene(*TWO))
    origins = [segment.origin for segment in trace.segments]
    assert origins == ["prompt", "model", "search", "model", "search", "model"]
    assert trace.segments[-1].end == len(trace.ids)
    assert [each.query for each in trace.searches] == ["Harwick Prize", "Other prize"]
    assert trace.searches[1].failure == "timed out"


async def test_who_asked_is_not_in_it() -> None:
    request = replace(ask(), caller=Caller("key_1", salt="salt-of-key-1"))
    trace = await recorded(scene("Yes."), request)
    assert trace.request.caller == Caller()
    assert b"salt-of-key-1" not in traces._encoder.encode(trace)


@pytest.mark.parametrize("single", [True, False])
async def test_an_engine_that_went_away_and_came_back(single: bool) -> None:
    trace = await recorded(scene(Says("The prize we", fails=GONE), "nt to Ana.", single=single))
    assert [run.gone for run in trace.runs] == [True, False]
    assert (await replay(trace)).same


async def test_an_engine_that_stayed_away() -> None:
    played = scene(Says("The prize", fails=GONE), Says(" we", fails=GONE))
    trace = await recorded(played)
    replayed = await replay(trace)
    assert (replayed.notes, replayed.ids) == ((), trace.ids)


async def test_an_answer_whose_client_left() -> None:
    """What there is, is the same; there is nothing to say of the rest."""
    for batches in range(1, 12):
        trace = await recorded(scene(*TWO), leave_after=batches)
        replayed = await replay(trace)
        assert replayed.same, batches


async def test_another_results_block_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    played = scene(*TWO)
    trace = await recorded(played)
    monkeypatch.setattr(results.Numbered, "head", lambda self: f"({self.number})")
    blind = await replay(trace)
    assert blind.first is None
    assert not blind.same
    assert "(1): Ana won it." in blind.notes[0]
    seeing = await replay(trace, played.engine.encode)
    injected = trace.segments[2]
    assert seeing.first is not None
    assert injected.start < seeing.first < injected.end
    assert seeing.origin == "search"
    assert seeing.ids[: seeing.first] == trace.ids[: seeing.first]
    assert seeing.ids[seeing.first] != trace.ids[seeing.first]


async def test_other_parameters_are_told() -> None:
    trace = await recorded(scene(*TWO))
    sampling = replace(trace.request.sampling, temperature=0.5)
    replayed = await replay(replace(trace, request=replace(trace.request, sampling=sampling)))
    assert replayed.first is None
    assert "leg 0: sampling was" in replayed.notes[0]
    assert len(replayed.notes) == 3


async def test_fewer_searches_are_told() -> None:
    trace = await recorded(scene(*TWO))
    fewer = replace(trace, limits=replace(trace.limits, max_searches=1))
    replayed = await replay(fewer)
    assert not replayed.same
    assert any("No searches left" in note or "forbid" in note for note in replayed.notes)


async def test_a_marker_that_is_none_any_more() -> None:
    """The span is not seen: the sequence ends where the results began."""
    trace = await recorded(scene("Hm [SEARCH_START] q[SEARCH_END]", "Ana."))
    blind = replace(
        trace.vocabulary, singles={}, dialect="search-r1", neutralised=Neutraliser(()).literals
    )
    replayed = await replay(replace(trace, vocabulary=blind))
    assert replayed.first == trace.segments[2].start
    assert replayed.origin == "search"


async def test_another_engine_says_otherwise() -> None:
    trace = await recorded(scene(*TWO), ask(seed=3))
    other = scene(TWO[0], "It was Ben [1].").engine
    replayed = await again(trace, other)
    assert other.history[0].leg.sampling.temperature == 0
    assert other.history[0].leg.sampling.seed is None
    assert other.history[1].leg.prompt == trace.ids[: trace.segments[2].end]
    assert replayed.origin == "model"
    assert replayed.first is not None
    assert replayed.ids[: replayed.first] == trace.ids[: replayed.first]


async def test_the_same_engine_says_the_same() -> None:
    trace = await recorded(scene(*TWO))
    assert (await again(trace, scene(*TWO).engine)).same


async def test_a_search_that_was_not_made() -> None:
    trace = await recorded(scene(*TWO))
    replayed = await again(trace, scene("[SEARCH_START] Unheard of[SEARCH_END]", "So.").engine)
    assert "searched for is 'Unheard of'" in replayed.notes[0]
    assert replayed.first is not None


@pytest.mark.parametrize("raw", [b"", b"nonsense", b"x\x9c", traces.zlib.compress(b"\x80")])
def test_what_is_no_trace(raw: bytes) -> None:
    with pytest.raises(traces.Unreadable):
        traces.unpacked(raw)


async def test_a_trace_of_another_version() -> None:
    trace = await recorded(scene("Yes."))
    with pytest.raises(traces.Unreadable, match="version 9"):
        traces.unpacked(traces.packed(replace(trace, version=9)))


async def test_recording_changes_nothing() -> None:
    plain = scene(*TWO)
    events = [event async for batch in await plain.start() for event in batch]
    noted = scene(*TWO)
    trace = await recorded(noted)
    assert trace.ids == tuple(plain.transcript.ids)
    assert isinstance(events[-1], Finished)
    assert [p.leg.prompt for p in noted.engine.history] == [
        p.leg.prompt for p in plain.engine.history
    ]
