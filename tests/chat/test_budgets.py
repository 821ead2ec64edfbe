"""Searches, tokens and room are bounded, and there is always an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.budget import Limits, split_queries
from app.chat.events import QueryOpened
from tests.fakes.engine import ScriptedEngine
from tests.fakes.scene import Scene, ask
from tests.fakes.search import FakeSearch, Find, found, passage

NO_MORE = "No searches left. Answer now.\n[RESULTS_END]"
both = pytest.mark.parametrize("single", [True, False])


def asks(number: int) -> str:
    return f"[SEARCH_START] question {number}[SEARCH_END]"


def forbids_search(leg, engine) -> bool:
    if engine.tokenizer.id.get("[SEARCH_START]") is None:
        return "[SEARCH_START]" in leg.forbid_strings
    return engine.tokenizer.id["[SEARCH_START]"] in leg.forbid_ids


@both
@pytest.mark.parametrize("most", [0, 1, 3])
async def test_max_searches(most: int, single: bool) -> None:
    """On the last leg the opening marker is forbidden, and the block before it says so."""
    engine = ScriptedEngine(*(asks(number) for number in range(most + 1)), single=single)
    scene = Scene(engine, FakeSearch(*[found("A.")] * 4))
    outcome = await scene.play(ask(max_searches=most))

    assert len(scene.search.history) == most
    assert len(outcome.history) == most + 1
    forbidden = [forbids_search(played.leg, engine) for played in outcome.history]
    assert forbidden == [False] * most + [True]
    assert [text.endswith(NO_MORE) for text in outcome.injected] == (
        [False] * (most - 1) + [True] if most else []
    )
    assert outcome.text.endswith("I don't know.")  # what the script says when it is forbidden
    assert outcome.reason == "stop"


async def test_the_default_is_three() -> None:
    engine = ScriptedEngine(*map(asks, range(9)))
    outcome = await Scene(engine).play()
    assert len(outcome.queries) == 3


@both
async def test_a_model_that_opens_a_forbidden_span_is_told_again(single: bool) -> None:
    """Some engines can't forbid: then the notice is all there is."""
    engine = ScriptedEngine(asks(1), asks(2), "Well.", single=single)
    engine._wanted = _deaf(engine)  # type: ignore[method-assign]
    scene = Scene(engine, FakeSearch(found("A."), found("B.")))
    outcome = await scene.play(ask(max_searches=1))

    assert scene.search.queries == ["question 1"]
    assert outcome.injected[1] == f"[RESULTS_START]\n{NO_MORE}"
    assert outcome.text == "Well."


def _deaf(engine: ScriptedEngine):
    def wanted(said, leg):
        yield from engine.tokenizer.cut(said.text, 3)
        yield "<|end|>"

    return wanted


async def test_max_tokens_shrinks_and_injected_tokens_do_not_count() -> None:
    engine = ScriptedEngine(asks(1), asks(2), "Done.", piece=4)
    outcome = await Scene(engine, FakeSearch(found("x" * 300), found("y" * 300))).play(
        ask(max_tokens=100)
    )
    given_ = [played.leg.max_tokens for played in outcome.history]
    used = [len(played.output) for played in outcome.history]
    assert given_ == [100, 100 - used[0], 100 - used[0] - used[1]]
    assert outcome.usage.injected > 600
    assert outcome.usage.generated == sum(used)


async def test_max_tokens_left_out_means_the_window() -> None:
    engine = ScriptedEngine(asks(1), "Done.", context_window=3000)
    outcome = await Scene(engine, FakeSearch(found("A."))).play()
    for played in outcome.history:
        assert played.leg.max_tokens <= 3000 - len(played.leg.prompt)


LONG = Find(tuple(passage(f"Sentence {n} goes on. " * 40, url=f"u{n}") for n in range(5)))


@pytest.mark.parametrize("size", ["low", "medium", "high"])
@pytest.mark.parametrize("text", ["Plain sentences go on. ", "漢字は長い文です。", "🙂 "])
async def test_results_keep_to_their_token_budget(size: str, text: str) -> None:
    """Counted in ids, whatever the script: bytes per character are no constant."""
    engine = ScriptedEngine(asks(1), "Done.")
    many = Find(tuple(passage(text * 100, url=f"u{n}") for n in range(5)))
    limits = Limits(results_tokens=1200)
    outcome = await Scene(engine, FakeSearch(many), limits).play(ask(context_size=size))

    budget = {"low": 600, "medium": 1200, "high": 2400}[size]
    (ids,) = outcome.injected_ids
    assert budget * 0.5 < len(ids) <= budget
    assert outcome.searches[0].passages
    assert outcome.injected[0].endswith("\n[RESULTS_END]")


