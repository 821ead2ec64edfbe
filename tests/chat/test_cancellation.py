"""Whoever leaves early leaves nothing behind: no engine stream, no search, no task."""

import asyncio
from contextlib import aclosing

import pytest

from app.chat.events import check
from tests.fakes.engine import Chunking, Says, ScriptedEngine
from tests.fakes.scene import Scene
from tests.fakes.search import FakeSearch, found

SCRIPT = ("Hm. [SEARCH_START] one\ntwo[SEARCH_END]", "Ana [1] won it.", "unused")


def others() -> set[asyncio.Task[object]]:
    return asyncio.all_tasks() - {asyncio.current_task()}


def make(chunking: Chunking | None = None) -> Scene:
    engine = ScriptedEngine(*SCRIPT, chunking=chunking)
    return Scene(engine, FakeSearch(found("A."), found("B.")))


async def count(chunking: Chunking | None) -> int:
    async with aclosing(await make(chunking).start()) as batches:
        return len([batch async for batch in batches])


@pytest.mark.parametrize("chunking", [None, Chunking(ids=(3,), chars=(1,), reads=(2,))])
async def test_closing_the_answer_at_every_batch(chunking: Chunking | None) -> None:
    total = await count(chunking)
    assert total > 5
    for stop_at in range(total + 1):
        scene = make(chunking)
        batches = await scene.start()
        events = []
        for _ in range(stop_at):
            events += await anext(batches)
        await batches.aclose()

        assert all(played.closed for played in scene.engine.history), stop_at
        assert scene.engine.running == 0
        assert scene.search.running == 0
        assert others() == set()
        assert check(events) is None or stop_at < total


async def test_cancelling_while_the_engine_is_slow() -> None:
    scene = Scene(ScriptedEngine(Says("Half", waits=asyncio.Event())))

    async def consume() -> None:
        async with aclosing(await scene.start()) as batches:
            async for _ in batches:
                started.set()

    started = asyncio.Event()
    task = asyncio.create_task(consume())
    await started.wait()
    assert scene.engine.running == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert scene.engine.history[0].closed
    assert scene.engine.running == 0
    assert others() == set()


async def test_cancelling_during_a_search() -> None:
    scene = make()
    scene.search.gate = asyncio.Event()

    async def consume() -> None:
        async with aclosing(await scene.start()) as batches:
            async for _ in batches:
                pass

    task = asyncio.create_task(consume())
    await scene.search.began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (scene.search.running, scene.search.cancelled) == (0, len(scene.search.history))
    assert scene.engine.history[0].closed
    assert len(scene.engine.history) == 1
    assert others() == set()


async def test_the_engine_is_not_held_open_during_a_search() -> None:
    scene = make()
    scene.search.gate = asyncio.Event()
    async with aclosing(await scene.start()) as batches:
        while True:
            following = asyncio.ensure_future(anext(batches))
            began = asyncio.ensure_future(scene.search.began.wait())
            await asyncio.wait({following, began}, return_when="FIRST_COMPLETED")
            began.cancel()
            if scene.search.began.is_set():
                break
            await following
        assert scene.engine.history[0].closed
        assert scene.engine.running == 0
        scene.search.gate.set()
        await following


async def test_an_unexpected_error_in_a_search_closes_everything() -> None:
    """A search promises never to raise; if it does, that is a bug and not an answer."""
    scene = make()

    def broken() -> None:
        raise ZeroDivisionError

    scene.search.on_start = broken
    with pytest.raises(ZeroDivisionError):
        await scene.play()
    assert scene.engine.history[0].closed
    assert scene.engine.running == 0
