"""The loop tells of the query as it is written, and lets go of what was begun for it."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

import pytest

from app.chat.events import SearchStarted
from app.chat.means import Means
from app.chat.request import ChatRequest
from search_adapters.protocol import Query
from tests.fakes.engine import ScriptedEngine
from tests.fakes.scene import Outcome, Scene, ask
from tests.fakes.search import FakeSearch, Find, passage

QUERY = "[SEARCH_START] Harwick Prize\nAna Lindqvist[SEARCH_END]"


class Foreseen:
    """A `Foresee` that writes down what it is told."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, ...]] = []
        self.taken: list[list[str]] = []
        self.queries: list[Query] = []
        self.closed = 0

    def __call__(self, adapters: tuple[str, ...]) -> "Foreseen":
        self.opened.append(adapters)
        return self

    def take(self, queries: Sequence[Query]) -> None:
        self.taken.append([query.text for query in queries])
        self.queries = list(queries)

    def close(self) -> None:
        self.closed += 1


async def means(scene: Scene, foreseen: Foreseen) -> Means:
    return replace(await scene.means(), foresee=foreseen)


async def play(
    engine: ScriptedEngine, foreseen: Foreseen, request: ChatRequest | None = None, *found: Find
) -> tuple[Outcome, FakeSearch]:
    scene = Scene(engine, FakeSearch(*found))
    return await scene.play(request, await means(scene, foreseen)), scene.search


async def test_the_query_is_told_as_it_is_written() -> None:
    foreseen = Foreseen()
    request = ask(language="sv", allowed_domains=("a.example",))
    _, search = await play(ScriptedEngine(QUERY, "Done."), foreseen, request)
    assert foreseen.taken[-1] == ["Harwick Prize", "Ana Lindqvist"]
    assert len(foreseen.taken) > 2
    # The search asks for exactly what was begun, or it would not find it.
    assert foreseen.queries == search.history
    assert (foreseen.opened, foreseen.closed) == ([()], 1)


async def test_a_span_opened_for_the_model_is_told_too() -> None:
    foreseen = Foreseen()
    engine = ScriptedEngine(" Harwick Prize[SEARCH_END]", "Done.")
    await play(engine, foreseen, ask(policy="always"))
    assert foreseen.taken[-1] == ["Harwick Prize"]
    assert (len(foreseen.opened), foreseen.closed) == (1, 1)


async def test_prose_alone_tells_nothing() -> None:
    foreseen = Foreseen()
    await play(ScriptedEngine("Nothing to look up here."), foreseen)
    assert (foreseen.opened, foreseen.taken, foreseen.closed) == ([], [], 0)


async def test_what_was_searched_before_is_not_begun_again() -> None:
    foreseen = Foreseen()
    again = "[SEARCH_START] harwick prize[SEARCH_END]"
    await play(ScriptedEngine(QUERY, again, "Done."), foreseen)
    assert foreseen.taken[-1] == []
    assert (len(foreseen.opened), foreseen.closed) == (2, 2)


@pytest.mark.parametrize("said", ["[SEARCH_START] never closed", QUERY])
async def test_a_client_that_leaves_lets_go(said: str) -> None:
    foreseen = Foreseen()
    scene = Scene(ScriptedEngine(said, "Done."))
    async with aclosing(await scene.start(None, await means(scene, foreseen))) as batches:
        async for batch in batches:
            if foreseen.taken or any(isinstance(event, SearchStarted) for event in batch):
                break
    assert len(foreseen.opened) == foreseen.closed == 1


async def test_time_hidden_is_reported_for_the_span_and_for_the_answer() -> None:
    one = Find((passage(),), elapsed=0.1, hidden=0.4, cached="fresh")
    two = Find((passage("b"),), elapsed=0.2, hidden=0.1, cached="stale")
    outcome, _ = await play(ScriptedEngine(QUERY, "Done."), Foreseen(), None, one, two)
    (event,) = outcome.searches
    assert event.hidden == pytest.approx(0.3)  # 0.5 s became 0.2 s
    assert event.cached == "stale"
    assert outcome.usage.hidden == pytest.approx(0.3)


async def test_a_guess_that_hid_everything_is_taken_back_in_the_time_that_is_left() -> None:
    found = (Find(elapsed=0.5, left=1.9), Find((passage(),)))
    engine = ScriptedEngine("[SEARCH_START] ferry strike today[SEARCH_END]", "Done.")
    _, search = await play(engine, Foreseen(), None, *found)
    assert [query.seconds for query in search.history] == [None, 1.9]
