"""`/v1/conversations`: OpenAI's Conversations API; the list of them is an addition of ours."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response

from app.chat.state import Conversation, Page, new_conversation_id
from app.errors import NotFound
from app.http.gateway import authenticated
from app.http.responses.routes import At, Who, included, paged
from app.http.responses.said_before import own_input
from app.wire.openai.conversations_request import AddItems, ChangeConversation, NewConversation
from app.wire.openai.lists import conversation_body, items_body, listed
from app.wire.openai.output import shown
from app.wire.openai.responses_request import Includable

router = APIRouter(prefix="/v1", tags=["conversations"], dependencies=[Depends(authenticated)])

Include = Annotated[list[Includable], Depends(included)]


@router.post("/conversations", response_model=None)
async def create_conversation(at: At, who: Who, body: NewConversation | None = None) -> Response:
    """A new conversation, with items if there are any already."""
    body = body or NewConversation()
    items = await own_input(body.items or (), secrets.token_hex(12), at.state, who.id, copied=True)
    conversation = await at.state.conversations.create(
        new_conversation_id(), who.id, body.metadata or {}, items
    )
    return JSONResponse(conversation_body(conversation))


@router.get("/conversations", response_model=None)
async def list_conversations(
    at: At,
    who: Who,
    page: Annotated[Page, Depends(paged)],
    query: Annotated[str, Query(max_length=256)] = "",
) -> Response:
    """Conversations, those that grew last first; with `query`, those that mention it."""
    found = await at.state.conversations.list(who.id, page, query)
    return JSONResponse(
        listed([conversation_body(each) for each in found.data], has_more=found.has_more)
    )


@router.get("/conversations/{conversation_id}", response_model=None)
async def get_conversation(conversation_id: str, at: At, who: Who) -> Response:
    """A conversation, without its items."""
    found = await at.state.conversations.load(conversation_id, who.id)
    return JSONResponse(conversation_body(_there(found, conversation_id)))


@router.post("/conversations/{conversation_id}", response_model=None)
async def change_conversation(
    conversation_id: str, body: ChangeConversation, at: At, who: Who
) -> Response:
    """Put other metadata in place of what it had."""
    found = await at.state.conversations.update(conversation_id, who.id, body.metadata or {})
    return JSONResponse(conversation_body(_there(found, conversation_id)))


@router.delete("/conversations/{conversation_id}", response_model=None)
async def delete_conversation(conversation_id: str, at: At, who: Who) -> Response:
    """Forget a conversation and its items. Responses that were part of it stay."""
    if not await at.state.conversations.delete(conversation_id, who.id):
        raise _missing(conversation_id)
    return JSONResponse({"id": conversation_id, "object": "conversation.deleted", "deleted": True})


@router.get("/conversations/{conversation_id}/items", response_model=None)
async def list_items(
    conversation_id: str,
    at: At,
    who: Who,
    page: Annotated[Page, Depends(paged)],
    include: Include,
) -> Response:
    """What was said in a conversation."""
    found = await at.state.conversations.items(conversation_id, who.id, page)
    if found is None:
        raise _missing(conversation_id)
    return JSONResponse(items_body(found, include))


@router.post("/conversations/{conversation_id}/items", response_model=None)
async def add_items(
    conversation_id: str, body: AddItems, at: At, who: Who, include: Include
) -> Response:
    """Add items at the end."""
    _there(await at.state.conversations.load(conversation_id, who.id), conversation_id)
    part = secrets.token_hex(12)
    items = await own_input(body.items, part, at.state, who.id, conversation_id, copied=True)
    await at.state.conversations.add_items(conversation_id, who.id, items)
    return JSONResponse(listed([shown(item, include) for item in items], has_more=False))


@router.get("/conversations/{conversation_id}/items/{item_id}", response_model=None)
async def get_item(
    conversation_id: str, item_id: str, at: At, who: Who, include: Include
) -> Response:
    """One item."""
    item = await at.state.conversations.item(conversation_id, who.id, item_id)
    if item is None:
        raise _no_item(item_id, conversation_id)
    return JSONResponse(shown(item, include))


@router.delete("/conversations/{conversation_id}/items/{item_id}", response_model=None)
async def delete_item(conversation_id: str, item_id: str, at: At, who: Who) -> Response:
    """Forget one item; the conversation is what comes back."""
    if not await at.state.conversations.delete_item(conversation_id, who.id, item_id):
        raise _no_item(item_id, conversation_id)
    return await get_conversation(conversation_id, at, who)


def _there(conversation: Conversation | None, id_: str) -> Conversation:
    if conversation is None:
        raise _missing(id_)
    return conversation


def _missing(id_: str) -> NotFound:
    return NotFound(f"Conversation with id '{id_}' not found.", param="conversation_id")


def _no_item(id_: str, conversation: str) -> NotFound:
    return NotFound(f"Item '{id_}' not found in conversation '{conversation}'.", param="item_id")
