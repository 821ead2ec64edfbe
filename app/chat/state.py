"""State that outlives a request, as ports and records: responses, their events, conversations.

Everything belongs to an *owner* (the key that asked; "" on an open gateway); what is another's is
as good as not there. Bodies and items are JSON objects as the public format shows them: a store
keeps them and reads no more of them than an item's `id`.

An answer is begun before its first token and finished once, by whoever is first: the gateway that
gives it, one that cancels it, or one that found its gateway dead. A conversation is held from
`begin` to `finish` by the one answer that writes it; another gets ConversationBusy meanwhile.

Ids carry a *thread* in their first half: a response shares it with its conversation, or with the
response that it continues. All that one transaction touches is of one thread, and lies in one
slot of a Redis cluster.
"""

import re
import secrets
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)
Body = dict[str, Any]
Item = dict[str, Any]
"""A JSON object with its own `id`."""
Frame = tuple[int, bytes]
"""An event as it was sent, behind its sequence number. Numbers rise by one from 0."""
Status = Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]
ACTIVE: tuple[Status, ...] = ("queued", "in_progress")

_ID = re.compile(r"(?:resp|conv)_([0-9a-f]{24})[0-9a-f]{24}", re.ASCII)


def new_response_id(beside: str | None = None) -> str:
    """An id for a response, in the thread of the conversation or response it continues."""
    return f"resp_{thread_of(beside or '') or secrets.token_hex(12)}{secrets.token_hex(12)}"


def new_conversation_id() -> str:
    """An id for a conversation."""
    return f"conv_{secrets.token_hex(24)}"


def thread_of(id_: str) -> str | None:
    """The thread of a response or conversation; None where this is no id of ours."""
    found = _ID.fullmatch(id_)
    return found[1] if found else None


@dataclass(frozen=True, slots=True)
class Beginning:
    """An answer that is about to be given."""

    id: str
    """Of `new_response_id(conversation or previous)`."""
    owner: str
    body: Body
    """The response as it stands."""
    input: tuple[Item, ...] = ()
    """What this request says, without what the conversation holds already."""
    previous: str | None = None
    """The response it continues."""
    conversation: str | None = None
    """The conversation it writes; never together with `previous`."""
    background: bool = False
    """Whether it lives without the connection that asked, and others may cancel it."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of an answer."""

    status: Status
    body: Body
    output: tuple[Item, ...]
    """Its complete items, for `history` and for the conversation."""
    frames: tuple[Frame, ...] = ()
    """Of a background answer: the last events, not yet in its log; they close it."""


@dataclass(frozen=True, slots=True)
class ResponseRecord:
    """A stored response."""

    id: str
    owner: str
    status: Status
    body: Body
    input: tuple[Item, ...]
    output: tuple[Item, ...]
    previous: str | None
    conversation: str | None
    background: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """A stored conversation, without its items."""

    id: str
    owner: str
    created_at: int
    """Unix seconds."""
    metadata: dict[str, str]
    updated_at: int
    """When an item was last added."""
    held_by: str | None = None
    """The response that is writing it now."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for."""

    limit: int = 20
    after: str | None = None
    """The id behind which it begins."""
    order: Literal["asc", "desc"] = "desc"


@dataclass(frozen=True, slots=True)
class Listed(Generic[T_co]):
    """Part of a list."""

    data: tuple[T_co, ...]
    has_more: bool


