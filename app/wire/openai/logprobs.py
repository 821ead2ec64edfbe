"""Tokens and how likely they were, in the form that OpenAI's formats share."""

from collections.abc import Iterable
from typing import Any

from app.chat.token_logprob import TokenLogprob

MOST_ALTERNATIVES = 20
"""As in OpenAI's API; engines take no more either."""


def tokens_body(tokens: Iterable[TokenLogprob]) -> list[dict[str, Any]]:
    """A list of tokens, each with the likeliest in its place."""
    return [
        {**_body(token), "top_logprobs": [_body(each) for each in token.top]} for token in tokens
    ]


def whole_bytes(tokens: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same where bytes must be a list: the Responses API has no null there."""
    return [
        {
            **token,
            "bytes": token["bytes"] or [],
            "top_logprobs": [
                {**each, "bytes": each["bytes"] or []} for each in token["top_logprobs"]
            ],
        }
        for token in tokens
    ]


def _body(token: TokenLogprob) -> dict[str, Any]:
    return {"token": token.token, "logprob": token.logprob, "bytes": token.bytes}
