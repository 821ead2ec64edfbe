"""Conversations in Redis: who and when in a hash, items in another, their order in a sorted set.

The list of an owner's conversations lies in another slot than the conversations, so it is written
after them and is no more than a list: what it names and is gone is passed over and struck out.
"""

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from app.chat.state import Conversation, Item, Listed, Page, thread_of
from app.errors import ConversationBusy, InvalidRequest, NotFound
from app.stores import keys
from app.stores.connection import connect, named
from app.stores.conversation_scripts import (
    ADD,
    DELETE,
    DELETE_ITEM,
    LARGEST,
    UPDATE,
    put_on_top,
    too_large,
)

LOOKED_AT = 100
"""Conversations of the list that are read at once."""
LOOKED_INTO = 10
"""The same where their items are read too: each may hold LARGEST bytes of them."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


class RedisConversationStore:
    """Implements `app.chat.state.ConversationStore`."""

    def __init__(self, url: str, *, seconds: int) -> None:
        """
        Args:
            url: of Redis.
            seconds: how long a conversation is kept after it was last written.
        """
        self._redis = connect(url)
        self._seconds = seconds

    async def create(
        self, id_: str, owner: str, metadata: dict[str, str], items: Sequence[Item]
    ) -> Conversation:
        """A new conversation."""
        now = int(time.time())
        await self._add(id_, owner, items, now, _encode(metadata))
        await put_on_top(self._redis, id_, owner, self._seconds)
        return Conversation(id_, owner, now, metadata, now)

    async def load(self, id_: str, owner: str) -> Conversation | None:
        """A conversation; None where there is none of this owner."""
        if thread_of(id_) is None:
            return None
        with named():
            found = await self._redis.hgetall(keys.of(id_))
        conversation = _conversation(id_, found)
        return conversation if conversation and conversation.owner == owner else None

    async def update(self, id_: str, owner: str, metadata: dict[str, str]) -> Conversation | None:
        """Put `metadata` in place of what it had."""
        if thread_of(id_) is None:
            return None
        with named():
            await UPDATE(self._redis, _keys(id_), [owner, self._seconds, _encode(metadata)])
        return await self.load(id_, owner)

    async def delete(self, id_: str, owner: str) -> bool:
        """Forget it and its items; whether it was there."""
        if thread_of(id_) is None:
            return False
        with named():
            was_there = bool(await DELETE(self._redis, _keys(id_), [owner]))
            if was_there:
                await self._redis.zrem(keys.conversations(owner), id_)
        return was_there

    async def list(self, owner: str, page: Page, query: str = "") -> Listed[Conversation]:
        """Conversations, by when they last grew; those in whose metadata or items `query` is."""
        key, wanted = keys.conversations(owner), query.casefold()
        start = await self._behind(key, page, "conversation")
        at_once = LOOKED_INTO if wanted else LOOKED_AT
        found: list[Conversation] = []
        while len(found) <= page.limit:
            ids = await self._range(key, page, start, at_once)
            start += len(ids)
            gone = []
            for id_, (about, items) in zip(ids, await self._read(ids, wanted), strict=True):
                conversation = _conversation(id_, about)
                if conversation is None or conversation.owner != owner:
                    gone.append(id_)
                elif not wanted or _mentions(conversation, items, wanted):
                    found.append(conversation)
            if gone:
                start -= len(gone)
                with named():
                    await self._redis.zrem(key, *gone)
            if len(ids) < at_once:
                break
        return Listed(tuple(found[: page.limit]), len(found) > page.limit)

    async def items(self, id_: str, owner: str, page: Page | None = None) -> Listed[Item] | None:
        """Its items, all in order without a page; None where there is no such conversation."""
        if await self.load(id_, owner) is None:
            return None
        key = keys.order(id_)
        page, most = (page, page.limit + 1) if page else (Page(order="asc"), 0)
        names = await self._range(key, page, await self._behind(key, page, "item"), most)
        if not names:
            return Listed((), has_more=False)
        with named():
            found = await self._redis.hmget(keys.items(id_), names)
        items = tuple(_decode(item) for item in found if item is not None)
        return (
            Listed(items[: most - 1], len(names) == most) if most else Listed(items, has_more=False)
        )

    async def item(self, id_: str, owner: str, item_id: str) -> Item | None:
        """One of its items."""
        if await self.load(id_, owner) is None:
            return None
        with named():
            found = await self._redis.hget(keys.items(id_), item_id)
        return None if found is None else _decode(found)

    async def add_items(self, id_: str, owner: str, items: Sequence[Item]) -> None:
        """Add items at its end."""
        await self._add(id_, owner, items, int(time.time()), None)
        await put_on_top(self._redis, id_, owner, self._seconds)

    async def delete_item(self, id_: str, owner: str, item_id: str) -> bool:
        """Forget one of its items; whether it was there."""
        if thread_of(id_) is None:
            return False
        with named():
            reply = await DELETE_ITEM(self._redis, _keys(id_), [owner, item_id])
        if reply == b"busy":
            raise _busy()
        return bool(reply == b"deleted")

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._redis.aclose()

    async def _add(
        self, id_: str, owner: str, items: Sequence[Item], now: int, metadata: bytes | None
    ) -> None:
        missing = NotFound(f"Conversation with id '{id_}' not found.", param="conversation_id")
        if thread_of(id_) is None:
            raise missing
        parts = [part for item in items for part in (item["id"], _encode(item))]
        with named():
            reply = await ADD(
                self._redis,
                _keys(id_),
                [
                    owner,
                    self._seconds,
                    now,
                    LARGEST,
                    "0" if metadata is None else "1",
                    metadata or b"",
                    *parts,
                ],
            )
        match reply:
            case b"missing":
                raise missing
            case b"busy":
                raise _busy()
            case b"large":
                raise too_large()

    async def _behind(self, key: str, page: Page, what: str) -> int:
        """The place in the list at which the page begins."""
        if page.after is None:
            return 0
        rank = self._redis.zrank if page.order == "asc" else self._redis.zrevrank
        with named():
            place = await rank(key, page.after)
        if place is None:
            raise InvalidRequest(f"There is no {what} '{page.after}' here.", param="after")
        return int(place) + 1

    async def _range(self, key: str, page: Page, start: int, most: int) -> Sequence[str]:
        """Names in the list; `most` of 0 is all of them."""
        with named():
            found = await self._redis.zrange(
                key, start, start + most - 1 if most else -1, desc=page.order == "desc"
            )
        return [name.decode() for name in found]

    async def _read(self, ids: Sequence[str], wanted: str) -> Sequence[tuple[Any, Any]]:
        """Of each conversation what is kept about it, and its items where they matter."""
        if not ids:
            return []
        with named():
            async with self._redis.pipeline(transaction=False) as together:
                for id_ in ids:
                    together.hgetall(keys.of(id_))
                    if wanted:
                        together.hvals(keys.items(id_))
                found = await together.execute()
        return (
            list(zip(found[::2], found[1::2], strict=True)) if wanted else [(x, ()) for x in found]
        )


def _keys(id_: str) -> Sequence[str]:
    return [keys.of(id_), keys.order(id_), keys.items(id_)]


def _conversation(id_: str, found: dict[bytes, bytes]) -> Conversation | None:
    if b"created" not in found:
        return None
    return Conversation(
        id=id_,
        owner=found[b"owner"].decode(),
        created_at=int(found[b"created"]),
        metadata=_decode(found[b"metadata"]),
        updated_at=int(found[b"updated"]),
        held_by=found[b"holder"].decode() if b"holder" in found else None,
    )


def _mentions(conversation: Conversation, items: Sequence[bytes], wanted: str) -> bool:
    about = " ".join(conversation.metadata.values()).casefold()
    # As it stands in JSON: most items needn't be taken apart to see that it isn't in them.
    written = _encode(wanted)[1:-1].decode().casefold()
    return wanted in about or any(
        wanted in " ".join(_texts(_decode(item))).casefold()
        for item in items
        if written in item.decode().casefold()
    )


def _texts(value: Any) -> Sequence[str]:
    """What is said in an item: its `text`s, and its `content` where that is a text."""
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    if not isinstance(value, dict):
        return []
    said = [value[name] for name in ("text", "content") if isinstance(value.get(name), str)]
    return [*said, *(text for each in value.values() for text in _texts(each))]


def _busy() -> ConversationBusy:
    return ConversationBusy("An answer is being written to this conversation. Wait for its end.")