class ResponseStore(Protocol):
    """Responses, by id. Every method raises StoreUnavailable when the store can't be reached."""

    async def begin(self, beginning: Beginning) -> None:
        """Keep a response as `in_progress`, and take its conversation.

        Raises:
            ConversationBusy: another answer is writing the conversation.
            NotFound: there is no such conversation, or no such `previous`, of this owner.
            StateTooLarge: the input is more than one response may hold.
        """
        ...

    async def progress(self, id_: str, body: Body, output: Sequence[Item]) -> bool:
        """Keep how far an answer has come; called when an item of it is complete.

        Returns:
            Whether it may go on: False once somebody ended it, or wants it cancelled.
        """
        ...

    async def finish(self, id_: str, ending: Ending) -> bool:
        """End an answer, in one transaction: body and items kept, its input and output added to
        its conversation, the conversation given back, its event log closed.

        Returns:
            False where it had ended before (then nothing is changed), or was deleted.
        """
        ...

    async def load(self, id_: str, owner: str) -> ResponseRecord | None:
        """A response; None where there is none of this owner."""
        ...

    async def find(self, id_: str) -> ResponseRecord | None:
        """A response, whoever's it is: for the gateway's own work."""
        ...

    async def delete(self, id_: str, owner: str) -> bool:
        """Forget a response with its events and its trace; whether it was there.

        Its items stay in its conversation. One still active is ended by it.
        """
        ...

    async def history(self, id_: str, owner: str) -> tuple[Item, ...]:
        """What was said up to this response and in it: input and output along `previous`, oldest
        first. Ancestors deleted or expired meanwhile are passed over.

        Raises:
            NotFound: there is no such response of this owner.
        """
        ...

    async def ask_cancel(self, id_: str, owner: str) -> ResponseRecord | None:
        """Ask whoever gives this answer to end it; the response as it is now."""
        ...

    async def keep_trace(self, id_: str, owner: str, trace: bytes) -> None:
        """Keep what an answer was made of, as long as the answer; not where that was deleted."""
        ...

    async def trace(self, id_: str, owner: str) -> bytes | None:
        """The trace of an answer."""
        ...


class EventLog(Protocol):
    """The events of background answers, so that any of them can be the point to go on from."""

    async def append(self, id_: str, frames: Sequence[Frame]) -> bool:
        """Add events; those already there are passed over, so a call may be made again.

        Returns:
            Whether the answer may go on: False once somebody ended it, or wants it cancelled.
        """
        ...

    def read(self, id_: str, after: int = -1) -> AsyncGenerator[Sequence[Frame], None]:
        """Events behind the number `after`, as they come; ends behind the last one.

        Raises:
            EventsGone: they were dropped, for their age or their size.
        """
        ...

    async def last(self, id_: str) -> int:
        """The number of the last event there is; -1 where there is none."""
        ...


class ConversationStore(Protocol):
    """Conversations and their items."""

    async def create(
        self, id_: str, owner: str, metadata: dict[str, str], items: Sequence[Item]
    ) -> Conversation:
        """A new conversation."""
        ...

    async def load(self, id_: str, owner: str) -> Conversation | None:
        """A conversation; None where there is none of this owner."""
        ...

    async def update(self, id_: str, owner: str, metadata: dict[str, str]) -> Conversation | None:
        """Put `metadata` in place of what it had."""
        ...

    async def delete(self, id_: str, owner: str) -> bool:
        """Forget it and its items; whether it was there. Responses that were part of it stay."""
        ...

    async def list(self, owner: str, page: Page, query: str = "") -> Listed[Conversation]:
        """Conversations, by when they last grew; those in whose metadata or items `query` is."""
        ...

    async def items(self, id_: str, owner: str, page: Page | None = None) -> Listed[Item] | None:
        """Its items, all in order without a page; None where there is no such conversation."""
        ...

    async def item(self, id_: str, owner: str, item_id: str) -> Item | None:
        """One of its items."""
        ...

    async def add_items(self, id_: str, owner: str, items: Sequence[Item]) -> None:
        """Add items at its end.

        Raises:
            NotFound: there is no such conversation of this owner.
            ConversationBusy: an answer is writing it.
            StateTooLarge: it is full.
        """
        ...

    async def delete_item(self, id_: str, owner: str, item_id: str) -> bool:
        """Forget one of its items; whether it was there.

        Raises:
            ConversationBusy: an answer is writing the conversation.
        """
        ...


class Leases(Protocol):
    """Who is alive: each gateway renews the leases of the answers it is giving."""

    seconds: float
    """How long a lease lasts."""

    async def renew(self, ids: Sequence[str]) -> None:
        """Take or renew the leases of these answers."""
        ...

    async def release(self, ids: Sequence[str]) -> None:
        """These answers have ended."""
        ...

    async def lapsed(self) -> tuple[str, ...]:
        """Answers whose gateway has not renewed their lease in time."""
        ...


@dataclass(frozen=True, slots=True)
class State:
    """All of it, as the routes have it."""

    responses: ResponseStore
    conversations: ConversationStore
    events: EventLog
    leases: Leases
