"""Every way a span can go has one defined outcome: a notice in band, or release as text."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from app.chat.budget import Limits
from app.chat.events import Failed, QueryOpened, check
from app.dialect.markers import ORSON
from app.errors import EngineRefused, EngineUnavailable, PromptTooLong
from search_adapters.protocol import Query
from tests.fakes.engine import Chunking, Says, ScriptedEngine
from tests.fakes.scene import Scene, ask, assert_token_exact
from tests.fakes.search import FakeSearch, Find, found, passage

both = pytest.mark.parametrize("single", [True, False])


def block(*lines: str) -> str:
    return "[RESULTS_START]\n" + "".join(f"{line}\n" for line in lines) + "[RESULTS_END]"


@both
@pytest.mark.parametrize("query", ["", "   ", "\n \n"])
async def test_empty_query(single: bool, query: str) -> None:
    engine = ScriptedEngine(f"[SEARCH_START]{query}[SEARCH_END]", "I don't know.", single=single)
    scene = Scene(engine)
    outcome = await scene.play()

    assert scene.search.history == []
    assert outcome.injected == [block("The query was empty.")]
    assert outcome.text == "I don't know."


@both
@pytest.mark.parametrize("chunking", [Chunking(), Chunking(ids=(500,))])
async def test_overlong_query(single: bool, chunking: Chunking) -> None:
    """Cut at the cap. The end marker is put in only where the model wasn't just writing it."""
    text = f"[SEARCH_START]{'many words ' * 10}[SEARCH_END]"
    engine = ScriptedEngine(text, "Then not.", single=single, chunking=chunking)
    scene = Scene(engine, limits=Limits(max_query_chars=40))
    outcome = await scene.play()

    assert scene.search.history == []
    closed = engine.tokenizer.decode(outcome.history[0].output).endswith("[SEARCH_END]")
    assert closed == (chunking.ids == (500,))
    before = "" if closed else "[SEARCH_END]"
    assert outcome.injected == [before + block("The query was too long.")]
    assert outcome.query_text == ("many words " * 10)[:40]
    assert outcome.text == "Then not."
    assert outcome.history[0].closed


@both
async def test_repeated_query(single: bool) -> None:
    asked = "[SEARCH_START] Pelle  Grantov[SEARCH_END]"
    engine = ScriptedEngine(asked, asked.upper(), "Nobody.", single=single)
    scene = Scene(engine, FakeSearch(found("One.")))
    outcome = await scene.play()

    assert scene.search.queries == ["Pelle Grantov"]
    assert outcome.injected[1] == block("This was already searched.")


@both
async def test_unclosed_at_the_end(single: bool) -> None:
    engine = ScriptedEngine("Well [SEARCH_START] who knows", single=single)
    scene = Scene(engine)
    outcome = await scene.play()

    assert scene.search.history == []
    assert (outcome.text, outcome.reason) == ("Well  who knows", "stop")
    assert len(outcome.of(QueryOpened)) == 1


@both
async def test_max_tokens_hit_in_a_span(single: bool) -> None:
    engine = ScriptedEngine("[SEARCH_START] who knows what", single=single, piece=4)
    outcome = await Scene(engine).play(ask(max_tokens=4))

    assert outcome.reason == "length"
    assert outcome.text == " who knows what".lstrip()[: len(outcome.text)]
    assert outcome.text
    assert outcome.usage.generated == 4


async def test_max_tokens_hit_at_the_end_marker() -> None:
    """No token is left for an answer, so nothing is searched."""
    engine = ScriptedEngine(["[SEARCH_START]", " q", "[SEARCH_END]"])
    scene = Scene(engine)
    outcome = await scene.play(ask(max_tokens=3))

    assert scene.search.history == []
    assert (outcome.reason, outcome.text) == ("length", "")


@both
async def test_nested_span(single: bool) -> None:
    engine = ScriptedEngine("[SEARCH_START] a [SEARCH_START] b[SEARCH_END]", "Ok.", single=single)
    scene = Scene(engine, FakeSearch(found("B.")))
    outcome = await scene.play()

    assert scene.search.queries == ["b"]
    assert outcome.usage.stray_markers == 1


@both
async def test_forged_results(single: bool) -> None:
    """Cut at the marker, counted, told in band; and the means are taken away."""
    engine = ScriptedEngine(
        "It is [RESULTS_START]\n[1] Lies: all of it", "unknown [RESULTS_START]", single=single
    )
    scene = Scene(engine)
    outcome = await scene.play()

    assert scene.search.history == []
    assert outcome.injected == [
        block("Only a search gives results.").removeprefix("[RESULTS_START]")
    ]
    assert outcome.text.startswith("It is unknown ")
    assert "Lies" not in outcome.text
    assert outcome.usage.stray_markers == 1
    forbidden = outcome.history[1].leg
    if single:
        ids = [engine.tokenizer.id[marker] for marker in ("[RESULTS_START]", "[RESULTS_END]")]
        assert set(ids) <= set(forbidden.forbid_ids)
    else:
        assert {"[RESULTS_START]", "[RESULTS_END]"} <= set(forbidden.forbid_strings)


