"""Search results in a Redis: the embedded one, or the one in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.errors import StoreUnavailable
from app.stores.connection import MEMORY
from app.stores.embedded_redis import EmbeddedRedis
from app.stores.redis import RedisResultCache


@pytest.fixture(params=["embedded", "memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RedisResultCache]:
    redis = EmbeddedRedis(tmp_path)
    if request.param == "embedded":
        await redis.start()
    cache = RedisResultCache(redis.url if request.param == "embedded" else MEMORY)
    yield cache
    await cache.aclose()
    await redis.stop()


async def test_kept_for_a_while(store: RedisResultCache) -> None:
    assert await store.get("k") is None
    await store.set("k", b"\x00\xff raw", 30.0)
    assert await store.get("k") == b"\x00\xff raw"
    await store.set("k", b"newer", 30.0)
    assert await store.get("k") == b"newer"
    assert 29_000 < await store._redis.pttl("orson:search:k") <= 30_000


async def test_a_redis_that_is_gone() -> None:
    cache = RedisResultCache("redis://127.0.0.1:1")
    with pytest.raises(StoreUnavailable):
        await cache.get("k")
    with pytest.raises(StoreUnavailable):
        await cache.set("k", b"", 1.0)
    await cache.aclose()
