"""A client that leaves stops the engine: by its own count, before it has said what it would."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from app.chat.ports import Leg
from app.engines.llamacpp import LlamaCppEngine
from app.engines.token_stream import TokenStream
from app.engines.vllm import VllmEngine
from app.errors import EngineUnavailable
from model_server.scripted import Answer, Script, ScriptedServer
from tests.engines.backends import GREEDY, TIMEOUTS, Backend

PATIENCE = 60.0
"""Seconds for a busy machine. How soon an engine stops is counted in what it says until then."""


TRIES = 10
"""An engine may be done before a busy machine lets us leave; one that is not stopped always is."""


async def stops(
    server: Backend, leg: Leg, leave: Callable[[], Awaitable[None]], count: int = 1
) -> None:
    """`leave` begins `count` answers to `leg` and stops them before they fill the window."""
    whole = count * (leg.max_tokens - len(leg.prompt))
    said: list[int] = []
    while not said or said[-1] > 0.9 * whole:
        assert len(said) < TRIES, said
        before = await server.generated()
        await leave()
        async with asyncio.timeout(PATIENCE):
            while await server.running():
                pass
        said.append(await server.generated() - before)


async def drain(reads: TokenStream) -> None:
    """Read until the end."""
    async for _ in reads:
        pass


async def long_leg(server: Backend) -> Leg:
    prompt = await server.talk()
    await server.engine.ready()
    window = server.engine.context_window
    return Leg(prompt, window, GREEDY, forbid_ids=await server.endless())


@pytest.fixture
def endless(server: Backend) -> Backend:
    if server.name == "bundled":
        pytest.skip("too quick: its answers are over before we can leave")
    return server


async def test_closing_stops_the_engine(endless: Backend) -> None:
    leg = await long_leg(endless)

    async def leave() -> None:
        reads = endless.engine.generate(leg)
        await anext(reads)
        await reads.aclose()

    await stops(endless, leg, leave)


async def test_cancelling_the_reader_stops_the_engine(endless: Backend) -> None:
    leg = await long_leg(endless)

    async def read(first: asyncio.Event) -> None:
        async for _ in endless.engine.generate(leg):
            first.set()
        await asyncio.Event().wait()  # it may be over before we leave

    async def leave() -> None:
        first = asyncio.Event()
        task = asyncio.create_task(read(first))
        await first.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    await stops(endless, leg, leave)


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
    async with asyncio.timeout(PATIENCE):
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
    async with asyncio.timeout(PATIENCE):
        await scripted.idle()
    await engine.aclose()


async def test_closing_the_engine_ends_its_streams(endless: Backend) -> None:
    leg = await long_leg(endless)

    async def leave() -> None:
        address, engine = endless.engine.address, endless.engine
        reads = engine.generate(leg)
        await anext(reads)
        await engine.aclose()
        with pytest.raises(EngineUnavailable):
            await drain(reads)
        endless.engine = endless.engine_at(address)

    await stops(endless, leg, leave)


async def test_many_leave_at_once(endless: Backend) -> None:
    leg = await long_leg(endless)
    count = 2 if isinstance(endless.engine, LlamaCppEngine) else 32

    async def leave() -> None:
        streams = [endless.engine.generate(leg) for _ in range(count)]
        await asyncio.gather(*(anext(reads) for reads in streams))
        await asyncio.gather(*(reads.aclose() for reads in streams))

    await stops(endless, leg, leave, count)


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer(Script([Answer(("Well, then",), fault="hang")]))
    yield server
    await server.stop()
