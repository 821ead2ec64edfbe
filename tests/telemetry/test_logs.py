"""Logs: what a line holds in either form, and what it never does."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import openai
import pytest

from app.telemetry import logs, request_id
from model_server.scripted import Answer
from tests.api.stage import Engine, Gateway, until
from tests.cli.running import Running

SECRET = "Orson Kovats"
ASKED: dict[str, Any] = {
    "model": "scripted",
    "messages": [{"role": "user", "content": f"Who is {SECRET}?"}],
}
LOOKED_UP = ("Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]", "Kovats is nobody [1].")


@pytest.fixture
def written() -> Iterator[Callable[..., tuple[logging.Logger, io.StringIO]]]:
    """A logger of the test's own in a form: `written("json")`."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def in_form(form: logs.Format, **options: Any) -> tuple[logging.Logger, io.StringIO]:
        stream = io.StringIO()
        kept = root.handlers[:]
        root.handlers = []  # configure() closes what it replaces
        logs.configure(form, "info", stream=stream, **options)
        root.handlers += kept
        return logging.getLogger("orson.test"), stream

    yield in_form
    root.handlers, root.level = handlers, level


def test_json_is_one_object_a_line(written: Any) -> None:
    logger, stream = written("json", context=lambda: {"trace_id": "0af7"})
    request_id.enter("req_1")
    try:
        logger.info('two\nlines and "quotes" %s', "ü", extra={"fields": {"event": "x", "n": 2}})
        try:
            raise ValueError("broken")
        except ValueError:
            logger.exception("it broke")
    finally:
        request_id.enter("")
    logger.info("outside")
    first, second, third = map(json.loads, stream.getvalue().splitlines())
    assert first["message"] == 'two\nlines and "quotes" ü'
    assert (first["event"], first["n"], first["level"]) == ("x", 2, "info")
    assert first["request_id"] == "req_1"
    assert first["trace_id"] == "0af7"
    assert first["time"].endswith("+00:00")
    assert second["exception"].startswith("Traceback")
    assert "ValueError: broken" in second["exception"]
    assert "request_id" not in third


def test_text_has_the_id_behind(written: Any) -> None:
    logger, stream = written("text")
    request_id.enter("req_1")
    try:
        logger.warning("careful")
    finally:
        request_id.enter("")
    logger.info("outside")
    assert stream.getvalue().splitlines() == [
        "WARNING orson.test: careful [req_1]",
        "INFO orson.test: outside",
    ]


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_access_line_has_no_query_string(written: Any, form: logs.Format) -> None:
    _, stream = written(form)
    target = "/v1/conversations?query=Orson%20Kovats"
    said = '%s - "%s %s HTTP/%s" %d'
    args = ("127.0.0.1:1", "GET", target, "1.1", 200)
    # As uvicorn's logger passes it on where uvicorn has set nothing up, as in `orson serve`.
    record = logging.LogRecord(logs.ACCESS, logging.INFO, "", 0, said, args, None)
    logging.getLogger().handle(record)
    line = stream.getvalue()
    assert "Kovats" not in line
    if form == "json":
        fields = json.loads(line)
        assert (fields["event"], fields["status"]) == ("http", 200)
        assert (fields["method"], fields["path"]) == ("GET", "/v1/conversations")
    else:
        assert '"GET /v1/conversations HTTP/1.1" 200' in line


def answers(caplog: pytest.LogCaptureFixture, count: int = 1) -> list[dict[str, Any]]:
    def lines() -> list[Any]:
        return [r.fields for r in caplog.records if r.name == "orson.answers"]

    until(lambda: len(lines()) >= count)
    return lines()


def test_an_answer_is_one_line_with_its_cost(
    gateway: Gateway, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    engine.say(LOOKED_UP)
    given = gateway.client().chat.completions.create(**ASKED)
    (fields,) = answers(caplog)
    assert fields["answer_id"] == given.id
    assert (fields["outcome"], fields["error"]) == ("stop", None)
    assert given.usage is not None
    assert fields["generated_tokens"] + fields["injected_tokens"] > 0
    assert fields["generated_tokens"] == given.usage.completion_tokens
    assert (fields["legs"], fields["searches"], fields["providers"]) == (2, 1, ["mock"])
    assert 0 < fields["first_seconds"] <= fields["seconds"]
    for record in caplog.records:
        assert "Kovats" not in record.getMessage()
    assert "Kovats" not in str(fields)


def test_answers_that_came_to_nothing(
    gateway: Gateway, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    engine.say(Answer(("Half an answ",), fault="die"))
    with pytest.raises(openai.APIError), gateway.client().chat.completions.create(
        **ASKED, stream=True
    ) as stream:  # fmt: skip
        list(stream)
    with pytest.raises(openai.BadRequestError):
        gateway.client().chat.completions.create(
            **ASKED, extra_body={"search": {"adapters": ["x"]}}
        )
    failed, refused = answers(caplog, 2)
    assert (failed["outcome"], failed["error"]) == ("failed", "engine_unavailable")
    assert failed["generated_tokens"] > 0
    assert (refused["outcome"], refused["error"]) == ("refused", "invalid_request_error")
    assert refused["first_seconds"] is None
    assert "generated_tokens" not in refused


def test_a_served_gateway_in_json(start: Callable[..., Running], engine: Engine) -> None:
    engine.say(LOOKED_UP)
    running = start(
        "serve", "--port", "0", ORSON_ENGINE="vllm", ORSON_ENGINE_URL=engine.url,
        ORSON_SEARCH="mock", ORSON_LOG_FORMAT="json", ORSON_ACCESS_LOG="1",
    )  # fmt: skip
    url = running.address
    reply = httpx2.post(
        f"{url}/v1/chat/completions?q=Kovats", json=ASKED, trust_env=False, timeout=60,
        headers={"X-Request-Id": "mine-1"},
    )  # fmt: skip
    assert reply.status_code == 200
    running.until(r'("event": "http")')
    running.process.terminate()
    running.ended()
    lines = [json.loads(line) for line in running.output.splitlines() if line.startswith("{")]
    mine = {line["event"]: line for line in lines if line.get("request_id") == "mine-1"}
    assert mine["answer"]["answer_id"] == reply.json()["id"]
    assert mine["http"]["path"] == "/v1/chat/completions"
    assert mine["http"]["status"] == 200
    assert "Kovats" not in running.output.replace('ask "Who is Orson Kovats?"', "")
