"""Redis goes away while answers are given: they go on, nothing new begins, all is kept after."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from functools import partial

import pytest

from app.chat.state import Frame, new_conversation_id
from app.errors import StoreUnavailable
from tests.state.house import PATIENCE, Answer, House, kinds, text_of, until
from tests.stores.redis_server import RedisServer

Opens = Callable[..., House]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.stores.connection.TIMEOUT", 0.5)
    monkeypatch.setattr("app.stores.event_log.PATIENCE", 200)
    monkeypatch.setattr("app.http.background.under_way.RETRY", 0.02)
    monkeypatch.setattr("app.http.background.job.RETRY", 0.02)
    monkeypatch.setattr("app.http.background.answers.RETRY", 0.02)


class Outage:
    """Redis is away, one way or the other."""

    def __init__(self, redis: RedisServer, how: str) -> None:
        self._redis = redis
        self._frozen = how == "frozen"

    def begin(self) -> None:
        self._redis.freeze() if self._frozen else self._redis.kill()

    def end(self) -> None:
        self._redis.thaw() if self._frozen else self._redis.start()


@pytest.fixture(params=["frozen", "killed"])
def outage(request: pytest.FixtureRequest, redis: RedisServer) -> Outage:
    return Outage(redis, request.param)


async def test_an_answer_goes_on_and_is_whole_after(
    opened: Opens, redis: RedisServer, outage: Outage
) -> None:
    house, other = opened(redis.url), opened(redis.url)
    conversation = new_conversation_id()
    await house.conversations.create(conversation, "me", {}, ())
    answer = Answer().say("One ")
    id_ = await house.start(answer, conversation)
    here = asyncio.create_task(house.frames(id_))
    seen: list[Frame] = []
    there = asyncio.create_task(take(other, id_, seen))
    await until(partial(said, seen, "One"))

    outage.begin()
    await house.under_way.beat()
    answer.say("two ", "three ", "four").end()
    frames = await here  # to its end, with no Redis
    assert text_of(frames) == "One two three four"
    assert kinds(frames)[-1] == "completed"
    with pytest.raises(StoreUnavailable):
        await house.start(Answer())
    with pytest.raises(StoreUnavailable):
        await house.frames(id_, 3)
    outage.end()

    await until(lambda: back(house))
    record = await house.record(id_)
    assert record.status == "completed"
    items = await house.conversations.items(conversation, "me")
    assert items is not None
    assert [item["content"][0]["text"] for item in items.data] == ["Who?", "One two three four"]
    await there
    assert seen == frames  # the follower elsewhere caught up
    assert await other.frames(id_, 4) == frames[5:]
    assert await house.leases.lapsed() == ()
    await house.frames(await house.start(Answer().say("New.").end(), conversation))


async def take(house: House, id_: str, into: list[Frame]) -> None:
    async with asyncio.timeout(PATIENCE), aclosing(house.background.follow(id_)) as some:
        async for frames in some:
            into += frames


async def said(frames: list[Frame], text: str) -> bool:
    return text in text_of(frames)


async def back(house: House) -> bool:
    await house.under_way.beat()
    return house.under_way._away is None and not house.under_way._unwritten


async def test_an_answer_that_outlasts_the_outage(
    opened: Opens, redis: RedisServer, outage: Outage
) -> None:
    house, other = opened(redis.url), opened(redis.url)
    answer = Answer().say("One ")
    id_ = await house.start(answer)
    outage.begin()
    answer.say(*(f"{number} " for number in range(300)))
    seen: list[Frame] = []
    here = asyncio.create_task(take(house, id_, seen))
    await until(partial(said, seen, "299"))
    outage.end()
    answer.say("last").end()
    await here
    frames = await house.frames(id_)
    assert frames == seen
    assert [number for number, _ in frames] == list(range(len(frames)))
    assert await other.frames(id_) == frames
    assert (await other.record(id_)).status == "completed"


async def test_once_it_is_known_to_be_away_nobody_waits(
    opened: Opens, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.stores.connection.TIMEOUT", 3.0)
    house = opened(redis.url)
    redis.freeze()
    await house.under_way.beat()
    loop = asyncio.get_running_loop()
    before = loop.time()
    with pytest.raises(StoreUnavailable):
        await house.start(Answer())
    with pytest.raises(StoreUnavailable):
        await house.conversations.create(new_conversation_id(), "me", {}, ())
    assert loop.time() - before < 2.9  # less than one call waits
    redis.thaw()
    await until(lambda: back(house))
    await house.frames(await house.start(Answer().end()))


async def test_what_was_begun_while_redis_was_frozen_is_swept(
    opened: Opens, redis: RedisServer
) -> None:
    house, other = opened(redis.url, lease=0.2), opened(redis.url, lease=0.2)
    conversation = new_conversation_id()
    await house.conversations.create(conversation, "me", {}, ())
    await house.frames(await house.start(Answer().end()))  # the scripts are known
    begin, frozen = house.responses.begin, asyncio.Event()

    async def begin_frozen(beginning: object) -> None:
        redis.freeze()  # behind the lease, before the record
        frozen.set()
        await begin(beginning)  # type: ignore[arg-type]

    house.responses.begin = begin_frozen  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable):
        await house.start(Answer(), conversation)
    assert frozen.is_set()
    redis.thaw()  # and now it does what it was told
    await until(lambda: held(other, conversation, True))
    await until(lambda: swept(other, conversation))
    await other.frames(await other.start(Answer().end(), conversation))


async def held(house: House, conversation: str, whether: bool) -> bool:
    try:
        found = await house.conversations.load(conversation, "me")
    except StoreUnavailable:
        return False
    assert found is not None
    return (found.held_by is not None) == whether


async def swept(house: House, conversation: str) -> bool:
    await house.under_way.beat()
    return await held(house, conversation, False)
