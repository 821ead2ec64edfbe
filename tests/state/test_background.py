"""Background answers: they need nobody, are followed from any point and anywhere, and cancelled."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from app.chat.events import QueryDelta, QueryOpened, SearchFinished, SearchStarted
from app.chat.state import new_conversation_id
from app.errors import (
    ConversationBusy,
    EngineUnavailable,
    EventsGone,
    InvalidRequest,
    NotFound,
    Overloaded,
)
from app.stores.connection import MEMORY
from tests.state.house import Answer, House, kinds, text_of, until
from tests.stores.stored import beginning

Opens = Callable[..., House]
SEARCH = (
    QueryOpened(0),
    QueryDelta(0, "who"),
    SearchStarted(0, ("who",)),
    SearchFinished(0, ("who",), (), "mock", None, 0.1),
)


@pytest.fixture(scope="session", params=["server", "memory"])
def url(request: pytest.FixtureRequest) -> str:
    return MEMORY if request.param == "memory" else str(request.getfixturevalue("own_redis"))


async def test_it_needs_nobody(opened: Opens, url: str) -> None:
    house, other = opened(url), opened(url)
    id_ = await house.start(Answer().say("Let me look. ", *SEARCH, "No", "body.").end())
    await until(lambda: done(house, id_))
    record = await house.record(id_)
    assert record.status == record.body["status"] == "completed"
    assert [item["type"] for item in record.output] == ["message", "web_search_call", "message"]
    assert record.body["output"] == list(record.output)
    frames = await other.frames(id_)
    assert [number for number, _ in frames] == list(range(len(frames)))
    assert text_of(frames) == "Let me look. Nobody."
    assert kinds(frames)[:3] == ["created", "queued", "in_progress"]
    assert kinds(frames)[-1] == "completed"
    for after in range(len(frames) + 2):
        assert await other.frames(id_, after) == frames[after + 1 :]
    assert await house.leases.lapsed() == ()


async def done(house: House, id_: str) -> bool:
    return (await house.record(id_)).status not in ("queued", "in_progress")


async def test_followed_while_it_goes(opened: Opens, url: str) -> None:
    house, other = opened(url), opened(url)
    answer = Answer().say("One ")
    id_ = await house.start(answer)
    await until(lambda: written(house, id_, "One "))
    await until(partial(stands, house, id_, "in_progress"))
    whole = [asyncio.create_task(each.frames(id_)) for each in (house, other)]
    rest = [asyncio.create_task(each.frames(id_, 2)) for each in (house, other)]
    await asyncio.sleep(0)
    for text in ("two ", "three"):
        answer.say(text)
        await until(partial(written, house, id_, text))
    answer.end()
    here, there = await asyncio.gather(*whole)
    assert here == there
    assert text_of(here) == "One two three"
    assert await asyncio.gather(*rest) == [here[3:], here[3:]]


async def stands(house: House, id_: str, status: str) -> bool:
    return (await house.record(id_)).status == status


async def written(house: House, id_: str, text: str) -> bool:
    async for frames in house.events.read(id_):
        if text in text_of(frames):
            return True
    return False


async def test_a_follower_that_has_seen_the_end_finds_it_stored(opened: Opens, url: str) -> None:
    house = opened(url)
    for _ in range(20):
        id_ = await house.start(Answer().say("Yes.").end())
        await house.frames(id_)
        assert (await house.record(id_)).status == "completed"


@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "elsewhere"])
async def test_cancelled_with_all_that_was_said(opened: Opens, url: str, elsewhere: bool) -> None:
    house, other = opened(url), opened(url)
    conversation = new_conversation_id()
    await house.conversations.create(conversation, "me", {}, ())
    answer = Answer().say("Half an ans")
    id_ = await house.start(answer, conversation)
    await until(lambda: written(house, id_, "Half"))
    at = other if elsewhere else house
    with pytest.raises(NotFound):
        await at.background.cancel(id_, "you")
    record = await at.background.cancel(id_, "me")
    assert (record.status, record.body["status"]) == ("cancelled", "cancelled")
    assert answer.closed
    assert record.output[0]["content"][0]["text"] == "Half an ans"
    assert record.output[0]["status"] == "incomplete"
    frames = await other.frames(id_)
    assert kinds(frames)[-1] == "incomplete"
    items = await house.conversations.items(conversation, "me")
    assert items is not None
    assert [item["role"] for item in items.data] == ["user", "assistant"]
    assert await at.background.cancel(id_, "me") == record
    free = await house.conversations.load(conversation, "me")
    assert free is not None
    assert free.held_by is None


async def test_cancelled_before_its_first_step(opened: Opens, url: str) -> None:
    house = opened(url)
    id_ = await house.start(Answer())
    record = await house.background.cancel(id_, "me")
    assert record.status == "cancelled"
    assert kinds(await house.frames(id_))[-1] == "incomplete"


async def test_an_answer_that_lives_with_its_connection_is_not_cancelled(
    opened: Opens, url: str
) -> None:
    house = opened(url)
    plain = beginning()
    await house.under_way.begin(plain)
    with pytest.raises(InvalidRequest, match="background"):
        await house.background.cancel(plain.id, "me")
    with pytest.raises(EventsGone):
        await house.frames(plain.id)
    await house.under_way.forget(plain.id, "me")


async def test_what_it_broke_off_with_is_told(opened: Opens, url: str) -> None:
    house = opened(url)
    id_ = await house.start(Answer().say("Half", EngineUnavailable("The engine died.")))
    frames = await house.frames(id_)
    assert kinds(frames)[-1] == "failed"
    record = await house.record(id_)
    assert record.status == "failed"
    assert record.body["error"]["message"] == "The engine died."
    assert record.output[0]["content"][0]["text"] == "Half"


async def test_it_waits_for_its_turn(opened: Opens, url: str) -> None:
    house = opened(url)
    full = [Overloaded("full")] * 2
    id_ = await house.start(Answer(*full).say("Yes.").end())
    assert (await house.record(id_)).status == "queued"
    assert text_of(await house.frames(id_)) == "Yes."


async def test_no_more_than_so_many(
    opened: Opens, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.http.background.answers.MOST", 1)
    house = opened(url)
    answer = Answer()
    id_ = await house.start(answer)
    with pytest.raises(Overloaded):
        await house.start(Answer())
    await house.background.cancel(id_, "me")
    id_ = await house.start(Answer().end())
    await house.frames(id_)


async def test_no_key_takes_the_places_of_all(
    opened: Opens, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.http.background.answers.MOST", 8)
    house = opened(url)
    for number in range(2):
        # At once: those that are only being begun have their places too. One finds nothing to
        # go on from, and its place is free again.
        tries = [house.start(Answer(), owner=f"key{number}") for _ in range(3)]
        missing = house.start(Answer(), new_conversation_id(), f"key{number}")
        with pytest.raises(NotFound):
            await missing
        given = await asyncio.gather(*tries, return_exceptions=True)
        refused = [each for each in given if isinstance(each, BaseException)]
        assert [type(each) for each in refused] == [Overloaded]
        assert "of this API key" in str(refused[0])
    # Of an open gateway nobody has a key: up to all there are.
    for _ in range(4):
        await house.start(Answer(), owner="")
    with pytest.raises(Overloaded, match="8 background answers run or wait here"):
        await house.start(Answer(), owner="key2")
    (one, *_) = [id_ for id_ in given if isinstance(id_, str)]
    await house.background.cancel(one, "key1")
    await house.start(Answer(), owner="key1")


async def test_a_gateway_that_is_stopped_lets_answers_end(opened: Opens, url: str) -> None:
    house = opened(url)
    quick, slow = Answer(), Answer().say("Half")
    ids = [await house.start(quick), await house.start(slow)]
    await until(lambda: written(house, ids[1], "Half"))
    closing = asyncio.create_task(house.background.close(0.2))
    await asyncio.sleep(0)
    quick.say("Whole.").end()
    await closing
    records = [await house.record(id_) for id_ in ids]
    assert [record.status for record in records] == ["completed", "failed"]
    assert "stopped" in records[1].body["error"]["message"]
    assert records[1].output[0]["content"][0]["text"] == "Half"


@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "elsewhere"])
async def test_deleted_while_it_goes(opened: Opens, url: str, elsewhere: bool) -> None:
    house, other = opened(url), opened(url)
    conversation = new_conversation_id()
    await house.conversations.create(conversation, "me", {}, ())
    answer = Answer().say("Half")
    id_ = await house.start(answer, conversation)
    await until(partial(written, house, id_, "Half"))
    assert await (other if elsewhere else house).responses.delete(id_, "me")
    await until(partial(closed, answer))
    assert await house.responses.find(id_) is None
    await other.frames(await other.start(Answer().say("Free.").end(), conversation))


async def closed(answer: Answer) -> bool:
    return answer.closed


async def test_one_conversation_one_writer(opened: Opens, url: str) -> None:
    house, other = opened(url), opened(url)
    conversation = new_conversation_id()
    await house.conversations.create(conversation, "me", {}, ())
    answer = Answer()
    id_ = await house.start(answer, conversation)
    with pytest.raises(ConversationBusy):
        await other.start(Answer(), conversation)
    answer.say("Yes.").end()
    await house.frames(id_)
    await other.frames(await other.start(Answer().say("No.").end(), conversation))
    items = await other.conversations.items(conversation, "me")
    assert items is not None
    texts = [item["content"][0]["text"] for item in items.data]
    assert texts == ["Who?", "Yes.", "No."]  # the same question once: its id is the same
