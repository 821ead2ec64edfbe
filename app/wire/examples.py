"""Requests as clients send them, for the OpenAPI document: to read, and to try from `/docs`."""

from typing import Any

MODEL = "orson-nano"
"""The bundled model."""
WHO = "Who is Orson Kovats?"

EXAMPLES: dict[tuple[str, str], dict[str, dict[str, Any]]] = {
    ("post", "/v1/chat/completions"): {
        "a question": {
            "model": MODEL,
            "messages": [
                {"role": "system", "content": "Answer in one sentence."},
                {"role": "user", "content": WHO},
            ],
        },
        "streamed and stored": {
            "model": MODEL,
            "messages": [{"role": "user", "content": WHO}],
            "stream": True,
            "stream_options": {"include_usage": True},
            "store": True,
            "metadata": {"topic": "people"},
            "search": {"policy": "always", "max_searches": 1},
        },
    },
    ("post", "/v1/responses"): {
        "a question": {"model": MODEL, "input": WHO},
        "streamed, with its sources": {
            "model": MODEL,
            "input": [{"role": "user", "content": WHO}],
            "tools": [{"type": "web_search", "search_context_size": "low"}],
            "include": ["web_search_call.action.sources"],
            "stream": True,
        },
        "in the background": {"model": MODEL, "input": WHO, "background": True},
    },
    ("post", "/v1/responses/input_tokens"): {"a question": {"model": MODEL, "input": WHO}},
    ("post", "/v1/conversations"): {
        "a title": {"metadata": {"title": "People"}},
        "with what was said": {
            "items": [
                {"type": "message", "role": "user", "content": WHO},
                {"type": "message", "role": "assistant", "content": "I don't know."},
            ]
        },
    },
    ("post", "/v1/conversations/{conversation_id}"): {
        "another title": {"metadata": {"title": "Strangers"}}
    },
    ("post", "/v1/conversations/{conversation_id}/items"): {
        "a question": {"items": [{"type": "message", "role": "user", "content": WHO}]}
    },
    ("post", "/v1/messages"): {
        "a question": {
            "model": MODEL,
            "max_tokens": 200,
            "messages": [{"role": "user", "content": WHO}],
            "tools": [{"type": "web_search_20250305", "name": "web_search", "max_uses": 2}],
        },
        "streamed": {
            "model": MODEL,
            "max_tokens": 200,
            "messages": [{"role": "user", "content": WHO}],
            "stream": True,
        },
    },
    ("post", "/v1/messages/count_tokens"): {
        "a question": {"model": MODEL, "messages": [{"role": "user", "content": WHO}]}
    },
}
