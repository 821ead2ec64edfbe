"""A dead gateway's answers are ended by another, and by that one only when it is sure."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from functools import partial

import pytest

from app.chat.state import new_conversation_id
from app.errors import ConversationBusy
from app.stores import keys
from app.stores.connection import MEMORY, connect
from tests.state.house import ASKED, Answer, House, data, kinds, until
from tests.stores.stored import SAID, beginning
from tests.stores.stored import ending as end

Opens = Callable[..., House]


@pytest.fixture(scope="session", params=["server", "memory"])
def url(request: pytest.FixtureRequest) -> str:
    return MEMORY if request.param == "memory" else str(request.getfixturevalue("own_redis"))


async def test_a_dead_gateways_answer_is_ended(opened: Opens, url: str) -> None:
    dead, other = opened(url, lease=-1), opened(url, lease=0)
    conversation = new_conversation_id()
    await other.conversations.create(conversation, "me", {}, ())
    begun = beginning(conversation, conversation=conversation, background=True, input=(ASKED,))
    await dead.under_way.begin(begun)
    await dead.events.append(begun.id, [(0, b"event: a\n\n"), (1, b"event: b\n\n")])
    await dead.responses.progress(begun.id, begun.body, (SAID,))
    with pytest.raises(ConversationBusy):
        await other.start(Answer(), conversation)

    await other.under_way.beat()

    record = await other.record(begun.id)
    assert (record.status, record.body["status"]) == ("failed", "failed")
    assert "died" in record.body["error"]["message"]
    assert record.output == (SAID,)
    frames = await other.frames(begun.id, 1)
    assert kinds(frames) == ["failed"]
    assert data(frames[0])["response"]["output"] == [SAID]
    items = await other.conversations.items(conversation, "me")
    assert items is not None
    assert items.data == (ASKED, SAID)
    await other.frames(await other.start(Answer().end(), conversation))
    assert await other.leases.lapsed() == ()
    # What the dead one says, should it be alive after all, comes too late.
    assert not await dead.events.append(begun.id, [(2, b"event: c\n\n")])
    assert not await dead.responses.progress(begun.id, begun.body, ())


async def test_one_that_lives_is_left_alone(opened: Opens, url: str) -> None:
    house, other = opened(url, lease=-1), opened(url, lease=0)
    answer = Answer()
    id_ = await house.start(answer)
    await house.under_way.beat()  # late as it is, these are its own
    assert (await house.record(id_)).status in ("queued", "in_progress")
    house.leases.seconds = 100
    await house.under_way.beat()
    await other.under_way.beat()
    answer.say("Yes.").end()
    assert kinds(await other.frames(id_))[-1] == "completed"


async def test_what_was_begun_in_vain_is_struck_out(opened: Opens, url: str) -> None:
    dead, other = opened(url, lease=-1), opened(url, lease=0)
    await dead.leases.renew([beginning().id])  # and it died before it was begun
    await other.under_way.beat()
    assert await other.leases.lapsed() == ()


async def test_one_that_can_t_be_read_is_not_in_the_others_way(
    opened: Opens, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    dead, other = opened(url, lease=-1), opened(url, lease=0)
    begun = [beginning(background=True) for _ in range(3)]
    for each in begun:
        await dead.under_way.begin(each)
    async with aclosing(connect(url)) as redis:
        await redis.hset(keys.of(begun[1].id), "body", b"{torn")
    await other.under_way.beat()
    for each in (begun[0], begun[2]):
        assert (await other.record(each.id)).status == "failed"
    assert "can't be ended" in caplog.text
    assert await other.leases.lapsed() == ()


async def test_nothing_is_swept_before_others_had_time_to_say_that_they_live(
    opened: Opens, url: str
) -> None:
    dead, other = opened(url, lease=-1), opened(url, lease=100)
    begun = beginning(background=True)
    await dead.under_way.begin(begun)
    await other.under_way.beat()
    assert (await other.record(begun.id)).status == "in_progress"
    other.leases.seconds = 0
    await other.under_way.beat()
    assert (await other.record(begun.id)).status == "failed"


async def test_whoever_leaves_while_the_end_is_written_leaves_it_written(
    opened: Opens, url: str
) -> None:
    house = opened(url)
    for turns in range(12):
        begun = beginning()
        await house.under_way.begin(begun)
        ending = asyncio.ensure_future(house.under_way.finish(begun.id, end(begun.id)))
        for _ in range(turns):
            await asyncio.sleep(0)
        ending.cancel()
        await asyncio.wait({ending})
        if not turns:  # it was never asked for
            await house.under_way.forget(begun.id, "me")
        else:
            await until(partial(stands, house, begun.id, "completed"))


async def test_whoever_leaves_while_it_is_begun_leaves_it_to_be_swept(
    opened: Opens, url: str
) -> None:
    house = opened(url, lease=0)
    conversation = new_conversation_id()
    await house.conversations.create(conversation, "me", {}, ())
    for turns in range(12):
        begun = beginning(conversation, conversation=conversation)
        beginning_ = asyncio.ensure_future(house.under_way.begin(begun))
        for _ in range(turns):
            await asyncio.sleep(0)
        beginning_.cancel()
        await asyncio.wait({beginning_})
        if not beginning_.cancelled():
            await house.under_way.finish(begun.id, end(begun.id))
        await until(partial(swept, house, conversation))


async def stands(house: House, id_: str, status: str) -> bool:
    return (await house.record(id_)).status == status


async def swept(house: House, conversation: str) -> bool:
    await house.under_way.beat()
    found = await house.conversations.load(conversation, "me")
    return found is not None and found.held_by is None
