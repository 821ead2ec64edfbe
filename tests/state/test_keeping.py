"""Responses that live with their connection: what is left of them, however they end."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

import pytest

from app.chat.events import Event
from app.chat.state import Beginning, new_conversation_id, new_response_id
from app.chat.transcript import Transcript
from app.errors import ConversationBusy, EngineUnavailable
from app.http.responses.keeping import kept
from app.stores.connection import MEMORY
from app.wire.openai.response_body import head
from app.wire.openai.responses import ResponseStream
from tests.state.house import ASKED, Answer, House
from tests.wire.openai_types import frames_of
from tests.wire.scenarios import search

Opens = Callable[..., House]
SEARCH = search(0, "Kovats")


class Kept:
    """One answer in one gateway, in a conversation."""

    def __init__(self, house: House, answer: Answer, conversation: str) -> None:
        self.house = house
        self.id = new_response_id(conversation)
        self.stream = ResponseStream(head(self.id, 1, "scripted"))
        beginning = Beginning(
            self.id, "me", self.stream.record(), (ASKED,), conversation=conversation
        )
        self.events: AsyncGenerator[Sequence[Event], None] = kept(
            answer(),
            self.stream,
            Transcript(),
            beginning,
            house.under_way,
        )

    async def frames(self) -> list[str]:
        """All that is shown, to the end."""
        async with aclosing(self.events) as events:
            raw = b"".join([self.stream.frames(batch) async for batch in events])
        return [str(frame["type"]) for frame in frames_of(raw)]


@pytest.fixture
async def house(opened: Opens) -> House:
    return opened(MEMORY)


@pytest.fixture
async def conversation(house: House) -> str:
    id_ = new_conversation_id()
    await house.conversations.create(id_, "me", {}, ())
    return id_


async def said(house: House, conversation: str) -> list[str]:
    items = await house.conversations.items(conversation, "me")
    assert items is not None
    return [item["type"] for item in items.data]


async def test_kept_before_its_end_is_shown(house: House, conversation: str) -> None:
    one = Kept(house, Answer().say("Let me look. ", *SEARCH, "Nobody.").end(), conversation)
    async with aclosing(one.events) as events:
        async for batch in events:
            raw = one.stream.frames(batch)
            if b"response.completed" in raw:
                record = await house.record(one.id)
                assert record.status == "completed"
                assert record.body == one.stream.record()
    assert await said(house, conversation) == [
        "message", "message", "web_search_call", "message"
    ]  # fmt: skip


async def test_a_client_that_leaves_at_any_event(house: House, conversation: str) -> None:
    many = len(("", "Let me look. ", *SEARCH, "No"))
    for reached in range(many + 1):
        one = Kept(house, Answer().say("Let me look. ", *SEARCH, "No"), conversation)
        for _ in range(reached):
            one.stream.frames(await anext(one.events))
        await one.events.aclose()
        if reached == 0:
            assert await house.responses.load(one.id, "me") is None
            continue
        record = await house.record(one.id)
        assert record.status == record.body["status"] == "cancelled"
        assert list(record.output) == record.body["output"] == one.stream.output
        assert not [item for item in record.output if item["status"] == "in_progress"]
    again = Kept(house, Answer().say("Free.").end(), conversation)
    assert (await again.frames())[-1] == "response.completed"


async def test_a_client_that_leaves_while_nothing_happens(house: House, conversation: str) -> None:
    one = Kept(house, Answer().say("Let me"), conversation)
    for _ in range(2):
        await anext(one.events)
    waiting = asyncio.ensure_future(anext(one.events))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    await one.events.aclose()
    assert (await house.record(one.id)).status == "cancelled"
    assert await house.leases.lapsed() == ()


async def test_refused_before_the_first_event_leaves_nothing(
    house: House, conversation: str
) -> None:
    one = Kept(house, Answer(EngineUnavailable("Away.")), conversation)
    with pytest.raises(EngineUnavailable):
        await one.frames()
    assert await house.responses.load(one.id, "me") is None
    assert await said(house, conversation) == []
    after = Kept(house, Answer().say("Free.").end(), conversation)
    assert (await after.frames())[-1] == "response.completed"


async def test_an_unforeseen_error_leaves_a_failed_response(
    house: House, conversation: str
) -> None:
    one = Kept(house, Answer().say("Half an ", RuntimeError("secret")), conversation)
    with pytest.raises(RuntimeError):
        await one.frames()
    record = await house.record(one.id)
    assert record.status == "failed"
    assert "secret" not in str(record.body)
    (*_, last) = frames_of(one.stream.failed(RuntimeError("secret")))
    assert last["type"] == "response.failed"
    assert await said(house, conversation) == ["message", "message"]


async def test_another_waits_its_turn(house: House, conversation: str) -> None:
    one = Kept(house, Answer().say("One."), conversation)
    await anext(one.events)
    other = Kept(house, Answer().say("Two.").end(), conversation)
    with pytest.raises(ConversationBusy):
        await other.frames()
    await one.events.aclose()
    assert await house.responses.load(other.id, "me") is None
    third = Kept(house, Answer().say("Three.").end(), conversation)
    assert (await third.frames())[-1] == "response.completed"
