"""Who may come in without a key: from where, under which names; and what browsers are told."""

from collections.abc import Callable
from typing import Any

import pytest

from app.http.own_names import loopback, own
from app.wire.rate_headers import rate_headers
from tests.api.stage import Engine, Gateway, Stage

MODEL = "scripted"
GOOD: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}
PATH = "/v1/chat/completions"
Own = Callable[..., tuple[Engine, Gateway]]


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1:8000", "[::1]:8000", "192.168.1.7", "orson:8000", "my.localhost",
     "printer.local", "host.docker.internal:80", "LOCALHOST", "chat.example:8000", ""],
)  # fmt: skip
def test_own_names(host: str) -> None:
    assert own(host, ("chat.example",))


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "127.0.0.1.nip.io",
     "sub.chat.example", "[::1].evil.example", "a@evil.example", "1.2.3"],
)  # fmt: skip
def test_names_of_others(host: str) -> None:
    assert not own(host, ("chat.example",))
    assert own(host, ("*",))


@pytest.mark.parametrize(
    ("host", "is_"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
     ("/run/orson.sock", True), ("0.0.0.0", False), ("::", False), ("", False),
     ("192.168.1.7", False), ("orson.example", False)],
)  # fmt: skip
def test_loopback(host: str, is_: bool) -> None:
    assert loopback(host) is is_


def test_dns_rebinding_ends_at_the_host_header(gateway: Gateway, engine: Engine) -> None:
    engine.say("Yes.", "Yes.")
    evil = {"host": "evil.example:8000"}
    for reply in (
        gateway.post(PATH, json=GOOD, headers=evil),
        gateway.get("/v1/models", headers=evil),
        gateway.get("/metrics", headers=evil),
    ):
        assert reply.status_code == 403
        assert "ORSON_ALLOWED_HOSTS" in reply.json()["error"]["message"]
    anthropic = gateway.post("/v1/messages", json={}, headers=evil).json()
    assert anthropic["error"]["type"] == "permission_error"
    assert engine.legs == []
    assert gateway.get("/healthz", headers=evil).status_code == 200
    assert gateway.post(PATH, json=GOOD, headers={"host": "localhost"}).status_code == 200


def test_with_a_key_any_name_will_do(own: Own) -> None:
    _, gateway = own("Yes.", api_keys="k")
    headers = {"host": "chat.example", "authorization": "Bearer k"}
    assert gateway.post(PATH, json=GOOD, headers=headers).status_code == 200


def test_a_form_of_another_site_is_no_request(gateway: Gateway, engine: Engine) -> None:
    """A page may send this to any address without asking; it must not cost a token."""
    engine.say("Yes.")
    body = b'{"model": "scripted", "messages": [{"role": "user", "content": "Hello"}]}'
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        headers = {"content-type": kind, "origin": "https://evil.example"}
        assert gateway.post(PATH, content=body, headers=headers).status_code == 400
    assert engine.legs == []


def test_an_open_gateway_answers_only_its_own_machine(
    stage: Stage, engine: Engine, redis_url: str
) -> None:
    """Whoever binds it elsewhere by other means than ours gains nothing."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but its own")
        address = probe.getsockname()[0]
    engine.say("Yes.", "Yes.")
    closed = stage.gateway(engine.url, redis_url=redis_url, listen=address)
    reply = closed.post(PATH, json=GOOD)
    assert reply.status_code == 403
    assert "orson keys add" in reply.json()["error"]["message"]
    opened = stage.gateway(engine.url, redis_url=redis_url, listen=address, open=True)
    assert opened.post(PATH, json=GOOD).status_code == 200


def test_pages_of_other_origins_see_what_is_left(own: Own) -> None:
    _, gateway = own("Yes.", api_keys="k", cors_origins="https://page.example")
    headers = {"origin": "https://page.example", "authorization": "Bearer k"}
    reply = gateway.post(PATH, json=GOOD, headers=headers)
    exposed = reply.headers["access-control-expose-headers"].casefold()
    for name in ("x-request-id", "retry-after", "x-ratelimit-remaining-requests"):
        assert name in exposed
    refused = gateway.post(PATH, json=GOOD, headers={"origin": "https://page.example"})
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "https://page.example"


def test_headers_of_both_dialects() -> None:
    from datetime import UTC, datetime

    from app.chat.access.allowance import Level, Standing

    standing = Standing(Level(60, 59, 0.12), Level(1000, 0, 366.0), Level(9, 1, 86_399), 0.25)
    now = datetime(2026, 1, 31, 23, 59, 58, tzinfo=UTC)
    openai = dict(rate_headers(standing, "/v1/responses", now))
    assert openai == {
        b"x-ratelimit-limit-requests": b"60",
        b"x-ratelimit-remaining-requests": b"59",
        b"x-ratelimit-reset-requests": b"120ms",
        b"x-ratelimit-limit-tokens": b"1000",
        b"x-ratelimit-remaining-tokens": b"0",
        b"x-ratelimit-reset-tokens": b"6m6s",
        b"x-ratelimit-limit-searches": b"9",
        b"x-ratelimit-remaining-searches": b"1",
        b"x-ratelimit-reset-searches": b"23h59m59s",
        b"x-ratelimit-remaining-search-usd": b"0.250000",
    }
    anthropic = dict(rate_headers(standing, "/v1/messages", now))
    assert anthropic.items() > openai.items()
    assert anthropic[b"anthropic-ratelimit-tokens-reset"] == b"2026-02-01T00:06:04Z"
    assert anthropic[b"anthropic-ratelimit-requests-remaining"] == b"59"
    assert rate_headers(Standing(), "/v1/messages") == []
