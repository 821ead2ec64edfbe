"""Request bodies -> what the core is asked, as a table."""

from datetime import date
from typing import Any

import pytest

from app.chat.request import ChatRequest, Message, Sampling, SearchOptions
from app.wire.openai.chat_request import ChatCompletionRequest
from search_adapters.protocol import DateRange

USER: Any = {"role": "user", "content": "Hi"}


def asked(**fields: Any) -> ChatRequest:
    body = {"model": "m", "messages": [USER], **fields}
    return ChatCompletionRequest.model_validate(body).chat_request()


def test_the_least_there_is() -> None:
    assert asked() == ChatRequest((Message("user", "Hi"),))


@pytest.mark.parametrize(
    ("message", "taken"),
    [
        ({"role": "developer", "content": "x"}, Message("system", "x")),
        ({"role": "system", "content": "x"}, Message("system", "x")),
        ({"role": "assistant", "content": None}, Message("assistant", "")),
        ({"role": "assistant", "content": "x", "annotations": [{}]}, Message("assistant", "x")),
        (
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
            Message("assistant", "No."),
        ),
        (
            {"role": "user", "content": [{"type": "text", "text": t} for t in ("a", "", "b")]},
            Message("user", "ab"),
        ),
        ({"role": "user", "content": []}, Message("user", "")),
    ],
)
def test_a_message(message: Any, taken: Message) -> None:
    assert asked(messages=[USER, message]).messages[1] == taken


@pytest.mark.parametrize(
    ("fields", "sampling"),
    [
        ({}, Sampling()),
        ({"temperature": 0}, Sampling(temperature=0)),
        ({"max_tokens": 5}, Sampling(max_tokens=5)),
        ({"max_tokens": 5, "max_completion_tokens": 6}, Sampling(max_tokens=6)),
        ({"stop": "x"}, Sampling(stop=("x",))),
        ({"stop": ["x", "y"]}, Sampling(stop=("x", "y"))),
        ({"stop": None, "n": None, "stream": None}, Sampling()),
        (
            {"top_p": 0.5, "seed": -3, "presence_penalty": -2, "frequency_penalty": 2},
            Sampling(top_p=0.5, seed=-3, presence_penalty=-2, frequency_penalty=2),
        ),
    ],
)
def test_sampling(fields: Any, sampling: Sampling) -> None:
    assert asked(**fields).sampling == sampling


@pytest.mark.parametrize(
    ("fields", "search"),
    [
        ({"search": {}}, SearchOptions()),
        (
            {"search": {"policy": "always", "max_searches": 0, "adapters": ["a"]}},
            SearchOptions("always", 0, ("a",)),
        ),
        (
            {"search": {"allowed_domains": ["Example.ORG", ".b.c."], "language": "de"}},
            SearchOptions(allowed_domains=("example.org", "b.c"), language="de"),
        ),
        (
            {"web_search_options": {"search_context_size": "high"}},
            SearchOptions(context_size="high"),
        ),
        (
            {
                "web_search_options": {
                    "user_location": {"type": "approximate", "approximate": {"country": "de"}}
                }
            },
            SearchOptions(country="DE"),
        ),
        (
            {"search": {"language": "pt-BR", "freshness": "week"}},
            SearchOptions(language="pt", country="BR", freshness="week"),
        ),
        ({"search": {"freshness": "auto", "country": "at"}}, SearchOptions(country="AT")),
        ({"search": {"freshness": "any"}}, SearchOptions(freshness="any")),
        (
            {"search": {"freshness": {"since": "2026-03-01"}}},
            SearchOptions(freshness=DateRange(date(2026, 3, 1))),
        ),
    ],
)
def test_search_options(fields: Any, search: SearchOptions) -> None:
    assert asked(**fields).search == search
