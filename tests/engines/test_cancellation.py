"""A client that leaves stops the engine: by the engine's own count, and within a second."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.chat.ports import Leg
from app.engines.llamacpp import LlamaCppEngine
from app.engines.token_stream import TokenStream
from app.engines.vllm import VllmEngine
from app.errors import EngineUnavailable
from model_server.scripted import Answer, Script, ScriptedServer
from tests.engines.backends import GREEDY, TIMEOUTS, Backend

WITHIN = 1.0


async def running_becomes(server: Backend, count: int) -> None:
    """Ask the server until its running count is `count`; fail after a second."""
    async with asyncio.timeout(WITHIN):
        while await server.running() != count:
            pass


async def drain(reads: TokenStream) -> None:
    """Read until the end."""
    async for _ in reads:
        pass


async def long_leg(server: Backend) -> Leg:
    prompt = await server.talk()
    await server.engine.ready()
    return Leg(prompt, server.engine.context_window, GREEDY)


@pytest.fixture
def endless(server: Backend) -> Backend:
    if server.name == "bundled":
        pytest.skip("too quick: its answers are over before we can leave")
    return server


async def test_closing_stops_the_engine(endless: Backend) -> None:
    reads = endless.engine.generate(await long_leg(endless))
    await anext(reads)
    await reads.aclose()
    await running_becomes(endless, 0)


async def test_cancelling_the_reader_stops_the_engine(endless: Backend) -> None:
    leg = await long_leg(endless)
    first = asyncio.Event()

    async def read() -> None:
        async for _ in endless.engine.generate(leg):
            first.set()

    task = asyncio.create_task(read())
    await first.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await running_becomes(endless, 0)


async def test_closing_from_another_task_ends_a_pending_read(scripted: ScriptedServer) -> None:
    engine = VllmEngine(await scripted.start(), timeouts=TIMEOUTS)
    prompt = await engine.encode("hang")
    reads = engine.generate(Leg(prompt, 100, GREEDY))
    first = asyncio.Event()

    async def read() -> None:
        async for _ in reads:
            first.set()

    task = asyncio.create_task(read())
    await first.wait()
    await reads.aclose()
    async with asyncio.timeout(WITHIN):
        await task
        await scripted.idle()
    await engine.aclose()


async def test_closing_before_the_first_read_sends_nothing(server: Backend) -> None:
    reads = server.engine.generate(await long_leg(server))
    await reads.aclose()
    assert [chunks async for chunks in reads] == []


async def test_cancelled_while_the_engine_is_silent(scripted: ScriptedServer) -> None:
    engine = VllmEngine(await scripted.start(), timeouts=TIMEOUTS)
    reads = engine.generate(Leg(await engine.encode("hang"), 100, GREEDY))
    await anext(reads)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(drain(reads), 0.05)
    async with asyncio.timeout(WITHIN):
        await scripted.idle()
    await engine.aclose()


async def test_closing_the_engine_ends_its_streams(endless: Backend) -> None:
    leg = await long_leg(endless)
    address, engine = endless.engine.address, endless.engine
    reads = engine.generate(leg)
    await anext(reads)
    await engine.aclose()
    with pytest.raises(EngineUnavailable):
        await drain(reads)
    endless.engine = endless.engine_at(address)
    await running_becomes(endless, 0)


async def test_many_leave_at_once(endless: Backend) -> None:
    leg = await long_leg(endless)
    count = 2 if isinstance(endless.engine, LlamaCppEngine) else 32
    streams = [endless.engine.generate(leg) for _ in range(count)]
    await asyncio.gather(*(anext(reads) for reads in streams))
    await asyncio.gather(*(reads.aclose() for reads in streams))
    await running_becomes(endless, 0)


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer(Script([Answer(("Well, then",), fault="hang")]))
    yield server
    await server.stop()
