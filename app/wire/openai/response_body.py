"""The Responses API's response object, less its output: what was asked, its cost, its failure."""

from typing import Any

from app.chat.events import Usage
from app.errors import OrsonError
from app.wire.own_fields import usage_fields


def head(id_: str, created_at: int, model: str, **asked: Any) -> dict[str, Any]:
    """A response of which nothing is there yet.

    Args:
        id_: its id.
        created_at: Unix seconds.
        model: that answers.
        asked: fields that say what the request said; the others say that it said nothing.
    """
    return {
        "id": id_,
        "object": "response",
        "created_at": created_at,
        "status": "in_progress",
        "background": False,
        "completed_at": None,
        "conversation": None,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "max_tool_calls": None,
        "metadata": {},
        "model": model,
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "prompt_cache_key": None,
        "reasoning": {"effort": None, "summary": None},
        "safety_identifier": None,
        "service_tier": "default",
        "store": True,
        "temperature": None,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_logprobs": 0,
        "top_p": None,
        "truncation": "disabled",
        "usage": None,
        "user": None,
        **asked,
    }


def usage_body(usage: Usage) -> dict[str, Any]:
    """The Responses API's usage, with fields of our own."""
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": 0},
        "output_tokens": usage.generated,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.prompt + usage.generated,
        **usage_fields(usage),
    }


def error_body(error: BaseException) -> dict[str, Any]:
    """Why a response failed: `code` is one of OpenAI's few, `type` is our own code."""
    if not isinstance(error, OrsonError):
        message, type_ = "The gateway failed while answering.", "internal_error"
        return {"code": "server_error", "message": message, "type": type_}
    code = "rate_limit_exceeded" if error.status == 429 else "server_error"
    return {"code": code, "message": error.message, "type": error.code}
