"""Responses in Redis: begun once, finished once, whoever comes first.

A conversation is held by the response that is named in its `holder`; `BEGIN` takes it and `FINISH`
gives it back in the same transaction that adds what was said. A holder that ended or is gone holds
nothing.
"""

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from app.chat.state import ACTIVE, Beginning, Body, Ending, Item, ResponseRecord, thread_of
from app.errors import ConversationBusy, NotFound
from app.stores import keys
from app.stores.connection import connect, named
from app.stores.conversation_scripts import LARGEST, put_on_top, too_large
from app.stores.response_scripts import BEGIN, CANCEL, DELETE, FINISH, KEEP_TRACE, PROGRESS

LONGEST_CHAIN = 1000
"""Responses that are looked back on; older ones are not told to the model."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


class RedisResponseStore:
    """Implements `app.chat.state.ResponseStore`."""

    def __init__(self, url: str, *, seconds: int, events_seconds: int) -> None:
        """
        Args:
            url: of Redis.
            seconds: how long a response is kept after it was last written or continued.
            events_seconds: how long its events are kept after its end.
        """
        self._redis = connect(url)
        self._seconds = seconds
        self._events_seconds = events_seconds

    async def begin(self, beginning: Beginning) -> None:
        """Keep a response as active, and take its conversation."""
        id_, conversation, previous = beginning.id, beginning.conversation, beginning.previous
        missing = NotFound(
            f"Conversation with id '{conversation}' not found."
            if conversation
            else f"Previous response with id '{previous}' not found.",
            param="conversation" if conversation else "previous_response_id",
        )
        assert thread_of(id_), f"{id_} is no id of a response"
        if beside := conversation or previous:
            if thread_of(beside) is None:
                raise missing
            assert thread_of(id_) == thread_of(beside), "of new_response_id(beside)"
        said = _encode(beginning.input)
        if len(said) > LARGEST:
            raise too_large()
        fields: dict[str, str | bytes] = {
            "status": beginning.body.get("status", "in_progress"),
            "body": _encode(beginning.body),
            "input": said,
            "output": b"[]",
            "previous": previous or "",
            "conversation": conversation or "",
            "background": "1" if beginning.background else "0",
        }
        assert fields["status"] in ACTIVE
        holder = ""
        while True:
            with named():
                reply = await BEGIN(
                    self._redis,
                    [
                        keys.of(id_),
                        keys.of(conversation or id_),
                        keys.of(previous or id_),
                        keys.of(holder or id_),
                    ],
                    [
                        id_,
                        beginning.owner,
                        self._seconds,
                        len(said),
                        LARGEST,
                        conversation or "",
                        previous or "",
                        holder,
                        LONGEST_CHAIN,
                        *(part for pair in fields.items() for part in pair),
                    ],
                )
            match reply.split(b" "):
                case [b"begun"]:
                    return
                case [b"no", _]:
                    raise missing
                case [b"large"]:
                    raise too_large()
                case [b"held", b"by", other] if (held := other.decode()) != holder:
                    holder = held  # look whether it still does
                case _:
                    raise ConversationBusy(
                        "Another answer is being written to this conversation. Wait for its end."
                    )

    async def progress(self, id_: str, body: Body, output: Sequence[Item]) -> bool:
        """Keep how far an answer has come; whether it may go on."""
        args: list[Any] = [self._seconds, "body", _encode(body), "output", _encode(output)]
        args += ["status", body.get("status", "in_progress")]
        with named():
            return bool(await PROGRESS(self._redis, [keys.of(id_)], args))

    async def finish(self, id_: str, ending: Ending) -> bool:
        """End an answer, in one transaction; False where it had ended before."""
        with named():
            said, held, owner = await self._redis.hmget(
                keys.of(id_), "input", "conversation", "owner"
            )
        if said is None:
            return False
        conversation = held.decode() or id_
        frames = [part for number, frame in ending.frames for part in (number, frame)]
        items = (*_decode(said), *ending.output) if held else ()
        with named():
            ended = bool(
                await FINISH(
                    self._redis,
                    [
                        keys.of(id_),
                        keys.events(id_),
                        keys.of(conversation),
                        keys.order(conversation),
                        keys.items(conversation),
                    ],
                    [
                        id_,
                        self._seconds,
                        self._events_seconds,
                        int(time.time()),
                        ending.status,
                        _encode(ending.body),
                        _encode(ending.output),
                        len(ending.frames),
                        *frames,
                        *(part for item in items for part in (item["id"], _encode(item))),
                    ],
                )
            )
        if ended and held:
            await put_on_top(self._redis, conversation, owner.decode(), self._seconds)
        return ended

    async def load(self, id_: str, owner: str) -> ResponseRecord | None:
        """A response; None where there is none of this owner."""
        record = await self.find(id_)
        return record if record and record.owner == owner else None

    async def find(self, id_: str) -> ResponseRecord | None:
        """A response, whoever's it is."""
        if thread_of(id_) is None:
            return None
        with named():
            fields: dict[bytes, bytes] = await self._redis.hgetall(keys.of(id_))
        return _record(id_, fields) if b"status" in fields else None

    async def delete(self, id_: str, owner: str) -> bool:
        """Forget a response with its events and its trace; whether it was there."""
        record = await self.load(id_, owner)
        if record is None:
            return False
        touched = [keys.of(id_), keys.events(id_), keys.trace(id_)]
        with named():
            return bool(
                await DELETE(
                    self._redis, [*touched, keys.of(record.conversation or id_)], [id_, owner]
                )
            )

    async def history(self, id_: str, owner: str) -> tuple[Item, ...]:
        """What was said up to this response and in it."""
        missing = NotFound(
            f"Previous response with id '{id_}' not found.", param="previous_response_id"
        )
        if thread_of(id_) is None:
            raise missing
        with named():
            found, chain = await self._redis.hmget(keys.of(id_), "owner", "chain")
        if found is None or found.decode() != owner:
            raise missing
        said: list[Item] = []
        with named():
            async with self._redis.pipeline(transaction=False) as together:
                for each in (*chain.decode().split(), id_):
                    together.hmget(keys.of(each), "input", "output")
                    together.expire(keys.of(each), self._seconds)
                parts = (await together.execute())[::2]
        for asked, answered in parts:
            if asked is not None:
                said += (*_decode(asked), *_decode(answered))
        return tuple(said)

    async def ask_cancel(self, id_: str, owner: str) -> ResponseRecord | None:
        """Ask whoever gives this answer to end it; the response as it is now."""
        if thread_of(id_) is None:
            return None
        with named():
            await CANCEL(self._redis, [keys.of(id_)], [owner])
        return await self.load(id_, owner)

    async def keep_trace(self, id_: str, owner: str, trace: bytes) -> None:
        """Keep what an answer was made of, as long as the answer; not where that was deleted."""
        touched = [keys.trace(id_), keys.of(id_), keys.completion(id_)]
        with named():
            await KEEP_TRACE(self._redis, touched, [owner, self._seconds, trace])

    async def trace(self, id_: str, owner: str) -> bytes | None:
        """The trace of an answer."""
        with named():
            whose, trace = await self._redis.hmget(keys.trace(id_), "owner", "trace")
        return trace if whose is not None and whose.decode() == owner else None

    async def find_trace(self, id_: str) -> bytes | None:
        """The trace of an answer, whoever's it is: for the operator."""
        with named():
            trace: bytes | None = await self._redis.hget(keys.trace(id_), "trace")
        return trace

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._redis.aclose()


def _record(id_: str, fields: dict[bytes, bytes]) -> ResponseRecord:
    text: Any = {name.decode(): value for name, value in fields.items()}
    return ResponseRecord(
        id=id_,
        owner=text["owner"].decode(),
        status=text["status"].decode(),
        body=_decode(text["body"]),
        input=tuple(_decode(text["input"])),
        output=tuple(_decode(text["output"])),
        previous=text["previous"].decode() or None,
        conversation=text["conversation"].decode() or None,
        background=text["background"] == b"1",
    )
