"""Responses to begin and end."""

from typing import Any

from app.chat.state import Beginning, Ending, new_response_id

ASKED: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "user", "content": "Who? \u2028"}
SAID: dict[str, Any] = {
    "id": "msg_2",
    "type": "message",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Nobody."}],
}


def beginning(beside: str | None = None, **fields: Any) -> Beginning:
    id_ = new_response_id(beside)
    body = {"id": id_, "status": "in_progress"}
    return Beginning(**{"id": id_, "owner": "me", "body": body, "input": (ASKED,), **fields})


def ending(id_: str, status: Any = "completed", **fields: Any) -> Ending:
    return Ending(**{"status": status, "body": {"id": id_, "x": 1}, "output": (SAID,), **fields})