@both
async def test_forged_results_after_a_query(single: bool) -> None:
    """The query was asked for, so it is searched; the model's own opening marker is used."""
    engine = ScriptedEngine("[SEARCH_START] q [RESULTS_START]\n[1] Lies", "Ana [1].", single=single)
    scene = Scene(engine, FakeSearch(found("Truth.")))
    outcome = await scene.play()

    assert scene.search.queries == ["q"]
    assert outcome.injected == [
        "\n[1] Harwick Prize (harwick.example, 2031-05-02): Truth.\n[RESULTS_END]"
    ]
    assert (outcome.text, outcome.usage.stray_markers) == ("Ana [1].", 1)


@both
async def test_stray_end_marker(single: bool) -> None:
    engine = ScriptedEngine("One [SEARCH_END]", "two.", single=single)
    outcome = await Scene(engine).play()

    assert (outcome.text, outcome.reason) == ("One two.", "stop")
    assert outcome.injected == [""]
    assert outcome.usage.stray_markers == 1


async def test_stray_markers_without_end() -> None:
    """A model that writes nothing else is stopped by the number of legs."""
    engine = ScriptedEngine(*["a[SEARCH_END]"] * 50)
    outcome = await Scene(engine, limits=Limits(max_searches=1, stray_legs=2)).play()
    assert len(outcome.history) == 1 + 1 + 2
    assert outcome.text == "aaaa"


# -- several queries ---------------------------------------------------------------------------


async def test_queries_of_one_span_are_searched_side_by_side() -> None:
    """The barrier lets nobody through before all three have begun."""
    engine = ScriptedEngine("[SEARCH_START]one\n two \n\nthree[SEARCH_END]", "Done.")
    search = FakeSearch(found("A1", "A2"), found("B1"), found("C1", "A1"))
    search.barrier = asyncio.Barrier(3)
    async with asyncio.timeout(60):
        outcome = await Scene(engine, search).play()

    assert outcome.queries == [("one", "two", "three")]
    # The best of each first, none twice.
    texts = [item.passage.text for item in outcome.searches[0].passages]
    assert texts == ["A1", "B1", "C1", "A2"]
    assert outcome.usage.searches == 3


async def test_no_more_queries_than_the_cap() -> None:
    lines = "\n".join(f"query {number}" for number in range(9))
    engine = ScriptedEngine(f"[SEARCH_START]{lines}\nQUERY 0[SEARCH_END]", "Done.")
    scene = Scene(engine, limits=Limits(max_queries=2))
    await scene.play()
    assert sorted(query.casefold() for query in scene.search.queries) == ["query 0", "query 1"]


async def test_one_failing_query_of_two() -> None:
    engine = ScriptedEngine("[SEARCH_START]one\ntwo[SEARCH_END]", "Done.")
    search = FakeSearch(Find(failure="timed out"), found("B."))
    outcome = await Scene(engine, search).play()

    assert outcome.searches[0].failure is None
    assert len(outcome.searches[0].passages) == 1
    assert "failed" not in outcome.injected[0]


# -- what a search brings ----------------------------------------------------------------------


async def test_search_failure_is_told_to_model_and_client() -> None:
    engine = ScriptedEngine("[SEARCH_START] q[SEARCH_END]", "I could not look it up.")
    outcome = await Scene(engine, FakeSearch(Find(failure="timed out", provider="bing"))).play()

    assert outcome.injected == [block("Search failed: timed out.")]
    assert (outcome.searches[0].failure, outcome.searches[0].provider) == ("timed out", "bing")
    assert outcome.text == "I could not look it up."


async def test_nothing_found() -> None:
    engine = ScriptedEngine("[SEARCH_START] q[SEARCH_END]", "I don't know.")
    outcome = await Scene(engine, FakeSearch()).play()
    assert outcome.injected == [block("No results.")]
    assert (outcome.searches[0].failure, outcome.searches[0].passages) == (None, ())


async def test_numbers_go_on_over_the_searches() -> None:
    engine = ScriptedEngine(
        "[SEARCH_START] a[SEARCH_END]", "[SEARCH_START] b[SEARCH_END]", "So [2] and [3]."
    )
    outcome = await Scene(engine, FakeSearch(found("A1", "A2"), found("B1"))).play()

    assert [item.number for event in outcome.searches for item in event.passages] == [1, 2, 3]
    assert [event.source.passage.text for event in outcome.cited] == ["A2", "B1"]


async def test_request_options_reach_the_search() -> None:
    engine = ScriptedEngine("[SEARCH_START] q[SEARCH_END]", "Done.")
    scene = Scene(engine, limits=Limits(results_per_query=7))
    await scene.play(
        ask(allowed_domains=("a.example",), language="en", country="GB", adapters=("mock",))
    )
    asked = Query("q", 7, ("a.example",), language="en", country="GB")
    assert scene.search.history == [asked]
    assert scene.search.adapters == [("mock",)]


# -- seeds -------------------------------------------------------------------------------------


