"""The OpenAPI document: what each route answers with, its errors included.

FastAPI writes down what comes in; what goes out is written here, in one table, since routes answer
with bodies that are made elsewhere. `GET /openapi.json` shows it.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from app.http.problems import is_anthropic
from app.wire.examples import EXAMPLES
from app.wire.shapes import SHAPES, ref

JSON, STREAM, TEXT = "application/json", "text/event-stream", "text/plain"

ANSWERS: dict[tuple[str, str], tuple[str, str]] = {
    ("post", "/v1/chat/completions"): ("ChatCompletion", "The answer; with `stream`, its chunks."),
    ("get", "/v1/chat/completions/{completion_id}"): ("ChatCompletion", "The completion."),
    ("delete", "/v1/chat/completions/{completion_id}"): ("ChatCompletionDeleted", "Forgotten."),
    ("post", "/v1/responses"): ("Response", "The response; with `stream`, its events."),
    ("post", "/v1/responses/input_tokens"): ("ResponseInputTokens", "The count."),
    ("get", "/v1/responses/{response_id}"): ("Response", "It; with `stream`, its events."),
    ("delete", "/v1/responses/{response_id}"): ("ResponseDeleted", "Forgotten."),
    ("post", "/v1/responses/{response_id}/cancel"): ("Response", "What has become of it."),
    ("get", "/v1/responses/{response_id}/input_items"): ("ItemList", "A page of its input."),
    ("post", "/v1/conversations"): ("Conversation", "The new conversation."),
    ("get", "/v1/conversations"): ("ConversationList", "A page of them."),
    ("get", "/v1/conversations/{conversation_id}"): ("Conversation", "The conversation."),
    ("post", "/v1/conversations/{conversation_id}"): ("Conversation", "The conversation."),
    ("delete", "/v1/conversations/{conversation_id}"): ("ConversationDeleted", "Forgotten."),
    ("get", "/v1/conversations/{conversation_id}/items"): ("ItemList", "A page of its items."),
    ("post", "/v1/conversations/{conversation_id}/items"): ("ItemList", "Those that were added."),
    ("get", "/v1/conversations/{conversation_id}/items/{item_id}"): ("Item", "The item."),
    ("delete", "/v1/conversations/{conversation_id}/items/{item_id}"): (
        "Conversation", "The conversation without it."),
    ("post", "/v1/messages"): ("Message", "The answer; with `stream`, its events."),
    ("post", "/v1/messages/count_tokens"): ("MessageTokens", "The count."),
    ("get", "/v1/models"): ("ModelList", "The served model."),
    ("get", "/v1/models/{name}"): ("Model", "The model."),
    ("get", "/healthz"): ("Health", "This process is alive."),
    ("get", "/readyz"): ("Readiness", "An answer could be given now."),
}  # fmt: skip
STREAMED = {
    ("post", "/v1/chat/completions"),
    ("post", "/v1/responses"),
    ("get", "/v1/responses/{response_id}"),
    ("post", "/v1/messages"),
}
ANSWERING = {
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/responses/input_tokens",
    "/v1/messages",
    "/v1/messages/count_tokens",
}
"""Routes that name a model, and ask the engine."""

WHY = {
    400: "The request can't be done: the message says why, `param` where.",
    401: "No API key, or a wrong one.",
    403: "The key doesn't allow it, or the gateway is open on its own machine only.",
    404: "What is named doesn't exist here, or is another's.",
    408: "The body came too slowly.",
    409: "Another answer is writing the conversation.",
    410: "The events asked for are no longer kept.",
    413: "The body, or the conversation, is too large.",
    429: "Too much at a time, or past the key's limits; `Retry-After` says when to try again.",
    500: "An error that nobody foresaw; `X-Request-Id` finds it in the log.",
    502: "The engine refused what it was asked for.",
    503: "The engine or the store is away; `Retry-After` says when to try again.",
}


def documented(app: FastAPI) -> None:
    """Have the app's document say what its routes answer with."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            for path, methods in document["paths"].items():
                for method, operation in methods.items():
                    operation["responses"] = _responses(method, path, operation)
                    if examples := EXAMPLES.get((method, path)):
                        shown = {name: {"value": value} for name, value in examples.items()}
                        operation["requestBody"]["content"][JSON]["examples"] = shown
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            schemas |= SHAPES
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]


def _responses(method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    known = ANSWERS.get((method, path))
    if known is None:
        found = {"200": {"description": "The text.", "content": {TEXT: {"schema": _text()}}}}
    else:
        shape, words = known
        content: dict[str, Any] = {JSON: {"schema": ref(shape)}}
        if (method, path) in STREAMED:
            content[STREAM] = {"schema": {"description": "Server-sent events."}}
        found = {"200": {"description": words, "content": content, "headers": _headers()}}
    if path == "/readyz":
        found["503"] = {
            "description": "It could not; what is missing is named.",
            "content": {JSON: {"schema": ref("Readiness")}},
        }
        return found
    error = ref("AnthropicError" if is_anthropic(path) else "Error")
    for status in sorted(set(_statuses(path, operation))):
        found[str(status)] = {
            "description": WHY[status],
            "content": {JSON: {"schema": error}},
            "headers": _headers(),
        }
    return found


def _statuses(path: str, operation: dict[str, Any]) -> Iterator[int]:
    """The errors that a route may answer with."""
    yield 500
    if not path.startswith("/v1"):
        if path == "/metrics":
            yield from (401, 403, 503)
        return
    yield from (401, 403, 429, 503)
    if operation.get("parameters") or "requestBody" in operation:
        yield 400
    if "{" in path or path in ANSWERING or "requestBody" in operation:
        yield 404
    if "requestBody" in operation:
        yield from (408, 413)
    if path in ANSWERING:
        yield 502
    if path.startswith(("/v1/conversations/{", "/v1/responses")):
        yield 409
    if path == "/v1/responses/{response_id}":
        yield 410


def _headers() -> dict[str, Any]:
    said = "The request's id: the client's own where it sent one."
    return {"X-Request-Id": {"description": said, "schema": _text()}}


def _text() -> dict[str, Any]:
    return {"type": "string"}
