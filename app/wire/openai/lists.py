"""Lists as OpenAI's APIs give them, page by page."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from app.chat.state import Conversation, Item, Listed, Page
from app.wire.openai.output import shown


def listed(data: Sequence[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    """A page; `first_id` and `last_id` are empty on one with nothing on it."""
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else "",
        "last_id": data[-1]["id"] if data else "",
        "has_more": has_more,
    }


def page_of(items: Iterable[Item], page: Page) -> Listed[Item]:
    """A page of items that are given oldest first."""
    ordered = list(items) if page.order == "asc" else list(items)[::-1]
    places = (at + 1 for at, item in enumerate(ordered) if item["id"] == page.after)
    start = next(places, 0)
    rest = ordered[start : start + page.limit]
    return Listed(tuple(rest), len(ordered) > start + page.limit)


def items_body(items: Listed[Item], include: Collection[str] = ()) -> dict[str, Any]:
    """Items as a client sees them that asked for `include`."""
    return listed([shown(item, include) for item in items.data], has_more=items.has_more)


def conversation_body(conversation: Conversation) -> dict[str, Any]:
    """A conversation; when it grew and which response is writing it are fields of our own."""
    return {
        "id": conversation.id,
        "object": "conversation",
        "created_at": conversation.created_at,
        "metadata": conversation.metadata,
        "updated_at": conversation.updated_at,
        "active_response": conversation.held_by,
    }
