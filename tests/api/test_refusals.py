"""What a wrong request brings: OpenAI's error shape, and the right exception of its client."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest

from app.http.transport.body_limit import MAX_BODY_BYTES
from tests.api.stage import Engine, Gateway, until

MODEL = "scripted"
USER: Any = {"role": "user", "content": "Hello"}
GOOD: dict[str, Any] = {"model": MODEL, "messages": [USER]}
PATH = "/v1/chat/completions"


@pytest.mark.parametrize(
    ("changes", "code", "param", "says"),
    [
        ({"n": 2}, "invalid_value", "n", "1"),
        ({"frobnicate": 1}, "unknown_parameter", "frobnicate", "frobnicate"),
        ({"search": {"polcy": "never"}}, "unknown_parameter", "search.polcy", "search.polcy"),
        ({"search": {"policy": "maybe"}}, "invalid_value", "search.policy", "always"),
        ({"search": {"max_searches": 99}}, "invalid_value", "search.max_searches", "20"),
        ({"search": {"adapters": ["bing"]}}, None, "search.adapters", "mock"),
        (
            {"search": {"allowed_domains": ["https://a.b/c"]}},
            "invalid_value",
            "search.allowed_domains",
            "domain",
        ),
        ({"temperature": "hot"}, "invalid_type", "temperature", "number"),
        ({"temperature": 3}, "invalid_value", "temperature", "2"),
        ({"top_p": 0}, "invalid_value", "top_p", "0"),
        ({"max_completion_tokens": 0}, "invalid_value", "max_completion_tokens", "1"),
        ({"max_completion_tokens": 10**20}, "invalid_value", "max_completion_tokens", "2147483648"),
        ({"seed": 1.5}, "invalid_value", "seed", "integer"),
        ({"stop": ["a"] * 5}, "invalid_value", "stop", "4"),
        ({"stop": [1]}, "invalid_type", "stop[0]", "string"),
        ({"stop": ""}, "invalid_value", "stop", "empty"),
        ({"messages": []}, "invalid_value", "messages", "1"),
        ({"messages": "Hello"}, "invalid_type", "messages", "list"),
        ({"messages": [{"role": "system", "content": "x"}]}, None, "messages", "user"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "invalid_value", "messages[0].role", ""),
        ({"messages": [{"content": "x"}]}, "missing_required_parameter", "messages[0].role", ""),
        ({"messages": [{**USER, "content": 5}]}, "invalid_type", "messages[0].content", "string"),
        (
            {"messages": [{**USER, "content": [{"type": "image_url", "image_url": {}}]}]},
            "invalid_value",
            "messages[0].content[0].type",
            "text",
        ),
        ({"tools": [{"type": "function"}]}, "unsupported_parameter", "tools", "tools"),
        ({"tool_choice": "required"}, "invalid_value", "tool_choice", "none"),
        ({"top_logprobs": 2}, None, "top_logprobs", "logprobs"),
        ({"response_format": {"type": "json_object"}}, "invalid_value", "response_format.type", ""),
        ({"stream_options": {"include_usage": True}}, None, "stream_options", "stream"),
        (
            {"web_search_options": {"search_context_size": "huge"}},
            "invalid_value",
            "web_search_options.search_context_size",
            "medium",
        ),
    ],
    ids=lambda value: str(value)[:50],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_bad_request_is_refused_by_name(
    gateway: Gateway, changes: Any, code: str | None, param: str, says: str, streamed: bool
) -> None:
    if streamed and "stream_options" in changes:
        return
    with pytest.raises(openai.BadRequestError) as refused:
        gateway.client().chat.completions.create(**GOOD, stream=streamed, extra_body=changes)
    error = refused.value
    assert error.status_code == 400
    assert error.type == "invalid_request_error"
    assert (error.code, error.param) == (code, param)
    assert says in error.body["message"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "body"),
        (b"{", "JSON"),
        (b"[1, 2]", "object"),
        (b'"text"', "object"),
        (b"\xff\xfe", "body"),
        (b"[" * 100_000, ""),
        (b'{"model": "scripted"}', "messages"),
        (b'{"messages": []}', "model"),
        (b'{"model": "scripted", "messages": [], "\\ud800": 1}', ""),
        (b'{"model": "scripted", "messages": [], "temperature": NaN}', ""),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_body_that_is_none(gateway: Gateway, content: bytes, says: str) -> None:
    reply = gateway.post(PATH, content=content, headers={"content-type": "application/json"})
    assert reply.status_code == 400
    error = reply.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert {*error} == {"message", "type", "param", "code"}
    assert says in error["message"]


def test_half_a_character_is_replaced(gateway: Gateway, engine: Engine) -> None:
    engine.say("Yes.")
    content = b'{"model": "scripted", "messages": [{"role": "user", "content": "a\\ud83d"}]}'
    reply = gateway.post(PATH, content=content, headers={"content-type": "application/json"})
    assert reply.status_code == 200
    assert "<|user|>a?<|end|>" in engine.text(engine.legs[0].prompt)


def test_no_model_of_this_name(gateway: Gateway) -> None:
    client = gateway.client()
    with pytest.raises(openai.NotFoundError) as refused:
        client.chat.completions.create(**{**GOOD, "model": "gpt-9"})
    assert refused.value.code == "model_not_found"
    assert refused.value.param == "model"
    assert "'scripted'" in refused.value.message
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-9")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/nowhere", 404),
        ("POST", "/v1/embeddings", 404),
        ("PUT", PATH, 405),
        ("DELETE", "/v1/models", 405),
        ("GET", f"{PATH}/chatcmpl-none", 404),
        ("DELETE", f"{PATH}/chatcmpl-none", 404),
    ],
)
def test_an_unknown_route_has_the_same_shape(
    gateway: Gateway, method: str, path: str, status: int
) -> None:
    import httpx2

    reply = httpx2.request(method, gateway.url + path, trust_env=False, timeout=60)
    assert reply.status_code == status
    assert {*reply.json()["error"]} == {"message", "type", "param", "code"}
    if status == 405:
        assert reply.headers["allow"]


def test_a_prompt_too_long_names_both_numbers(gateway: Gateway, engine: Engine) -> None:
    messages: Any = [{"role": "user", "content": "word " * 9000}]
    for streamed in (False, True):
        with pytest.raises(openai.BadRequestError) as refused:
            gateway.client().chat.completions.create(
                model=MODEL, messages=messages, stream=streamed
            )
        assert refused.value.code == "context_length_exceeded"
        assert refused.value.param == "messages"
        assert "8192" in refused.value.message
        assert "180" in refused.value.message or "90" in refused.value.message
    assert engine.legs == []


def test_keys(own: Callable[..., tuple[Engine, Gateway]]) -> None:
    _, gateway = own("Yes.", api_keys="first, second")
    for key in ("first", "second"):
        client = gateway.client(api_key=key)
        assert client.chat.completions.create(**GOOD).choices[0].message.content == "Yes."
        assert client.models.list().data
    stranger = gateway.client(api_key="third")
    for call in (
        lambda: stranger.chat.completions.create(**GOOD),
        lambda: stranger.chat.completions.create(**GOOD, stream=True),
        lambda: stranger.models.list(),
        lambda: stranger.chat.completions.retrieve("x"),
        lambda: stranger.chat.completions.delete("x"),
    ):
        with pytest.raises(openai.AuthenticationError) as refused:
            call()
        assert refused.value.code == "invalid_api_key"
    assert gateway.post(PATH, json=GOOD).status_code == 401
    assert (
        gateway.post(PATH, json=GOOD, headers={"authorization": "Basic first"}).status_code == 401
    )
    assert gateway.post(PATH, json=GOOD, headers={"x-api-key": "second"}).status_code == 200
    assert gateway.post(PATH, json=GOOD, headers={"x-api-key": "third"}).status_code == 401
    assert gateway.get("/healthz").status_code == 200
    assert gateway.get("/readyz").status_code == 200


def test_one_more_than_it_takes(own: Callable[..., tuple[Engine, Gateway]]) -> None:
    engine, gateway = own(engine={"rate": 50}, max_concurrent=1)  # no script: words without end
    client = gateway.client()
    with client.chat.completions.create(**GOOD, stream=True) as stream:
        next(iter(stream))
        for streamed in (False, True):
            with pytest.raises(openai.RateLimitError) as refused:
                client.chat.completions.create(**GOOD, stream=streamed)
            assert refused.value.code == "rate_limit_exceeded"
            assert refused.value.response.headers["retry-after"]
    until(lambda: gateway.metric("orson_answers_running") == 0)
    engine.say("There is room again.")
    client.chat.completions.create(**GOOD)
    # What was refused or wrong holds no place either.
    for _ in range(3):
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(**GOOD, extra_body={"search": {"adapters": ["x"]}})
    client.chat.completions.create(**GOOD)


def test_cors_only_for_whom_it_is_set(
    gateway: Gateway, own: Callable[..., tuple[Engine, Gateway]]
) -> None:
    import httpx2

    known: dict[str, Any] = {"trust_env": False, "timeout": 60}
    ask = {
        "origin": "https://page.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type",
    }
    _, opened = own("Yes.", cors_origins="https://page.example", api_keys="k")
    allowed = httpx2.options(opened.url + PATH, headers=ask, **known)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "https://page.example"
    reply = opened.post(
        PATH,
        json={**GOOD, "stream": True},
        headers={"origin": "https://page.example", "authorization": "Bearer k"},
    )
    assert reply.text.endswith("data: [DONE]\n\n")
    assert reply.headers["access-control-allow-origin"] == "https://page.example"
    other = httpx2.options(
        opened.url + PATH, headers={**ask, "origin": "https://other.example"}, **known
    )
    assert "access-control-allow-origin" not in other.headers
    closed = httpx2.options(gateway.url + PATH, headers=ask, **known)
    assert "access-control-allow-origin" not in closed.headers


def test_the_api_describes_itself(gateway: Gateway) -> None:
    page = gateway.get("/docs")
    assert page.status_code == 200
    # A machine without a network shows it too: nothing comes from elsewhere.
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert sources
    statuses = {source: gateway.get(urlsplit(source).path).status_code for source in sources}
    assert set(statuses.values()) == {200}, statuses
    described = gateway.get("/openapi.json").json()
    body = described["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]
    name = body["schema"]["$ref"].rpartition("/")[2]
    fields = described["components"]["schemas"][name]["properties"]
    assert {"model", "messages", "stream", "web_search_options", "search", "stop"} <= {*fields}


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_past_the_limit(gateway: Gateway, announced: bool) -> None:
    piece = b" " * 2**20
    headers = {"content-type": "application/json"}
    pieces = (piece for _ in range(MAX_BODY_BYTES // len(piece) + 1))
    reply = gateway.post(PATH, content=b"".join(pieces) if announced else pieces, headers=headers)
    assert reply.status_code == 413
    assert reply.json()["error"]["code"] == "request_too_large"


@pytest.mark.parametrize("path", [PATH, "/v1/messages", "/v1/messages/count_tokens"])
@pytest.mark.parametrize("content", ["x", 5])  # the second would be refused, if it were looked at
def test_more_messages_than_anybody_says(gateway: Gateway, path: str, content: Any) -> None:
    many = [{"role": "user", "content": content}] * 2049
    body = {"model": MODEL, "messages": many}
    reply = gateway.post(path, json=body if path.endswith("tokens") else {**body, "max_tokens": 9})
    assert reply.status_code == 400
    error = reply.json()["error"]
    assert "maximum length 2048, but got an array with length 2049" in error["message"]
    assert path != PATH or error["code"] == "array_above_max_length"
    body["messages"] = [{"role": "user", "content": "x"}] * 2048
    if path.endswith("tokens"):
        assert gateway.post(path, json=body).status_code == 200
