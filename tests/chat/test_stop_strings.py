"""A client's stop strings end the prose and nothing else, however the text comes in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.prose.stop_strings import StopStrings
from tests.fakes.engine import Chunking, ScriptedEngine
from tests.fakes.scene import Scene, ask
from tests.fakes.search import FakeSearch, found

both = pytest.mark.parametrize("single", [True, False])
CHUNKINGS = [Chunking(), Chunking(ids=(1000,)), Chunking(ids=(2,), chars=(1,), reads=(3,))]
ASKS = "Look. [SEARCH_START] one\ntwo [x][SEARCH_END]"


def read(stops: tuple[str, ...], pieces: list[str]) -> tuple[str, bool]:
    reader = StopStrings(stops)
    text = "".join(map(reader.feed, pieces)) + reader.finish()
    return text, reader.matched


@pytest.mark.parametrize(
    ("stops", "text", "shown"),
    [
        (("STOP",), "One. STOP Two. STOP", "One. "),
        (("STOP",), "One. STO", None),
        (("aab",), "aaab", "a"),
        (("abcd", "bc"), "xabcd", "xa"),
        (("bc", "abc"), "xabc", "x"),
        (("\n",), "\n\nParis.\nIt is", "Paris."),
        ((), "Any.", None),
    ],
)
def test_the_text_is_cut_before_the_match(stops, text, shown) -> None:
    expected = (text, False) if shown is None else (shown, True)
    assert read(stops, [text]) == expected
    assert read(stops, list(text)) == expected


@given(
    text=st.text("ab\n ", max_size=30),
    stops=st.lists(st.text("ab\n", min_size=1, max_size=5), max_size=4).map(tuple),
    cuts=st.lists(st.integers(0, 30), max_size=8),
)
def test_pieces_do_not_show(text: str, stops: tuple[str, ...], cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    whole = read(stops, [text])
    assert read(stops, [text[a:b] for a, b in pairwise(edges)]) == whole
    assert not any(stop in whole[0].lstrip() for stop in stops)
    assert text.lstrip().startswith(whole[0].lstrip())


@both
@pytest.mark.parametrize("chunking", CHUNKINGS)
@pytest.mark.parametrize("stop", ["]", "[", "\n", "SEARCH", " two", "_START] o"])
async def test_markers_and_queries_are_no_place_for_a_stop_string(
    single: bool, chunking: Chunking, stop: str
) -> None:
    engine = ScriptedEngine(ASKS, "Ana won it.", single=single, chunking=chunking)
    scene = Scene(engine, FakeSearch(found("A."), found("B.")))
    outcome = await scene.play(ask(stop=(stop,)))
    assert scene.search.queries == ["one", "two [x]"]
    assert (outcome.text, outcome.reason) == ("Look. Ana won it.", "stop")
    assert len(outcome.history) == 2


@both
@pytest.mark.parametrize("chunking", CHUNKINGS)
async def test_a_match_ends_the_answer_and_closes_the_engine(
    single: bool, chunking: Chunking
) -> None:
    """A span right behind the match is never opened. The ids that came stay in the transcript."""
    engine = ScriptedEngine(f"One. STOP {ASKS}", single=single, chunking=chunking)
    scene = Scene(engine)
    outcome = await scene.play(ask(stop=("nowhere", "STOP")))
    assert (outcome.text, outcome.reason) == ("One. ", "stop")
    assert scene.search.history == []
    (played,) = outcome.history
    assert played.closed


@both
async def test_on_every_leg(single: bool) -> None:
    engine = ScriptedEngine("[SEARCH_START] q[SEARCH_END]", "Yes.STOPNo.", single=single)
    outcome = await Scene(engine).play(ask(stop=("STOP",)))
    assert (outcome.text, outcome.reason) == ("Yes.", "stop")


async def test_over_a_marker_that_means_nothing() -> None:
    """A stray end marker makes two legs of one text."""
    engine = ScriptedEngine("One ST[SEARCH_END]", "OP two.")
    outcome = await Scene(engine).play(ask(stop=("STOP",)))
    assert (outcome.text, outcome.reason) == ("One ", "stop")


async def test_what_may_begin_a_stop_string_comes_before_the_search() -> None:
    engine = ScriptedEngine("Well ST[SEARCH_START] q[SEARCH_END]", "OP it.")
    outcome = await Scene(engine).play(ask(stop=("STOP",)))
    assert (outcome.text, outcome.reason) == ("Well STOP it.", "stop")


async def test_a_query_released_as_text_is_prose() -> None:
    engine = ScriptedEngine("[SEARCH_START] one\ntwo")
    outcome = await Scene(engine).play(ask(stop=("\n",)))
    assert (outcome.text, outcome.reason) == ("one", "stop")


async def test_what_is_held_back_is_released_at_the_length() -> None:
    engine = ScriptedEngine(["One. ", "ST", "OP"])
    outcome = await Scene(engine).play(ask(stop=("STOP",), max_tokens=2))
    assert (outcome.text, outcome.reason) == ("One. ST", "length")
