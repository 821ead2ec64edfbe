"""The OpenAPI document: every route in it, with what it answers; nothing in it that is no route."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.http.documented import ANSWERS
from app.wire.examples import EXAMPLES
from tests.api.stage import Engine, Gateway

PLAIN = {("get", "/metrics")}


@pytest.fixture(scope="module")
def document(main_gateway: Gateway) -> dict[str, Any]:
    return dict(main_gateway.get("/openapi.json").json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_every_route_says_what_it_answers(document: dict[str, Any]) -> None:
    there = {(method, path) for method, path, _ in operations(document)}
    assert there == {*ANSWERS, *PLAIN}
    for method, path, operation in operations(document):
        responses = operation["responses"]
        assert "200" in responses, (method, path)
        assert "422" not in responses, "our status for a body that is wrong is 400"
        for status, response in responses.items():
            assert response["content"], (method, path, status)
            assert response["description"], (method, path, status)


def test_every_example_can_be_sent(gateway: Gateway, engine: Engine) -> None:
    """To a conversation that is there; what belongs to another model is the first question's."""
    conversation = gateway.post("/v1/conversations", json={}).json()["id"]
    for (_, path), examples in EXAMPLES.items():
        for name, example in examples.items():
            engine.say("Nobody.")
            body = example | ({"model": "scripted"} if "model" in example else {})
            reply = gateway.post(path.format(conversation_id=conversation), json=body)
            assert reply.status_code == 200, (path, name, reply.text)


def test_errors_are_in_the_shape_of_the_route(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        for status, response in operation["responses"].items():
            if status == "200" or path == "/readyz":
                continue
            shape = response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert shape == ("AnthropicError" if "/messages" in path else "Error")


def test_every_name_is_defined(document: dict[str, Any]) -> None:
    names = set(re.findall(r"#/components/schemas/([\w-]+)", str(document)))
    assert names <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_what_has_a_body_may_be_refused_for_it(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        if "requestBody" in operation:
            assert {"400", "408", "413"} <= set(operation["responses"]), (method, path)
        if path.startswith("/v1"):
            assert {"401", "403", "429", "503"} <= set(operation["responses"]), (method, path)