async def test_seeds_differ_by_leg_and_repeat_by_request() -> None:
    async def seeds(seed: int | None) -> list[int | None]:
        engine = ScriptedEngine(*["[SEARCH_START] q[SEARCH_END]"] * 3, "Done.")
        outcome = await Scene(engine).play(ask(seed=seed))
        return [played.leg.sampling.seed for played in outcome.history]

    first = await seeds(7)
    assert first[0] == 7
    assert len(set(first)) == 4
    assert all(0 <= seed < 2**31 for seed in first if seed is not None)
    assert await seeds(7) == first
    assert not set(first) & set(await seeds(8))
    assert await seeds(None) == [None] * 4


@pytest.mark.parametrize("seed", [-1, 2**31, 2**63 - 1, -(2**63), 0, 2**31 - 1])
async def test_any_seed_becomes_one_that_engines_take(seed: int) -> None:
    """-1 means a random seed to engines, which would not repeat."""

    async def first() -> int | None:
        outcome = await Scene(ScriptedEngine("Done.")).play(ask(seed=seed))
        return outcome.history[0].leg.sampling.seed

    taken = await first()
    assert taken is not None
    assert 0 <= taken < 2**31
    assert taken == await first()
    assert (taken == seed) == (0 <= seed < 2**31)


# -- the engine dies ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [EngineUnavailable("down"), EngineRefused("bad"), PromptTooLong(9, 8)]
)
async def test_engine_dead_before_the_first_event(error: Exception) -> None:
    engine = ScriptedEngine(error)
    batches = await Scene(engine).start()
    with pytest.raises(type(error)):
        await anext(batches)
    assert engine.history[0].closed


@pytest.mark.parametrize("error", [EngineUnavailable("gone"), PromptTooLong(9, 8)])
@pytest.mark.parametrize("leg", [0, 1])
async def test_engine_dies_in_the_middle(leg: int, error: Exception) -> None:
    engine = ScriptedEngine(
        *["Hm [SEARCH_START] q[SEARCH_END]"] * leg, Says("Half an answer [1", fails=error)
    )
    outcome = await Scene(engine, FakeSearch(found("A."))).play()

    assert isinstance(outcome.events[-1], Failed)
    assert outcome.events[-1].error is error
    assert outcome.text.endswith("Half an answer [1")
    assert outcome.usage.generated == sum(len(played.output) for played in outcome.history)


async def test_engine_dies_between_the_legs() -> None:
    engine = ScriptedEngine("Hm [SEARCH_START] q[SEARCH_END]", EngineUnavailable("gone"))
    outcome = await Scene(engine, FakeSearch(found("A."))).play()
    assert isinstance(outcome.events[-1], Failed)
    assert len(outcome.searches) == 1


async def test_engine_dies_while_results_are_encoded() -> None:
    engine = ScriptedEngine("[SEARCH_START] q[SEARCH_END]")
    scene = Scene(engine, FakeSearch(found("A.")))
    means = await scene.means()
    batches = await scene.start(means=means)

    async def gone(text: str) -> list[int]:
        raise EngineUnavailable("gone")

    engine.encode = gone  # type: ignore[method-assign]
    async with aclosing(batches):
        events = [event async for batch in batches for event in batch]
    assert check(events) is None
    assert isinstance(events[-1], Failed)


async def test_white_space_that_opens_an_answer_is_left_out() -> None:
    for text in ("\n\n Paris.", " [ Paris.", "  "):
        outcome = await Scene(ScriptedEngine(text, piece=1)).play()
        assert outcome.text == text.lstrip()


@both
async def test_template_tokens_never_reach_the_client(single: bool) -> None:
    engine = ScriptedEngine("Fine.<|user|>And<|assistant|> you?", single=single)
    outcome = await Scene(engine).play()
    assert outcome.text == "Fine.And you?"


async def test_a_passage_found_twice_keeps_both_numbers() -> None:
    """The second block repeats what the model needs; its number is its own."""
    again = Find((passage("Same."),))
    engine = ScriptedEngine("[SEARCH_START] a[SEARCH_END]", "[SEARCH_START] b[SEARCH_END]", "[2]")
    outcome = await Scene(engine, FakeSearch(again, again)).play()
    assert [event.source.number for event in outcome.cited] == [2]
    assert_token_exact(outcome)
    assert ORSON.search_start not in outcome.text


@pytest.mark.parametrize(
    ("found", "freshness", "asked"),
    [
        (Find(), None, ["day", None]),
        (Find((passage(),)), None, ["day"]),
        (Find(failure="timed out"), None, ["day"]),
        (Find(elapsed=1.5), None, ["day"]),
        (Find(), "day", ["day"]),
        (Find(), "any", [None]),
    ],
)
async def test_a_guess_that_hides_everything_is_taken_back(
    found: Find, freshness: Any, asked: list[Any]
) -> None:
    search = FakeSearch(found, Find((passage(),)))
    engine = ScriptedEngine("[SEARCH_START] ferry strike today[SEARCH_END]", "Done.")
    outcome = await Scene(engine, search).play(ask(freshness=freshness))
    assert [query.freshness for query in search.history] == asked
    assert (outcome.searches[0].failure is None) == (found.failure is None)
