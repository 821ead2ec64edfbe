"""OpenAI's own client as a judge: every frame must be one of its types, nothing missing."""

import json
from typing import Any, get_args

from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel

_UNION = get_args(get_args(ResponseStreamEvent)[0])
EVENTS: dict[str, type[BaseModel]] = {
    get_args(model.model_fields["type"].annotation)[0]: model for model in _UNION
}
OURS = {"generated_tokens", "injected_tokens", "searches", "search_hidden_ms", "dropped_citations",
        "stray_markers", "legs", "search", "results", "store"}  # fmt: skip
"""Fields that their types don't have; `store` their API sends all the same."""


def frames_of(raw: bytes) -> list[dict[str, Any]]:
    """What a client reads, by the letter of the format: `event:` and `data:`, then a blank line."""
    out = []
    for block in raw.decode().split("\n\n")[:-1]:
        event, data = block.split("\n")
        assert data.startswith("data: ")
        body = json.loads(data[6:])
        assert event == f"event: {body['type']}"
        out.append(body)
    return out


def assert_official(frame: dict[str, Any]) -> None:
    """The frame is of one of the client's types, with all its fields and none that it lacks."""
    if not frame["type"].startswith("orson."):
        _known(EVENTS[frame["type"]].model_validate(frame))


def assert_official_response(body: dict[str, Any]) -> None:
    """The same of a whole response."""
    _known(Response.model_validate(body))


def _known(value: Any) -> None:
    if isinstance(value, BaseModel):
        unknown = set(value.model_extra or ()) - OURS
        assert not unknown, f"{type(value).__name__} knows no {unknown}"
        for name in type(value).model_fields:
            _known(getattr(value, name))
    elif isinstance(value, list):
        for each in value:
            _known(each)