async def test_results_shrink_when_the_window_is_nearly_full() -> None:
    engine = ScriptedEngine(asks(1), "Done.", context_window=700)
    outcome = await Scene(engine, FakeSearch(LONG), Limits(answer_reserve=200)).play()

    assert outcome.searches[0].passages
    assert len(outcome.history[1].leg.prompt) <= 500
    assert outcome.history[1].leg.max_tokens >= 200
    assert outcome.text == "Done."


async def test_no_room_for_results() -> None:
    engine = ScriptedEngine(asks(1), "Done.", context_window=350)
    outcome = await Scene(engine, FakeSearch(LONG), Limits(answer_reserve=256)).play()

    assert outcome.injected == ["[RESULTS_START]\nThere is no room for results.\n[RESULTS_END]"]
    assert outcome.searches[0].passages == ()
    assert outcome.text == "Done."


async def test_no_room_even_for_the_frame() -> None:
    engine = ScriptedEngine("So " + asks(1), "never said", context_window=75)
    scene = Scene(engine, FakeSearch(LONG))
    outcome = await scene.play()
    assert (outcome.text, outcome.reason) == ("So ", "length")
    assert len(outcome.history) == 1


async def test_policy_always_opens_the_first_span() -> None:
    engine = ScriptedEngine(" Pelle Grantov[SEARCH_END]", "Nobody [1].")
    scene = Scene(engine, FakeSearch(found("A.")))
    outcome = await scene.play(ask(policy="always"))

    assert scene.search.queries == ["Pelle Grantov"]
    assert outcome.of(QueryOpened) == [QueryOpened(0)]
    assert outcome.text == "Nobody [1]."


async def test_policy_always_and_a_query_without_end() -> None:
    engine = ScriptedEngine(" Pelle Grantov")
    outcome = await Scene(engine).play(ask(policy="always"))
    assert outcome.text == "Pelle Grantov"


@both
async def test_policy_never_forbids_the_marker_from_the_start(single: bool) -> None:
    engine = ScriptedEngine("Hm. " + asks(1), single=single)
    scene = Scene(engine)
    outcome = await scene.play(ask(policy="never"))

    assert forbids_search(outcome.history[0].leg, engine)
    assert scene.search.history == []
    assert outcome.reason == "stop"
    assert outcome.text.endswith("I don't know.")


async def test_policy_always_without_searches_is_never() -> None:
    engine = ScriptedEngine("Plain.")
    outcome = await Scene(engine, limits=Limits(max_searches=0)).play(ask(policy="always"))
    assert outcome.text == "Plain."
    assert outcome.of(QueryOpened) == []


@given(
    window=st.integers(120, 1200),
    max_tokens=st.none() | st.integers(1, 300),
    lengths=st.lists(st.integers(0, 400), min_size=1, max_size=5),
    text=st.sampled_from(["a ", "漢", "sentence. "]),
)
async def test_the_window_is_never_passed(window, max_tokens, lengths, text) -> None:
    """The engine itself asserts that prompt and max_tokens fit."""
    engine = ScriptedEngine(*map(asks, range(3)), "Done.", "Done.", context_window=window)
    results = [Find((passage(text * length, url=f"u{length}"),)) for length in lengths]
    outcome = await Scene(engine, FakeSearch(*results)).play(ask(max_tokens=max_tokens))
    if outcome.reason == "stop":
        assert outcome.text.endswith(("Done.", "I don't know."))


@pytest.mark.parametrize(
    ("text", "seen", "new", "any_at_all"),
    [
        ("one\ntwo", (), ["one", "two"], True),
        (" One  two \n\n", (), ["One two"], True),
        ("one\nONE", (), ["ONE"], True),
        ("one\ntwo", ("one",), ["two"], True),
        ("ONE", ("one",), [], True),
        ("\n \t", (), [], False),
        ("a\r\nb\u2028c\nd", (), ["a", "b", "c"], True),
    ],
)
def test_split_queries(text, seen, new, any_at_all) -> None:
    assert split_queries(text, seen, 3) == (new, any_at_all)
