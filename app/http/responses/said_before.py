"""What the model is to read: this request's own input, and what was said before it."""

import re
from collections.abc import Iterable

from app.chat.state import ACTIVE, Item, State, new_response_id, thread_of
from app.errors import ConversationBusy, InvalidRequest, NotFound
from app.wire.openai.items import InputItem, ItemReference, kept
from app.wire.openai.responses_request import ResponsesRequest

_OUTPUT = re.compile(r"(?:msg|rs|ws)_([0-9a-f]{48})i?[0-9a-f]{2,4}", re.ASCII)
"""An item's id holds its response's."""
MOST_REFERENCES = 1000
"""References of one request: each may have to be looked up."""


async def own_input(
    items: Iterable[InputItem],
    part: str,
    state: State,
    owner: str,
    conversation: str | None = None,
    *,
    copied: bool = False,
) -> tuple[Item, ...]:
    """Items as a client sent them, as they are kept: references looked up, ids of ours given.

    Args:
        items: what the request says.
        part: of the ids that they get.
        state: where references are looked up.
        owner: whose items may be referred to.
        conversation: where they are looked up first.
        copied: another response's items keep their ids where they are referred to, so that it is
            still known whose they are.

    Raises:
        NotFound: an item that is referred to is not kept here.
    """
    known: dict[str, Item] = {}
    out: list[Item] = []
    referred = 0
    for place, item in enumerate(items):
        id_part = f"{part}i{place:02x}"
        if not isinstance(item, ItemReference):
            out.append(kept(item, id_part))
            continue
        referred += 1
        if referred > MOST_REFERENCES:
            raise InvalidRequest(
                f"A request may refer to {MOST_REFERENCES} items at most.", param="input"
            )
        if item.id not in known:
            known |= await _found(item.id, state, owner, conversation)
        if item.id not in known:
            raise NotFound(f"Item with id '{item.id}' not found.", param="input")
        found = known[item.id]
        id_ = f"{found['id'].partition('_')[0]}_{id_part}"
        if copied and not any(each["id"] == item.id for each in out):
            there = conversation and await state.conversations.item(conversation, owner, item.id)
            id_ = id_ if there else item.id
        out.append({**found, "id": id_})
    return tuple(out)


async def _found(id_: str, state: State, owner: str, conversation: str | None) -> dict[str, Item]:
    """The item, and others that stand beside it."""
    if conversation and (item := await state.conversations.item(conversation, owner, id_)):
        return {id_: item}
    if (match := _OUTPUT.fullmatch(id_)) is None:
        return {}
    record = await state.responses.load(f"resp_{match[1]}", owner)
    return {item["id"]: item for item in (*record.input, *record.output)} if record else {}


async def said_before(body: ResponsesRequest, state: State, owner: str) -> tuple[Item, ...]:
    """The items that this request goes on from, oldest first.

    Raises:
        NotFound: there is no such conversation or response of this owner.
        ConversationBusy: that response has not ended.
    """
    if id_ := body.conversation_id:
        items = await state.conversations.items(id_, owner)
        if items is None:
            raise NotFound(f"Conversation with id '{id_}' not found.", param="conversation")
        return items.data
    if id_ := body.previous_response_id:
        record = await state.responses.load(id_, owner)
        if record is not None and record.status in ACTIVE:
            raise ConversationBusy(
                f"Response '{id_}' is still being written. Wait for its end.",
                param="previous_response_id",
            )
        return await state.responses.history(id_, owner)
    return ()


def id_for(body: ResponsesRequest) -> str:
    """An id for the response, beside what it goes on from.

    Raises:
        NotFound: what it goes on from is nothing of ours.
    """
    if (id_ := body.conversation_id) and thread_of(id_) is None:
        raise NotFound(f"Conversation with id '{id_}' not found.", param="conversation")
    if (id_ := body.previous_response_id) and thread_of(id_) is None:
        raise NotFound(
            f"Previous response with id '{id_}' not found.", param="previous_response_id"
        )
    return new_response_id(body.conversation_id or body.previous_response_id)
