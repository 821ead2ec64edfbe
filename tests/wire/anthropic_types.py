"""Anthropic's own client as a judge: every frame must be one of its types, nothing missing."""

import json
from typing import Any

from anthropic.types import Message, RawMessageStreamEvent
from pydantic import BaseModel, TypeAdapter

EVENT: TypeAdapter[Any] = TypeAdapter(RawMessageStreamEvent)
OURS = {"generated_tokens", "injected_tokens", "searches", "search_hidden_ms", "dropped_citations",
        "stray_markers", "legs"}  # fmt: skip


def frames_of(raw: bytes) -> list[dict[str, Any]]:
    """What a client reads, by the letter of the format: `event:` and `data:`, then a blank line."""
    assert not raw or raw.endswith(b"\n\n")
    out = []
    for block in raw.decode().split("\n\n")[:-1]:
        event, data = block.split("\n")
        assert data.startswith("data: ")
        body = json.loads(data[6:])
        assert event == f"event: {body['type']}"
        out.append(body)
    return out


def assert_official(frame: dict[str, Any]) -> None:
    """The frame is of one of the client's types, with no field that it lacks."""
    if frame["type"] not in ("ping", "error"):
        known(EVENT.validate_python(frame))


def assert_official_message(body: dict[str, Any]) -> None:
    """The same of a whole message."""
    known(Message.model_validate(body))


def known(value: Any) -> None:
    if isinstance(value, BaseModel):
        unknown = set(value.model_extra or ()) - OURS
        assert not unknown, f"{type(value).__name__} knows no {unknown}"
        for name in type(value).model_fields:
            known(getattr(value, name))
    elif isinstance(value, list):
        for each in value:
            known(each)


def put_together(frames: list[dict[str, Any]]) -> dict[str, Any]:
    """The message that a client makes of a stream; blocks must open and close one by one."""
    message: dict[str, Any] = {}
    open_: dict[str, Any] | None = None
    written = ""
    for frame in frames:
        match frame["type"]:
            case "message_start":
                assert not message
                message = frame["message"]
                assert message["content"] == []
            case "content_block_start":
                assert open_ is None
                assert frame["index"] == len(message["content"])
                open_, written = frame["content_block"], ""
                message["content"].append(open_)
            case "content_block_delta":
                assert open_ is not None
                assert frame["index"] == len(message["content"]) - 1
                delta = frame["delta"]
                match delta["type"]:
                    case "text_delta":
                        open_["text"] += delta["text"]
                    case "citations_delta":
                        open_.setdefault("citations", []).append(delta["citation"])
                    case "thinking_delta":
                        open_["thinking"] += delta["thinking"]
                    case "signature_delta":
                        open_["signature"] += delta["signature"]
                    case "input_json_delta":
                        written += delta["partial_json"]
                    case _:
                        raise AssertionError(delta)
            case "content_block_stop":
                assert open_ is not None
                assert frame["index"] == len(message["content"]) - 1
                if written:
                    open_["input"] = json.loads(written)
                open_ = None
            case "message_delta":
                assert open_ is None
                message |= frame["delta"]
                message["usage"] |= frame["usage"]
            case "message_stop" | "error":
                assert open_ is None
                assert frame is frames[-1]
            case "ping":
                pass
            case _:
                raise AssertionError(frame)
    return message
