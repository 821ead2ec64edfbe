"""`X-Request-Id`: the client's own where it is sane, one of ours else, on every response."""

import re
from collections.abc import Callable
from typing import Any

import openai
import pytest

from tests.api.stage import Engine, Gateway

OURS = re.compile(r"req_[0-9a-f]{24}")
HELLO: dict[str, Any] = {"model": "scripted", "messages": [{"role": "user", "content": "Hello"}]}


@pytest.mark.parametrize("given", ["abc-123", "0af7651916cd43dd8448eb211c80319c", "a/b:c@d=e+f"])
def test_a_client_brings_its_own(gateway: Gateway, given: str) -> None:
    reply = gateway.get("/healthz", headers={"X-Request-Id": given})
    assert reply.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, 'a"b', "{x}", "-v"])
def test_what_is_not_sane_is_not_taken(gateway: Gateway, given: str) -> None:
    reply = gateway.get("/healthz", headers={"X-Request-Id": given})
    assert OURS.fullmatch(reply.headers["x-request-id"])


def test_each_request_has_another(gateway: Gateway) -> None:
    seen = {gateway.get("/healthz").headers["x-request-id"] for _ in range(5)}
    assert len(seen) == 5


def test_errors_have_one_too(gateway: Gateway, engine: Engine) -> None:
    for reply in (
        gateway.get("/v1/nowhere"),
        gateway.post("/healthz"),
        gateway.post("/v1/chat/completions", content=b"{"),
        gateway.post("/v1/chat/completions", content=b"x" * (17 << 20)),
        gateway.get("/v1/chat/completions/chatcmpl-none"),
    ):
        assert reply.status_code >= 400
        assert len(reply.headers.get_list("x-request-id")) == 1


def test_an_unforeseen_error_has_one(own: Callable[..., tuple[Engine, Gateway]]) -> None:
    _, gateway = own()
    app = gateway.server.config.loaded_app
    while not hasattr(app, "state"):
        app = app.app
    whole, app.state.gateway = app.state.gateway, None
    try:
        reply = gateway.get("/metrics", headers={"X-Request-Id": "mine"})
    finally:
        app.state.gateway = whole
    assert reply.status_code == 500
    assert reply.json()["error"]["code"] == "internal_error"
    assert reply.headers["x-request-id"] == "mine"


def test_the_official_client_reads_it(gateway: Gateway, engine: Engine) -> None:
    engine.say("Hello.", "Hello.")
    client = gateway.client()
    answer = client.chat.completions.create(**HELLO)
    assert OURS.fullmatch(answer._request_id or "")
    raw = client.chat.completions.with_raw_response.create(
        **HELLO, stream=True, extra_headers={"X-Request-Id": "mine"}
    )
    assert raw.headers["x-request-id"] == "mine"
    with raw.parse() as stream:
        assert len(list(stream)) > 1
    with pytest.raises(openai.NotFoundError) as failed:
        client.models.retrieve("other")
    assert OURS.fullmatch(failed.value.request_id or "")
