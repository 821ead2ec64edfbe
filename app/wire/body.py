"""What every request body has in common: unknown fields are refused, half characters are mended."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.chat.request import MAX_MESSAGES
from app.errors import TooManyMessages

Count = Annotated[int, Field(ge=1, lt=2**31)]
"""How many of something, at most: no context window is larger, and every store can count so far."""


def few_enough(messages: Any) -> Any:
    """Messages as they were sent, before any is looked at. Raises TooManyMessages."""
    if isinstance(messages, list) and len(messages) > MAX_MESSAGES:
        raise TooManyMessages(len(messages), MAX_MESSAGES)
    return messages


class Strict(BaseModel):
    """A JSON object in which nothing unknown is dropped in silence."""

    model_config = ConfigDict(extra="forbid")


class RequestBody(Strict):
    """The whole body of a request."""

    @model_validator(mode="before")
    @classmethod
    def _whole_characters(cls, data: Any) -> Any:
        if isinstance(data, bytes):
            raise ValueError("it has to be sent with 'Content-Type: application/json'")
        # A client that cuts a text in the middle of an emoji sends half of a surrogate pair, which
        # JSON can carry and UTF-8 can't.
        text = json.dumps(data, ensure_ascii=False)
        try:
            text.encode()
        except UnicodeEncodeError:
            return json.loads(text.encode("utf-8", "replace"))
        return data
