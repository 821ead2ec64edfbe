"""Leases: taken, renewed, given back; those of the dead are found."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from app.chat.state import new_response_id
from app.stores import keys
from app.stores.connection import connect
from app.stores.leases import RedisLeases


@pytest.fixture
async def leases(redis_url: str) -> AsyncIterator[RedisLeases]:
    async with aclosing(connect(redis_url)) as redis:
        await redis.delete(keys.LEASES)
    leases = RedisLeases(redis_url, seconds=100)
    yield leases
    await leases.aclose()


async def test_a_lease_not_renewed_lapses(leases: RedisLeases, redis_url: str) -> None:
    dead, alive = new_response_id(), new_response_id()
    gone = RedisLeases(redis_url, seconds=-1)
    await gone.renew([dead, alive])
    await leases.renew([alive])
    assert await leases.lapsed() == (dead,)
    await leases.release([dead])
    assert await leases.lapsed() == ()
    await leases.renew([])
    await leases.release([])
    await gone.aclose()


async def test_many(leases: RedisLeases, redis_url: str) -> None:
    ids = [new_response_id() for _ in range(1200)]
    gone = RedisLeases(redis_url, seconds=-1)
    await gone.renew(ids)
    found: set[str] = set()
    while lapsed := await leases.lapsed():
        found.update(lapsed)
        await leases.release(lapsed)
    assert found == set(ids)
    await gone.aclose()
