"""What a gateway keeps its answers with, and answers that say what a test tells them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any

import msgspec

from app.chat.events import Event, Finished, Started, TextDelta, Usage
from app.chat.state import Beginning, Frame, ResponseRecord, State, new_response_id
from app.http.background.answers import BackgroundAnswers
from app.http.background.under_way import UnderWay
from app.stores.conversations import RedisConversationStore
from app.stores.event_log import RedisEventLog
from app.stores.leases import RedisLeases
from app.stores.responses import RedisResponseStore
from app.wire.openai.response_body import head
from app.wire.openai.responses import ResponseStream

PATIENCE = 30.0
USAGE = Usage(7)
ASKED: dict[str, Any] = {
    "id": "msg_asked",
    "type": "message",
    "role": "user",
    "content": [{"type": "input_text", "text": "Who?"}],
}


class House:
    """A gateway's own parts; its heart beats when the test says so."""

    def __init__(self, url: str, *, lease: float = 15.0) -> None:
        self.responses = RedisResponseStore(url, seconds=3600, events_seconds=600)
        self.conversations = RedisConversationStore(url, seconds=3600)
        self.events = RedisEventLog(url, seconds=3600)
        self.leases = RedisLeases(url, seconds=lease)
        self.state = State(self.responses, self.conversations, self.events, self.leases)
        self.under_way = UnderWay(self.state)
        self.background = BackgroundAnswers(self.state, self.under_way)

    async def start(
        self, answer: "Answer", conversation: str | None = None, owner: str = "me"
    ) -> str:
        """Give a background answer."""
        id_ = new_response_id(conversation)
        stream = ResponseStream(head(id_, 1, "scripted", background=True))
        first = stream.queued()
        begun = Beginning(
            id_, owner, stream.record(), (ASKED,), conversation=conversation, background=True
        )
        await self.background.start(begun, stream, first, answer, lambda: USAGE)
        return id_

    async def record(self, id_: str) -> ResponseRecord:
        record = await self.responses.load(id_, "me")
        assert record is not None
        return record

    async def frames(self, id_: str, after: int = -1) -> list[Frame]:
        """All its frames, to the last."""
        async with asyncio.timeout(PATIENCE), aclosing(self.background.follow(id_, after)) as some:
            return [frame async for frames in some for frame in frames]

    async def close(self) -> None:
        await self.background.close(0)
        await self.under_way.close()
        for each in (self.responses, self.conversations, self.events, self.leases):
            await each.aclose()


class Answer:
    """An answer that says what it is told to, when it is told to."""

    def __init__(self, *refusals: Exception) -> None:
        self._said: asyncio.Queue[Event | Exception] = asyncio.Queue()
        self._refusals = list(refusals)
        self.closed = False
        self.say(Started(7))

    def say(self, *events: Event | Exception | str) -> "Answer":
        """Say this next."""
        for event in events:
            self._said.put_nowait(TextDelta(event) if isinstance(event, str) else event)
        return self

    def end(self) -> "Answer":
        """That was all."""
        return self.say(Finished("stop", USAGE))

    async def __call__(self) -> AsyncGenerator[Sequence[Event], None]:
        if self._refusals:
            raise self._refusals.pop(0)
        try:
            while True:
                event = await self._said.get()
                if isinstance(event, Exception):
                    raise event
                yield (event,)
                if isinstance(event, Finished):
                    return
        finally:
            self.closed = True


def kinds(frames: Sequence[Frame]) -> list[str]:
    """The types of events."""
    return [str(data(frame)["type"]).removeprefix("response.") for frame in frames]


def data(frame: Frame) -> dict[str, Any]:
    """What an event says."""
    number, sent = frame
    event, said = sent.decode().split("\n", 1)
    body = msgspec.json.decode(said.removeprefix("data: ").strip())
    assert event == f"event: {body['type']}"
    assert body["sequence_number"] == number
    assert isinstance(body, dict)
    return body


def text_of(frames: Sequence[Frame]) -> str:
    """The text that was streamed."""
    return "".join(data(frame).get("delta", "") for frame in frames)


async def until(condition: Callable[[], Any]) -> Any:
    """Wait until an awaitable condition gives something true."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await condition()):  # noqa: ASYNC110 - it is in Redis
            await asyncio.sleep(0.01)
    return found
