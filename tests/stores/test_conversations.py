"""Conversations: items in order, pages of them, one writer at a time, nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from redis.asyncio import Redis

from app.chat.state import Page, new_conversation_id
from app.errors import ConversationBusy, InvalidRequest, NotFound, StateTooLarge
from app.stores import keys
from app.stores.connection import connect
from app.stores.conversations import LOOKED_INTO, RedisConversationStore
from app.stores.responses import RedisResponseStore
from tests.stores.stored import ASKED, SAID, beginning, ending


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[RedisConversationStore]:
    store = RedisConversationStore(redis_url, seconds=3600)
    yield store
    await store.aclose()


@pytest.fixture
async def responses(redis_url: str) -> AsyncIterator[RedisResponseStore]:
    responses = RedisResponseStore(redis_url, seconds=3600, events_seconds=60)
    yield responses
    await responses.aclose()


@pytest.fixture
def owner() -> str:
    """One whose list is empty."""
    return new_conversation_id()


def items(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": f"msg_{number}", "text": f"Number {number}."} for number in numbers]


async def test_items_in_pages_both_ways(store: RedisConversationStore, owner: str) -> None:
    made = await store.create(new_conversation_id(), owner, {"title": "A"}, items(0, 1))
    await store.add_items(made.id, owner, items(2, 3, 4))
    await store.add_items(made.id, owner, items(3))  # it is there already
    every = await store.items(made.id, owner)
    assert every is not None
    assert (list(every.data), every.has_more) == (items(0, 1, 2, 3, 4), False)
    for order, first, second in (("asc", (0, 1), (2, 3)), ("desc", (4, 3), (2, 1))):
        page = await store.items(made.id, owner, Page(2, None, order))  # type: ignore[arg-type]
        assert page is not None
        assert (list(page.data), page.has_more) == (items(*first), True)
        after = page.data[-1]["id"]
        page = await store.items(made.id, owner, Page(2, after, order))  # type: ignore[arg-type]
        assert page is not None
        assert (list(page.data), page.has_more) == (items(*second), True)
        after = page.data[-1]["id"]
        page = await store.items(made.id, owner, Page(2, after, order))  # type: ignore[arg-type]
        assert page is not None
        assert (len(page.data), page.has_more) == (1, False)
    with pytest.raises(InvalidRequest, match="msg_9"):
        await store.items(made.id, owner, Page(after="msg_9"))


async def test_items_one_by_one(store: RedisConversationStore, owner: str) -> None:
    made = await store.create(new_conversation_id(), owner, {}, items(0, 1))
    assert await store.item(made.id, owner, "msg_1") == items(1)[0]
    assert await store.delete_item(made.id, owner, "msg_1")
    assert not await store.delete_item(made.id, owner, "msg_1")
    assert await store.item(made.id, owner, "msg_1") is None
    left = await store.items(made.id, owner)
    assert left is not None
    assert list(left.data) == items(0)


async def test_metadata_is_replaced_and_all_is_forgotten(
    store: RedisConversationStore, owner: str
) -> None:
    made = await store.create(new_conversation_id(), owner, {"title": "A"}, items(0))
    assert await store.load(made.id, owner) == made
    changed = await store.update(made.id, owner, {"title": "B"})
    assert changed is not None
    assert changed.metadata == {"title": "B"}
    assert await store.delete(made.id, owner)
    assert not await store.delete(made.id, owner)
    assert await store.load(made.id, owner) is None
    assert await store.items(made.id, owner) is None
    assert (await store.list(owner, Page())).data == ()


async def test_anothers_is_not_there(store: RedisConversationStore, owner: str) -> None:
    made = await store.create(new_conversation_id(), owner, {"title": "A"}, items(0))
    assert await store.load(made.id, "you") is None
    assert await store.update(made.id, "you", {}) is None
    assert await store.items(made.id, "you") is None
    assert await store.item(made.id, "you", "msg_0") is None
    assert not await store.delete_item(made.id, "you", "msg_0")
    assert not await store.delete(made.id, "you")
    with pytest.raises(NotFound):
        await store.add_items(made.id, "you", items(1))
    with pytest.raises(NotFound):
        await store.add_items("conv_nonsense", owner, items(1))
    assert (await store.list("you", Page())).data == ()
    assert await store.load(made.id, owner) == made


async def test_listed_by_when_they_last_grew(store: RedisConversationStore, owner: str) -> None:
    made = [
        await store.create(new_conversation_id(), owner, {"title": f"Title {n}"}, items(n))
        for n in range(5)
    ]
    await store.add_items(made[1].id, owner, items(7))
    ids = [made[n].id for n in (1, 4, 3, 2, 0)]
    page = await store.list(owner, Page(3))
    assert ([each.id for each in page.data], page.has_more) == (ids[:3], True)
    page = await store.list(owner, Page(3, page.data[-1].id))
    assert ([each.id for each in page.data], page.has_more) == (ids[3:], False)
    page = await store.list(owner, Page(9, order="asc"))
    assert [each.id for each in page.data] == ids[::-1]


async def test_found_by_title_and_by_what_was_said(
    store: RedisConversationStore, owner: str
) -> None:
    made = [
        await store.create(new_conversation_id(), owner, {"title": f"Title {n}"}, items(n))
        for n in range(3)
    ]
    for query in ("TITLE 1", "number 1."):
        found = await store.list(owner, Page(), query)
        assert [each.id for each in found.data] == [made[1].id]
    assert (await store.list(owner, Page(), "msg_1")).data == ()  # nobody said that


async def test_found_however_it_stands_in_json_and_among_however_many(
    store: RedisConversationStore, owner: str
) -> None:
    said = 'She wrote "Ähren\\Straße"\n\tat\x1f last.'
    content = [{"type": "input_text", "text": said}]
    item = {"id": "msg_x", "type": "message", "role": "user", "content": content}
    wanted = await store.create(new_conversation_id(), owner, {}, [item])
    for n in range(LOOKED_INTO + 2):
        await store.create(new_conversation_id(), owner, {}, items(n))
    for query in (said, '"ähren\\', "STRASSE", 'e"\n\tAT\x1f l', "wrote"):
        found = await store.list(owner, Page(), query)
        assert [each.id for each in found.data] == [wanted.id]
    page = await store.list(owner, Page(LOOKED_INTO), "number")
    assert (len(page.data), page.has_more) == (LOOKED_INTO, True)


async def test_what_has_expired_leaves_the_list(
    store: RedisConversationStore, owner: str, redis_url: str
) -> None:
    made = [await store.create(new_conversation_id(), owner, {}, ()) for _ in range(3)]
    async with aclosing(connect(redis_url)) as redis:
        await redis.delete(keys.of(made[1].id))
        page = await store.list(owner, Page(2))
        assert ([each.id for each in page.data], page.has_more) == ([made[2].id, made[0].id], False)
        assert await redis.zcard(keys.conversations(owner)) == 2


async def test_an_answer_adds_what_was_said(
    store: RedisConversationStore, responses: RedisResponseStore, owner: str
) -> None:
    made = await store.create(new_conversation_id(), owner, {}, ())
    newer = await store.create(new_conversation_id(), owner, {}, ())
    begun = beginning(made.id, conversation=made.id, owner=owner)
    await responses.begin(begun)
    held = await store.load(made.id, owner)
    assert held is not None
    assert held.held_by == begun.id
    assert [each.id for each in (await store.list(owner, Page())).data] == [newer.id, made.id]
    await responses.finish(begun.id, ending(begun.id))
    free = await store.load(made.id, owner)
    assert free is not None
    assert free.held_by is None
    said = await store.items(made.id, owner)
    assert said is not None
    assert said.data == (ASKED, SAID)
    assert [each.id for each in (await store.list(owner, Page())).data] == [made.id, newer.id]


async def test_a_second_writer_is_told_to_wait(
    store: RedisConversationStore, responses: RedisResponseStore, owner: str
) -> None:
    made = await store.create(new_conversation_id(), owner, {}, items(0))
    first = beginning(made.id, conversation=made.id, owner=owner)
    await responses.begin(first)
    await responses.begin(first)  # as after a call that seemed to have failed
    with pytest.raises(ConversationBusy):
        await responses.begin(beginning(made.id, conversation=made.id, owner=owner))
    with pytest.raises(ConversationBusy):
        await store.add_items(made.id, owner, items(1))
    with pytest.raises(ConversationBusy):
        await store.delete_item(made.id, owner, "msg_0")
    assert await store.update(made.id, owner, {"title": "B"})  # that is no item
    await responses.finish(first.id, ending(first.id, "failed"))
    await responses.begin(beginning(made.id, conversation=made.id, owner=owner))


async def test_of_many_writers_at_once_one_gets_it(
    store: RedisConversationStore, responses: RedisResponseStore, owner: str
) -> None:
    made = await store.create(new_conversation_id(), owner, {}, ())
    begun = [beginning(made.id, conversation=made.id, owner=owner) for _ in range(20)]
    outcomes = await asyncio.gather(
        *(responses.begin(each) for each in begun), return_exceptions=True
    )
    assert outcomes.count(None) == 1
    assert [e for e in outcomes if e is not None and not isinstance(e, ConversationBusy)] == []
    for each in begun:
        await responses.finish(each.id, ending(each.id))
    said = await store.items(made.id, owner)
    assert said is not None
    assert said.data == (ASKED, SAID)


async def test_a_holder_that_is_gone_holds_nothing(
    store: RedisConversationStore, responses: RedisResponseStore, owner: str, redis_url: str
) -> None:
    made = await store.create(new_conversation_id(), owner, {}, ())
    first = beginning(made.id, conversation=made.id, owner=owner)
    await responses.begin(first)
    async with aclosing(connect(redis_url)) as redis:
        await redis.delete(keys.of(first.id))  # as if evicted
    second = beginning(made.id, conversation=made.id, owner=owner)
    await responses.begin(second)
    assert not await responses.finish(first.id, ending(first.id))
    assert await responses.delete(second.id, owner)
    await responses.begin(beginning(made.id, conversation=made.id, owner=owner))


async def test_no_answer_in_a_conversation_that_is_not_there(
    store: RedisConversationStore, responses: RedisResponseStore, owner: str
) -> None:
    made = await store.create(new_conversation_id(), owner, {}, ())
    for id_, whose in ((made.id, "you"), (new_conversation_id(), owner), ("conv_x", owner)):
        with pytest.raises(NotFound, match="onversation"):
            await responses.begin(beginning(id_, conversation=id_, owner=whose))
    begun = beginning(made.id, conversation=made.id, owner=owner)
    await responses.begin(begun)
    assert await store.delete(made.id, owner)  # while it is written
    assert await responses.finish(begun.id, ending(begun.id))
    assert await store.load(made.id, owner) is None
    assert await store.items(made.id, owner) is None


async def test_a_conversation_can_be_full(
    store: RedisConversationStore,
    responses: RedisResponseStore,
    owner: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.stores.conversations.LARGEST", 200)
    monkeypatch.setattr("app.stores.responses.LARGEST", 200)
    made = await store.create(new_conversation_id(), owner, {}, items(0, 1))
    with pytest.raises(StateTooLarge):
        await store.create(new_conversation_id(), owner, {}, items(*range(9)))
    with pytest.raises(StateTooLarge):
        await store.add_items(made.id, owner, items(*range(2, 9)))
    input_ = ({"id": "msg_a", "text": "a" * 150},)
    with pytest.raises(StateTooLarge):
        await responses.begin(beginning(made.id, conversation=made.id, owner=owner, input=input_))
    for number in (0, 1):
        assert await store.delete_item(made.id, owner, f"msg_{number}")
    await responses.begin(beginning(made.id, conversation=made.id, owner=owner, input=input_))


async def test_all_of_it_goes_in_time(own_redis: str, owner: str) -> None:
    store = RedisConversationStore(own_redis, seconds=500)
    responses = RedisResponseStore(own_redis, seconds=500, events_seconds=50)
    made = await store.create(new_conversation_id(), owner, {}, items(0))
    begun = beginning(made.id, conversation=made.id, owner=owner, background=True)
    await responses.begin(begun)
    await responses.finish(begun.id, ending(begun.id))
    await responses.keep_trace(begun.id, owner, b"x")
    async with Redis.from_url(own_redis) as redis:
        every = [key async for key in redis.scan_iter(f"*{made.id[5:29]}*")]
        every.append(keys.conversations(owner).encode())
        assert len(every) == 7
        for key in every:
            most = 50 if key.endswith(b":events") else 500
            assert most - 40 < await redis.ttl(key) <= most, key
    await store.aclose()
    await responses.aclose()
