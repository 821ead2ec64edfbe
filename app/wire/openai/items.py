"""Items of the Responses and Conversations APIs: as clients send them, as they are kept, as turns.

A message, in the long form or the easy one; what earlier answers put out, sent back (messages,
search calls, reasoning); and references to what is kept here. Whatever else these APIs know is
refused with its name.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag, model_validator

from app.chat.request import Message, Role
from app.wire.openai.output import PREFIX, Item

_OTHER_PARTS = {"input_image": "Images", "input_file": "Files", "input_audio": "Audio"}
Id = Annotated[str, Field(min_length=1, max_length=128)]


def _known_part(value: Any) -> Any:
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind in _OTHER_PARTS:
        raise ValueError(f"{_OTHER_PARTS[kind]} can't be read: the model takes text.")
    return value


class ContentPart(BaseModel):
    """A piece of a message's content."""

    type: Literal["input_text", "output_text", "text", "refusal"]
    text: str | None = None
    refusal: str | None = None
    annotations: list[dict[str, Any]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_something(self) -> "ContentPart":
        field = "refusal" if self.type == "refusal" else "text"
        if getattr(self, field) is None:
            raise ValueError(f"A content part of type '{self.type}' needs '{field}'.")
        return self

    def kept(self, role: str) -> Item:
        """The part as it is kept, in a message of this role."""
        text = self.refusal if self.type == "refusal" else self.text
        if role != "assistant":
            return {"type": "input_text", "text": text}
        return {
            "type": "output_text",
            "text": text,
            "annotations": self.annotations,
            "logprobs": [],
        }


class MessageItem(BaseModel):
    """A turn of the conversation."""

    type: Literal["message"] = "message"
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Annotated[ContentPart, BeforeValidator(_known_part)]]

    def kept(self) -> Item:
        """The item as it is kept."""
        given = self.content
        parts = [ContentPart(type="text", text=given)] if isinstance(given, str) else given
        return {"role": self.role, "content": [part.kept(self.role) for part in parts]}


class SearchCallItem(BaseModel):
    """A search of an earlier answer."""

    type: Literal["web_search_call"]
    action: dict[str, Any] | None = None

    def kept(self) -> Item:
        """The item as it is kept."""
        return {"action": self.action or {"type": "search", "query": "", "queries": []}}


class ReasoningItem(BaseModel):
    """What the model thought in an earlier answer; it is not told of it again."""

    type: Literal["reasoning"]
    summary: list[dict[str, Any]] = Field(default_factory=list)

    def kept(self) -> Item:
        """The item as it is kept."""
        return {"summary": self.summary}


class ItemReference(BaseModel):
    """An item that is kept here, by its id."""

    type: Literal["item_reference"] | None = None
    id: Id


def _kind(value: Any) -> str:
    if not isinstance(value, dict):
        return "item[message]"
    kind = value.get("type")
    if kind is None and "role" not in value and "content" not in value:
        kind = "item_reference"
    return f"item[{kind or 'message'}]"


def _known(value: Any) -> Any:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in (None, "message", "item_reference", "web_search_call", "reasoning"):
        raise ValueError(
            f"Items of type '{kind}' are not supported: this gateway searches by itself, and calls "
            "no other tools."
        )
    return value


InputItem = Annotated[
    Annotated[MessageItem, Tag("item[message]")]
    | Annotated[SearchCallItem, Tag("item[web_search_call]")]
    | Annotated[ReasoningItem, Tag("item[reasoning]")]
    | Annotated[ItemReference, Tag("item[item_reference]")],
    Discriminator(_kind),
    BeforeValidator(_known),
]
Resolved = MessageItem | SearchCallItem | ReasoningItem


def kept(item: Resolved, id_part: str) -> Item:
    """An item as it is kept and shown, under an id of ours that ends in `id_part`."""
    id_ = f"{PREFIX[item.type]}_{id_part}"
    return {"id": id_, "type": item.type, "status": "completed", **item.kept()}


def messages_of(items: Iterable[Item]) -> tuple[Message, ...]:
    """Kept items -> the turns that the model reads. An answer's messages are one turn again."""
    turns: list[tuple[Role, list[str]]] = []
    for item in items:
        if item["type"] != "message":
            continue
        text = "".join(part["text"] for part in item["content"])
        role: Role = "system" if item["role"] == "developer" else item["role"]
        if role == "assistant" and turns and turns[-1][0] == "assistant":
            turns[-1][1].append(text)
        else:
            turns.append((role, [text]))
    return tuple(Message(role, "".join(texts)) for role, texts in turns)
