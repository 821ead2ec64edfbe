"""The stream's grammar: what `check` refuses, and that what is said of a search is true."""

import asyncio
from contextlib import aclosing

import pytest

from app.chat.events import (
    Failed,
    Finished,
    QueryDelta,
    QueryOpened,
    SearchFinished,
    SearchStarted,
    Started,
    TextDelta,
    Usage,
    check,
)
from app.errors import EngineUnavailable
from tests.fakes.engine import Chunking, ScriptedEngine
from tests.fakes.scene import Scene, ask
from tests.fakes.search import FakeSearch, found

STARTED, TEXT, FINISHED = Started(1), TextDelta("a"), Finished("stop", Usage(1))
OPENED, DELTA, SEARCHING = QueryOpened(0), QueryDelta(0, "q"), SearchStarted(0, ("q",))
SEARCHED = SearchFinished(0, ("q",), (), "fake", None, 0.1)
FAILED = Failed(EngineUnavailable("gone"), Usage(1))

GOOD = [
    [STARTED, FINISHED],
    [STARTED, TEXT, FINISHED],
    [STARTED, TEXT, OPENED, DELTA, DELTA, SEARCHING, SEARCHED, TEXT, FINISHED],
    [STARTED, OPENED, SEARCHING, SEARCHED, OPENED, SEARCHING, SEARCHED, FINISHED],
    [STARTED, OPENED, DELTA, TEXT, FINISHED],
    [STARTED, OPENED, OPENED, DELTA, FAILED],
    [STARTED, OPENED, SEARCHING, FAILED],
]
BAD = [
    [],
    [STARTED],
    [TEXT, FINISHED],
    [STARTED, STARTED, FINISHED],
    [STARTED, DELTA, FINISHED],
    [STARTED, SEARCHING, SEARCHED, FINISHED],
    [STARTED, OPENED, SEARCHED, FINISHED],
    [STARTED, OPENED, SEARCHING, TEXT, SEARCHED, FINISHED],
    [STARTED, OPENED, SEARCHING, FINISHED],
    [STARTED, OPENED, DELTA, TEXT, SEARCHING, SEARCHED, FINISHED],
    [STARTED, FINISHED, TEXT],
    [STARTED, FINISHED, FAILED],
]


@pytest.mark.parametrize("events", GOOD)
def test_grammar_accepts(events) -> None:
    assert check(events) is None


@pytest.mark.parametrize("events", BAD)
def test_grammar_refuses(events) -> None:
    assert check(events) is not None


async def test_search_started_leaves_before_the_search_begins() -> None:
    engine = ScriptedEngine("[SEARCH_START] q[SEARCH_END]", "Done.")
    gate = asyncio.Event()
    search = FakeSearch(found("Text."), gate=gate)
    async with aclosing(await Scene(engine, search).start()) as batches:
        events = []
        while not any(isinstance(event, SearchStarted) for event in events):
            events += await anext(batches)
        assert search.history == []

        following = asyncio.ensure_future(anext(batches))
        await search.began.wait()
        assert not following.done()
        gate.set()
        (finished,) = await following
        assert isinstance(finished, SearchFinished)


async def test_the_order_of_one_search() -> None:
    engine = ScriptedEngine("Hm. [SEARCH_START] a b[SEARCH_END]", "Ana [1].", piece=50)
    outcome = await Scene(engine, FakeSearch(found("Text."))).play()

    kinds = [type(event).__name__ for event in outcome.events]
    assert kinds == [
        "Started", "TextDelta", "TextDelta", "QueryOpened", "QueryDelta", "SearchStarted",
        "SearchFinished", "TextDelta", "Cited", "TextDelta", "Finished",
    ] or kinds == [
        "Started", "TextDelta", "TextDelta", "QueryOpened", "QueryDelta", "SearchStarted",
        "SearchFinished", "TextDelta", "Cited", "Finished",
    ]  # fmt: skip
    assert outcome.events[0] == Started(outcome.usage.prompt)
    assert outcome.query_text == " a b"
    assert outcome.queries == [("a b",)]


async def test_one_read_is_one_batch() -> None:
    """What one read brought leaves together: fewer wake-ups, fewer writes."""
    engine = ScriptedEngine("One two three.", chunking=Chunking(ids=(1,), reads=(100,)))
    async with aclosing(await Scene(engine).start()) as batches:
        sizes = [len(batch) async for batch in batches]
    assert len(sizes) == 2  # the read, and the end


async def test_elapsed_and_resume_times_are_there() -> None:
    engine = ScriptedEngine("[SEARCH_START] q[SEARCH_END]", "Done.", cached=True)
    outcome = await Scene(engine, FakeSearch(found("Text."))).play()

    assert outcome.searches[0].elapsed >= 0
    first, second = outcome.usage.legs
    assert (first.cached, second.cached) == (0, first.prompt)
    assert first.resume_ms is None
    assert second.resume_ms is not None
    assert second.resume_ms >= 0


async def test_spans_are_counted() -> None:
    engine = ScriptedEngine(
        "[SEARCH_START] a[SEARCH_END]",
        "[SEARCH_START][SEARCH_END]",
        "[SEARCH_START] b[SEARCH_END]",
        ".",
    )
    outcome = await Scene(engine, FakeSearch(found("A."), found("B."))).play(ask())

    assert [event.index for event in outcome.of(QueryOpened)] == [0, 1, 2]
    assert [event.index for event in outcome.of(SearchStarted)] == [0, 2]
