"""Event logs: each event once, in order, from any point, until the last."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from app.chat.state import Frame, new_response_id
from app.errors import EventsGone
from app.stores.event_log import RedisEventLog
from app.stores.responses import RedisResponseStore
from tests.stores.stored import beginning, ending


def frames(*numbers: int) -> list[Frame]:
    return [(number, f"event {number}\u2028".encode()) for number in numbers]


async def all_of(events: AsyncIterator[Sequence[Frame]]) -> list[Frame]:
    async with asyncio.timeout(20):
        return [frame async for some in events for frame in some]


@pytest.fixture
async def responses(redis_url: str) -> AsyncIterator[RedisResponseStore]:
    responses = RedisResponseStore(redis_url, seconds=3600, events_seconds=60)
    yield responses
    await responses.aclose()


@pytest.fixture
async def log(redis_url: str) -> AsyncIterator[RedisEventLog]:
    log = RedisEventLog(redis_url, seconds=3600)
    yield log
    await log.aclose()


@pytest.fixture
async def begun(responses: RedisResponseStore) -> str:
    one = beginning(background=True)
    await responses.begin(one)
    return one.id


async def test_read_from_any_point(
    responses: RedisResponseStore, log: RedisEventLog, begun: str
) -> None:
    assert await log.append(begun, frames(0, 1, 2))
    assert await log.append(begun, frames(3, 4))
    await responses.finish(begun, ending(begun, frames=tuple(frames(5, 6))))
    for after in range(-1, 7):
        assert await all_of(log.read(begun, after)) == frames(*range(after + 1, 7)), after


async def test_a_reader_waits_for_what_comes(
    responses: RedisResponseStore, log: RedisEventLog, begun: str
) -> None:
    readers = [asyncio.create_task(all_of(log.read(begun, after))) for after in (-1, 1)]
    for number in range(5):
        await log.append(begun, frames(number))
        await asyncio.sleep(0)
    await responses.finish(begun, ending(begun))
    first, second = await asyncio.gather(*readers)
    assert first == frames(*range(5))
    assert second == frames(*range(2, 5))


async def test_a_call_made_twice_adds_nothing(
    responses: RedisResponseStore, log: RedisEventLog, begun: str
) -> None:
    await log.append(begun, frames(0, 1))
    await log.append(begun, frames(0, 1, 2))  # the first seemed to have failed
    await log.append(begun, frames(1))  # and it came late
    await responses.finish(begun, ending(begun, frames=tuple(frames(2, 3))))
    assert await all_of(log.read(begun)) == frames(0, 1, 2, 3)


async def test_many_events_at_once(
    responses: RedisResponseStore, log: RedisEventLog, begun: str
) -> None:
    assert await log.last(begun) == -1
    await log.append(begun, frames(*range(1234)))
    assert await log.last(begun) == 1233
    await responses.finish(begun, ending(begun, frames=tuple(frames(*range(1200, 9000)))))
    assert await log.last(begun) == 8999
    assert await all_of(log.read(begun)) == frames(*range(9000))


async def test_whoever_ended_it_or_wants_it_ended_stops_it(
    responses: RedisResponseStore, log: RedisEventLog, begun: str
) -> None:
    assert await log.append(begun, frames(0))
    assert await log.append(begun, ())
    await responses.ask_cancel(begun, "me")
    assert not await log.append(begun, frames(1))
    await responses.finish(begun, ending(begun, "failed"))
    assert not await log.append(begun, frames(2))  # what comes too late is not told
    assert await all_of(log.read(begun)) == frames(0, 1)
    await responses.delete(begun, "me")
    assert not await log.append(begun, frames(3))


async def test_what_is_too_much_is_dropped_from_the_front(
    responses: RedisResponseStore, begun: str, redis_url: str
) -> None:
    log = RedisEventLog(redis_url, seconds=3600, largest=1000)
    for number in range(200):
        await log.append(begun, frames(number))
    await responses.finish(begun, ending(begun))
    with pytest.raises(EventsGone):
        await all_of(log.read(begun))
    kept = await all_of(log.read(begun, 160))
    assert kept == frames(*range(161, 200))
    await log.aclose()


async def test_no_log(responses: RedisResponseStore, log: RedisEventLog) -> None:
    plain = beginning()
    await responses.begin(plain)
    await responses.finish(plain.id, ending(plain.id))
    for id_ in (plain.id, new_response_id()):
        with pytest.raises(EventsGone):
            await all_of(log.read(id_))
