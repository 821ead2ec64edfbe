"""An engine that goes away in mid-answer and comes back: a pause, the same tokens, one answer."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.events import Event, Failed, Finished, check
from app.chat.request import ChatRequest
from app.chat.steady import Patience
from app.errors import EngineBusy, EngineUnavailable, EngineUnfit, Overloaded
from tests.fakes.engine import Chunking, Says, ScriptedEngine
from tests.fakes.scene import Outcome, Scene, ask
from tests.fakes.search import FakeSearch, found

GONE = EngineUnavailable("gone")
PATIENCE = 7.0
both = pytest.mark.parametrize("single", [True, False])


async def play(engine: ScriptedEngine, request: ChatRequest | None = None) -> Outcome:
    scene = Scene(engine, FakeSearch(found("Ana.")))
    means = replace(await scene.means(), patience=Patience(engine, PATIENCE))
    events: list[Event] = []
    async for batch in await scene.start(request, means):
        events += batch
    assert check(events) is None
    assert all(played.closed for played in engine.history)
    return Outcome(events, scene.transcript, engine.history, engine)


@both
async def test_goes_on_from_the_exact_ids(single: bool) -> None:
    engine = ScriptedEngine(Says("The prize we", fails=GONE), "nt to Ana.", single=single)
    outcome = await play(engine, ask(max_tokens=50, seed=5))

    first, second = outcome.history
    assert second.leg.prompt == (*first.leg.prompt, *first.output)
    assert second.leg.max_tokens == first.leg.max_tokens - len(first.output)
    assert second.leg.sampling.seed not in (None, first.leg.sampling.seed)
    assert second.leg.session == first.leg.session
    assert outcome.text == "The prize went to Ana."
    assert outcome.transcript.of("model") == [*first.output, *second.output]
    (leg,) = outcome.usage.legs
    assert (leg.generated, leg.retried) == (len(first.output) + len(second.output), True)
    assert engine.waited == [PATIENCE]


async def test_in_the_middle_of_a_query_and_of_its_text() -> None:
    """Without single tokens the engine holds text back that may begin a stop string."""
    engine = ScriptedEngine(
        Says("[SEARCH_START] Harwick Prize[SEARCH", fails=GONE), "_END]", "It was Ana [1].",
        single=False, piece=4,
    )  # fmt: skip
    outcome = await play(engine)
    assert outcome.queries == [("Harwick Prize",)]
    assert outcome.text == "It was Ana [1]."
    assert [leg.retried for leg in outcome.usage.legs] == [True, False]


async def test_in_the_middle_of_a_character() -> None:
    """Half a character that never was sent is no text; the engine writes the whole one."""
    engine = ScriptedEngine(Says(["A", " "], fails=GONE), ["🦊"])
    decode = engine.decode

    async def with_half(ids: list[int]) -> str:
        text = await decode(ids)
        return text + "\N{REPLACEMENT CHARACTER}" if text.endswith("A ") else text

    engine.decode = with_half  # type: ignore[method-assign]
    assert (await play(engine)).text == "A 🦊"


@pytest.mark.parametrize("before", [Says("", fails=GONE), Says("It was ", fails=GONE)])
async def test_in_a_leg_after_a_search(before: Says) -> None:
    engine = ScriptedEngine("Hm [SEARCH_START] q[SEARCH_END]", before, "Ana [1].")
    outcome = await play(engine)
    assert outcome.text.endswith("Ana [1].")
    assert isinstance(outcome.events[-1], Finished)
    assert [leg.retried for leg in outcome.usage.legs] == [False, True]


async def test_while_the_results_are_encoded() -> None:
    engine = ScriptedEngine("[SEARCH_START] q[SEARCH_END]", "Ana [1].")
    encode, failures = engine.encode, [GONE]

    async def once(text: str) -> list[int]:
        if "Ana" in text and failures:
            raise failures.pop()
        return await encode(text)

    engine.encode = once  # type: ignore[method-assign]
    outcome = await play(engine)
    assert outcome.text == "Ana [1]."
    assert engine.waited == [PATIENCE]


async def test_a_second_time_in_a_leg_is_the_end() -> None:
    engine = ScriptedEngine(Says("One ", fails=GONE), Says("two ", fails=GONE), "three")
    outcome = await play(engine)
    assert isinstance(outcome.events[-1], Failed)
    assert outcome.text == "One two "


async def test_one_that_comes_back_as_another() -> None:
    engine = ScriptedEngine(Says("One ", fails=GONE), "two")
    engine.gone = EngineUnfit("another model")
    outcome = await play(engine)
    last = outcome.events[-1]
    assert isinstance(last, Failed)
    assert last.error is engine.gone
    assert len(outcome.history) == 1


async def test_before_the_first_token_it_is_a_plain_error() -> None:
    with pytest.raises(EngineUnavailable):
        await play(engine := ScriptedEngine(GONE, "unused"))
    assert engine.waited == []


@pytest.mark.parametrize("full", [EngineBusy("full"), Overloaded("full")])
async def test_an_answer_under_way_waits_for_its_place(
    full: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.chat.steady.FIRST_PAUSE", 0.0)
    engine = ScriptedEngine("[SEARCH_START] q[SEARCH_END]", full, full, full, "Ana [1].")
    outcome = await play(engine)
    assert outcome.text == "Ana [1]."
    assert len({played.leg.prompt for played in outcome.history[1:]}) == 1
    assert [leg.retried for leg in outcome.usage.legs] == [False, False]
    assert engine.waited == []


async def test_a_place_after_a_break_is_waited_for_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.chat.steady.FIRST_PAUSE", 0.0)
    engine = ScriptedEngine(Says("It was ", fails=GONE), EngineBusy("full"), "Ana.")
    outcome = await play(engine)
    assert outcome.text == "It was Ana."
    assert [played.leg.prompt for played in outcome.history[1:]] == [
        outcome.history[1].leg.prompt
    ] * 2


@pytest.mark.parametrize("full", [EngineBusy("full"), Overloaded("full")])
async def test_no_place_for_longer_than_the_patience_lasts(
    full: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.chat.steady.FIRST_PAUSE", PATIENCE + 1)
    engine = ScriptedEngine("Hm [SEARCH_START] q[SEARCH_END]", full, "unused")
    last = (await play(engine)).events[-1]
    assert isinstance(last, Failed)
    assert last.error is full


@pytest.mark.parametrize("full", [EngineBusy("full"), Overloaded("full")])
async def test_one_that_has_not_begun_is_refused_at_once(full: Exception) -> None:
    with pytest.raises(type(full)):
        await play(ScriptedEngine(full, "unused"))


async def test_a_tokenizer_that_reads_its_own_tokens_otherwise() -> None:
    engine = ScriptedEngine(Says("One ", fails=GONE), "two")

    async def decode(ids: object) -> str:
        return "something else"

    engine.decode = decode  # type: ignore[method-assign]
    outcome = await play(engine)
    assert isinstance(outcome.events[-1], Failed)


@given(cut=st.integers(1, 44), single=st.booleans(), ids=st.integers(1, 5), piece=st.integers(1, 6))
async def test_wherever_it_breaks_the_answer_is_the_same(
    cut: int, single: bool, ids: int, piece: int
) -> None:
    said = "Hm. [SEARCH_START] Harwick Prize[SEARCH_END]"
    engine = ScriptedEngine(single=single, piece=piece, chunking=Chunking(ids=(ids,)))
    pieces = engine.tokenizer.cut(said, piece)
    at = max(1, min(cut, len(pieces) - 1))
    engine.enqueue(Says(pieces[:at], fails=GONE), pieces[at:], "It was Ana [1].")
    outcome = await play(engine)
    assert outcome.queries == [("Harwick Prize",)]
    assert outcome.text == "Hm. It was Ana [1]."
    model = [id_ for played in outcome.history for id_ in played.output]
    assert outcome.transcript.of("model") == model
