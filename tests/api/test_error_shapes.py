"""The shape of an error is the one that the client of its route reads, whoever raised it."""

from typing import Any

import pytest

from app.errors import EngineUnavailable, InvalidRequest, NotAuthenticated, NotFound, Overloaded
from app.http.transport.body_limit import MAX_BODY_BYTES, BodyTooLarge
from app.wire.problems import anthropic_error
from tests.api.stage import Gateway


def anthropic(body: dict[str, Any]) -> tuple[str, str]:
    assert {*body} == {"type", "error", "request_id"}
    assert body["type"] == "error"
    assert {*body["error"]} == {"type", "message"}
    return body["error"]["type"], body["error"]["message"]


def openai(body: dict[str, Any]) -> tuple[str, str]:
    assert {*body} == {"error"}
    assert {*body["error"]} == {"message", "type", "param", "code"}
    return body["error"]["type"], body["error"]["message"]


@pytest.mark.parametrize(
    ("path", "read", "kind"),
    [
        ("/v1/messages/nothing/here", anthropic, "not_found_error"),
        ("/v1/messages-of-others", openai, "invalid_request_error"),
        ("/v1/nothing", openai, "invalid_request_error"),
    ],
)
def test_a_url_that_leads_nowhere(gateway: Gateway, path: str, read: Any, kind: str) -> None:
    reply = gateway.get(path)
    assert reply.status_code == 404
    assert reply.headers["content-type"] == "application/json"
    if read is anthropic:
        assert reply.json()["request_id"] == reply.headers["request-id"]
    assert read(reply.json()) == (kind, f"Unknown request URL: GET {path}.")


@pytest.mark.parametrize(
    ("path", "read", "kind"),
    [
        ("/v1/messages", anthropic, "request_too_large"),
        ("/v1/chat/completions", openai, "invalid_request_error"),
    ],
)
def test_a_body_that_a_middleware_refuses(
    gateway: Gateway, path: str, read: Any, kind: str
) -> None:
    def stream() -> Any:
        yield b" " * MAX_BODY_BYTES
        yield b"  "

    reply = gateway.post(path, content=stream(), headers={"content-type": "application/json"})
    assert reply.status_code == 413
    assert read(reply.json()) == (kind, "The request body is larger than 16 MiB.")
    assert int(reply.headers["content-length"]) == len(reply.content)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InvalidRequest("m"), "invalid_request_error"),
        (NotAuthenticated("m"), "authentication_error"),
        (NotFound("m"), "not_found_error"),
        (BodyTooLarge(), "request_too_large"),
        (Overloaded("m"), "rate_limit_error"),
        (EngineUnavailable("m"), "overloaded_error"),
    ],
    ids=lambda value: getattr(value, "__class__", type(value)).__name__,
)
def test_each_status_has_the_kind_that_anthropic_gives_it(error: Exception, kind: str) -> None:
    assert anthropic(anthropic_error(error, "req_1"))[0] == kind
    assert anthropic_error(error, "req_1")["request_id"] == "req_1"


def test_an_unforeseen_error_says_nothing_of_its_inside() -> None:
    kind, message = anthropic(anthropic_error(ZeroDivisionError("secret")))
    assert (kind, message) == ("api_error", "The gateway failed while answering.")
