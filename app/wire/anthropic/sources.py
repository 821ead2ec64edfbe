"""What a search brought, and a citation of it, in Anthropic's form."""

from base64 import urlsafe_b64encode
from typing import Any

import msgspec

from app.chat.access.rationed import LIMIT_REACHED
from app.chat.events import SearchFinished
from app.dialect.results import Numbered
from app.wire.anthropic.quoting import quoted

Step = dict[str, Any]
_CODES = {
    "rate limited": "too_many_requests",
    "quota exhausted": "too_many_requests",
    "busy": "too_many_requests",
    LIMIT_REACHED: "too_many_requests",
    "query refused": "invalid_tool_input",
}
"""What Anthropic calls the reasons for which a search fails; of all others it is `unavailable`."""


def brought(event: SearchFinished) -> list[Step] | Step:
    """What a search brought, in Anthropic's form."""
    if event.failure is not None and not event.passages:
        return failed(_CODES.get(event.failure, "unavailable"))
    return [
        {
            "type": "web_search_result",
            "title": source.passage.title,
            "url": source.passage.url,
            "page_age": source.passage.date,
            "encrypted_content": _token({"number": source.number, "text": source.passage.text}),
        }
        for source in event.passages
    ]


def citation(source: Numbered, claim: str) -> Step:
    """A citation in Anthropic's form; it belongs to the text block it comes in."""
    passage = source.passage
    return {
        "type": "web_search_result_location",
        "url": passage.url,
        "title": passage.title,
        "cited_text": quoted(passage.text, claim),
        "encrypted_index": _token({"number": source.number}),
    }


def failed(code: str) -> Step:
    """What stands in the place of results."""
    return {"type": "web_search_tool_result_error", "error_code": code}


def _token(value: dict[str, Any]) -> str:
    """Opaque to clients, who send it back as it is. It is encoded and hides nothing."""
    return urlsafe_b64encode(msgspec.json.encode(value)).decode()
