"""Responses: begun once, finished once, found by their owner alone."""

from collections.abc import AsyncIterator

import pytest

from app.chat.state import new_response_id
from app.errors import ConversationBusy, NotFound
from app.stores.redis import RedisAnswerStore
from app.stores.responses import RedisResponseStore
from tests.stores.stored import ASKED, SAID, beginning, ending


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[RedisResponseStore]:
    store = RedisResponseStore(redis_url, seconds=3600, events_seconds=60)
    yield store
    await store.aclose()


async def test_begun_and_finished(store: RedisResponseStore) -> None:
    begun = beginning()
    await store.begin(begun)
    record = await store.load(begun.id, "me")
    assert record is not None
    assert (record.status, record.input, record.output) == ("in_progress", (ASKED,), ())
    assert record.body == begun.body
    assert await store.finish(begun.id, ending(begun.id))
    record = await store.load(begun.id, "me")
    assert record is not None
    assert (record.status, record.body) == ("completed", {"id": begun.id, "x": 1})
    assert record.output == (SAID,)


async def test_the_first_end_counts(store: RedisResponseStore) -> None:
    begun = beginning()
    await store.begin(begun)
    assert await store.finish(begun.id, ending(begun.id, "failed"))
    assert not await store.finish(begun.id, ending(begun.id, "completed"))
    assert not await store.progress(begun.id, {"status": "in_progress"}, ())
    record = await store.load(begun.id, "me")
    assert record is not None
    assert record.status == "failed"


async def test_anothers_is_not_there(store: RedisResponseStore) -> None:
    begun = beginning()
    await store.begin(begun)
    assert await store.load(begun.id, "you") is None
    assert await store.load("resp_nonsense", "me") is None
    assert await store.load(new_response_id(), "me") is None


async def test_a_response_continues_one_that_ended(store: RedisResponseStore) -> None:
    first = beginning()
    await store.begin(first)
    with pytest.raises(ConversationBusy):
        await store.begin(beginning(first.id, previous=first.id))
    await store.finish(first.id, ending(first.id))
    await store.begin(beginning(first.id, previous=first.id))
    with pytest.raises(NotFound):
        await store.begin(beginning(first.id, previous=first.id, owner="you"))
    with pytest.raises(NotFound):
        await store.begin(beginning(previous="resp_nonsense"))


async def test_history_goes_back_along_previous(store: RedisResponseStore) -> None:
    first = beginning()
    await store.begin(first)
    await store.finish(first.id, ending(first.id))
    middle = beginning(first.id, previous=first.id, input=({"id": "msg_3"},))
    await store.begin(middle)
    await store.finish(middle.id, ending(middle.id, output=({"id": "msg_4"},)))
    last = beginning(first.id, previous=middle.id, input=({"id": "msg_5"},))
    await store.begin(last)
    await store.finish(last.id, ending(last.id, output=()))
    assert [item["id"] for item in await store.history(last.id, "me")] == [
        f"msg_{number}" for number in range(1, 6)
    ]
    assert await store.delete(middle.id, "me")
    assert not await store.delete(middle.id, "me")
    said = await store.history(last.id, "me")
    assert [item["id"] for item in said] == ["msg_1", "msg_2", "msg_5"]
    with pytest.raises(NotFound):
        await store.history(last.id, "you")
    with pytest.raises(NotFound):
        await store.history(middle.id, "me")


async def test_a_cancel_reaches_whoever_gives_the_answer(store: RedisResponseStore) -> None:
    begun = beginning(background=True)
    await store.begin(begun)
    assert await store.progress(begun.id, begun.body, ())
    assert await store.ask_cancel(begun.id, "you") is None
    assert await store.progress(begun.id, begun.body, ())
    asked = await store.ask_cancel(begun.id, "me")
    assert asked is not None
    assert asked.status == "in_progress"
    assert not await store.progress(begun.id, begun.body, (SAID,))
    assert await store.finish(begun.id, ending(begun.id, "cancelled"))
    again = await store.ask_cancel(begun.id, "me")
    assert again is not None
    assert again.status == "cancelled"


async def test_a_trace_is_its_owners_and_goes_with_the_response(store: RedisResponseStore) -> None:
    begun = beginning()
    await store.begin(begun)
    await store.keep_trace(begun.id, "me", b"\x00made of")
    assert await store.trace(begun.id, "me") == b"\x00made of"
    assert await store.trace(begun.id, "you") is None
    await store.keep_trace(begun.id, "you", b"another's")
    assert await store.trace(begun.id, "me") == b"\x00made of"
    await store.delete(begun.id, "me")
    assert await store.trace(begun.id, "me") is None
    # Its answer is over at this moment, and its end is written: the trace does not come back.
    await store.keep_trace(begun.id, "me", b"\x00made of")
    assert await store.find_trace(begun.id) is None


async def test_a_trace_of_a_completion_goes_with_it(
    store: RedisResponseStore, redis_url: str
) -> None:
    id_, answers = "chatcmpl-a{b}", RedisAnswerStore(redis_url, days=1)
    for owner in ("", "me"):
        await answers.save({"id": id_}, owner)
        await store.keep_trace(id_, owner, b"x")
        assert await store.trace(id_, owner) == b"x"
        assert await answers.delete(id_, owner)
        await store.keep_trace(id_, owner, b"x")
        assert await store.find_trace(id_) is None
    await answers.aclose()
