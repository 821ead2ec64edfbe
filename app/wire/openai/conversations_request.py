"""The bodies of `/v1/conversations`."""

from typing import Annotated

from pydantic import Field

from app.wire.body import RequestBody
from app.wire.openai.items import InputItem
from app.wire.openai.responses_request import Metadata

Items = Annotated[list[InputItem], Field(max_length=20)]
"""At most as many at a time as OpenAI takes."""


class NewConversation(RequestBody):
    """A conversation to begin."""

    items: Items | None = None
    metadata: Metadata | None = None


class ChangeConversation(RequestBody):
    """What is to be known of a conversation from now on."""

    metadata: Metadata | None


class AddItems(RequestBody):
    """Items to add at a conversation's end."""

    items: Annotated[Items, Field(min_length=1)]
