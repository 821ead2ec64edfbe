"""Traces: a request, its answer, each leg and each search, over the wire to a collector."""

import json
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, ClassVar

import httpx2
import pytest

from app.engine import StartError
from app.main import create_app
from app.settings import Settings
from model_server.scripted import Answer
from search_adapters.errors import SearchError, TimedOut
from search_adapters.mock import MockAdapter
from search_adapters.propagation import TRACE_HEADERS
from search_adapters.protocol import Passage, Query
from search_adapters.providers.brave import BraveAdapter
from search_adapters.providers.searxng import SearxngAdapter
from tests.api.stage import Engine, Gateway, Stage, until
from tests.telemetry.collector import Collector, Span

LOOKED_UP = ("Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]", "He is nobody [1].")
ASKED: dict[str, Any] = {
    "model": "scripted",
    "messages": [{"role": "user", "content": "Who is Orson Kovats?"}],
    "max_tokens": 100,
    "temperature": 0.5,
}
SERVER, CLIENT, INTERNAL = 2, 3, 1


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.stop()


@pytest.fixture(scope="module", autouse=True)
def _at_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        yield


@pytest.fixture(scope="module")
def traced(
    main_stage: Stage, main_engine: Engine, collector: Collector, redis_url: str
) -> Callable[..., Gateway]:
    made: dict[bool, Gateway] = {}

    def one(*, content: bool = False) -> Gateway:
        if content not in made:
            made[content] = main_stage.gateway(
                main_engine.url, otel=True, otel_endpoint=collector.url, otel_content=content,
                redis_url=redis_url,
            )  # fmt: skip
        return made[content]

    return one


def ask(gateway: Gateway, collector: Collector, spans: int, **more: Any) -> list[Span]:
    """Ask as part of a trace of our own; its spans when all are there."""
    trace, parent = secrets.token_hex(16), secrets.token_hex(8)
    headers = {"traceparent": f"00-{trace}-{parent}-01", "tracestate": "ours=1"}
    gateway.post("/v1/chat/completions", json={**ASKED, **more}, headers=headers)
    until(lambda: len(collector.of(trace)) >= spans)
    found = collector.of(trace)
    assert len(found) == spans, [span.name for span in found]
    assert found[0].parent == parent
    return found


def test_one_span_for_each_leg_and_search(
    traced: Callable[..., Gateway], engine: Engine, collector: Collector
) -> None:
    engine.say(LOOKED_UP)
    request, answer, first, search, second = ask(traced(), collector, 5)

    assert (request.name, request.kind) == ("POST /v1/chat/completions", SERVER)
    assert request.attributes["http.request.method"] == "POST"
    assert request.attributes["http.route"] == "/v1/chat/completions"
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["orson.request_id"].startswith("req_")
    assert request.resource["service.name"] == "orson"

    assert (answer.name, answer.kind) == ("invoke_agent orson", INTERNAL)
    assert answer.parent == request.id
    given = answer.attributes
    assert given["gen_ai.operation.name"] == "invoke_agent"
    assert given["gen_ai.provider.name"] == given["gen_ai.agent.name"] == "orson"
    assert given["gen_ai.request.model"] == given["gen_ai.response.model"] == "scripted"
    assert given["gen_ai.request.max_tokens"] == 100
    assert given["gen_ai.request.temperature"] == 0.5
    assert given["gen_ai.response.id"].startswith("chatcmpl-")
    assert given["gen_ai.response.finish_reasons"] == ["stop"]
    assert 0 < given["gen_ai.response.time_to_first_chunk"] < 20
    assert given["gen_ai.usage.input_tokens"] == len(engine.legs[0].prompt)
    outputs = [len(leg.output) for leg in engine.legs]
    assert given["gen_ai.usage.output_tokens"] == sum(outputs)
    injected = len(engine.legs[1].prompt) - len(engine.legs[0].prompt) - outputs[0]
    assert given["orson.usage.injected_tokens"] == injected
    assert (given["orson.legs"], given["orson.searches"]) == (2, 1)
    assert given["orson.outcome"] == "stop"

    for index, leg in enumerate((first, second)):
        assert (leg.name, leg.kind) == ("text_completion scripted", CLIENT)
        assert leg.parent == answer.id
        assert leg.attributes["gen_ai.operation.name"] == "text_completion"
        assert leg.attributes["gen_ai.provider.name"] == "vllm"
        assert leg.attributes["server.address"] == "127.0.0.1"
        assert leg.attributes["server.port"] == int(engine.url.rpartition(":")[2])
        assert leg.attributes["gen_ai.usage.input_tokens"] == len(engine.legs[index].prompt)
        assert leg.attributes["gen_ai.usage.output_tokens"] == outputs[index]
        assert leg.attributes["gen_ai.response.finish_reasons"] == ["stop"]
        assert leg.attributes["gen_ai.response.time_to_first_chunk"] > 0
        assert leg.attributes["orson.leg.index"] == index
    assert second.attributes["gen_ai.usage.cache_read.input_tokens"] > 0

    assert (search.name, search.kind) == ("execute_tool web_search", INTERNAL)
    assert search.parent == answer.id
    assert search.attributes["gen_ai.tool.name"] == "web_search"
    assert search.attributes["orson.search.provider"] == "mock"
    assert search.attributes["orson.search.results"] > 0
    assert first.end <= search.start <= search.end <= second.start <= second.end <= answer.end
    assert not any(span.failed for span in (request, answer, first, search, second))


def test_the_engine_goes_on_with_the_trace(
    traced: Callable[..., Gateway], engine: Engine, collector: Collector
) -> None:
    engine.say(LOOKED_UP)
    _, _, first, _, second = ask(traced(), collector, 5, stream=True)
    for span, leg in zip((first, second), engine.legs, strict=True):
        told = {name.decode().lower(): value.decode() for name, value in leg.headers.items()}
        assert told["traceparent"] == f"00-{span.trace}-{span.id}-01"
        assert told["tracestate"] == "ours=1"


def test_nothing_that_was_said_is_in_them(
    traced: Callable[..., Gateway], engine: Engine, collector: Collector
) -> None:
    engine.say(LOOKED_UP)
    for span in ask(traced(), collector, 5):
        for word in ("Kovats", "nobody", "Let me look"):
            assert word not in str(span)


def test_with_content(traced: Callable[..., Gateway], engine: Engine, collector: Collector) -> None:
    engine.say(LOOKED_UP)
    _, answer, first, search, second = ask(traced(content=True), collector, 5)
    (message,) = json.loads(answer.attributes["gen_ai.input.messages"])
    assert message["role"] == "user"
    assert message["parts"] == [{"type": "text", "content": "Who is Orson Kovats?"}]
    assert "search" in answer.attributes["gen_ai.system_instructions"].lower()
    asked = json.loads(search.attributes["gen_ai.tool.call.arguments"])
    assert asked == {"queries": ["Orson Kovats"]}
    assert json.loads(search.attributes["gen_ai.tool.call.result"])[0]["number"] == 1
    said = [json.loads(leg.attributes["gen_ai.output.messages"])[0] for leg in (first, second)]
    assert said[0]["parts"][0]["content"].startswith("Let me look. ")
    assert said[1]["parts"][0]["content"] == "He is nobody [1]."


def test_what_went_wrong(
    traced: Callable[..., Gateway], engine: Engine, collector: Collector
) -> None:
    (request,) = ask(traced(), collector, 1, messages=[])
    assert request.attributes["http.response.status_code"] == 400
    assert not request.failed, "the client's fault is no error of a server's span"
    _, answer = ask(traced(), collector, 2, search={"adapters": ["none"]})
    assert answer.failed
    assert answer.attributes["error.type"] == "InvalidRequest"
    assert answer.attributes["orson.outcome"] == "refused"
    engine.say(LOOKED_UP)
    gateway = traced()
    gateway.search.enqueue([TimedOut("slow")])
    spans = ask(gateway, collector, 5)
    assert spans[3].failed
    assert spans[3].attributes["error.type"] == "timed out"


def test_an_engine_that_died(main_stage: Stage, collector: Collector, redis_url: str) -> None:
    engine = main_stage.engine()
    gateway = main_stage.gateway(
        engine.url, otel=True, otel_endpoint=collector.url, engine_restart_patience=0,
        redis_url=redis_url,
    )  # fmt: skip
    engine.say(Answer(("Half an answ",), fault="die"))
    _, answer, leg = ask(gateway, collector, 3, stream=True)
    for span in (answer, leg):
        assert span.failed
        assert span.attributes["error.type"] == "engine_unavailable"
    assert answer.attributes["orson.outcome"] == "failed"


def test_a_client_that_left(main_stage: Stage, collector: Collector, redis_url: str) -> None:
    engine = main_stage.engine(rate=50)
    gateway = main_stage.gateway(
        engine.url, otel=True, otel_endpoint=collector.url, redis_url=redis_url
    )
    engine.say("A long answer that nobody waits for, as far as anybody can see. " * 200)
    trace = secrets.token_hex(16)
    with httpx2.stream(
        "POST", f"{gateway.url}/v1/chat/completions", json={**ASKED, "stream": True},
        headers={"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}, trust_env=False,
        timeout=60,
    ) as reply:  # fmt: skip
        next(reply.iter_bytes())
    until(lambda: len(collector.of(trace)) == 3)
    answer = collector.of(trace)[1]
    assert answer.attributes["error.type"] == answer.attributes["orson.outcome"] == "cancelled"
    assert not answer.failed


def test_what_is_not_sampled_costs_no_span(
    traced: Callable[..., Gateway], engine: Engine, collector: Collector
) -> None:
    engine.say(LOOKED_UP)
    trace = secrets.token_hex(16)
    traced().post(
        "/v1/chat/completions", json=ASKED,
        headers={"traceparent": f"00-{trace}-{secrets.token_hex(8)}-00"},
    )  # fmt: skip
    told = {name.decode().lower(): value.decode() for name, value in engine.legs[0].headers.items()}
    assert told["traceparent"].startswith(f"00-{trace}-")
    assert told["traceparent"].endswith("-00"), "who comes after knows that it is not wanted"
    engine.say(LOOKED_UP)
    ask(traced(), collector, 5)  # by then the other would have come
    assert collector.of(trace) == []


def test_health_and_metrics_are_left_out(
    traced: Callable[..., Gateway], engine: Engine, collector: Collector
) -> None:
    for path in ("/metrics", "/healthz", "/readyz"):
        traced().get(path)
    engine.say(LOOKED_UP)
    ask(traced(), collector, 5)
    routes = {span.attributes.get("http.route") for span in collector.spans}
    assert not routes & {"/metrics", "/healthz", "/readyz"}


class Noting(MockAdapter):
    """Notes of which trace it is told."""

    told: ClassVar[list[dict[str, str]]] = []

    async def search(self, query: Query) -> tuple[Passage, ...]:
        self.told.append(dict(TRACE_HEADERS.get()))
        return await super().search(query)


def test_a_search_goes_on_with_the_trace(
    main_stage: Stage, main_engine: Engine, collector: Collector, redis_url: str
) -> None:
    gateway = main_stage.gateway(
        main_engine.url, Noting(), otel=True, otel_endpoint=collector.url, redis_url=redis_url
    )
    main_engine.say(("[SEARCH_START] one\ntwo[SEARCH_END]", "Nobody [1]."))
    _, _, _, search, _ = ask(gateway, collector, 5)
    expected = {"traceparent": f"00-{search.trace}-{search.id}-01", "tracestate": "ours=1"}
    assert Noting.told == [expected, expected]


def test_off_there_is_nothing(gateway: Gateway, engine: Engine) -> None:
    engine.say(LOOKED_UP)
    headers = {"traceparent": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"}
    gateway.post("/v1/chat/completions", json=ASKED, headers=headers)
    assert b"traceparent" not in {name.lower() for name in engine.legs[0].headers}


async def test_providers_of_ones_own_go_on_with_the_trace() -> None:
    seen: list[httpx2.Headers] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers)
        return httpx2.Response(200, json={"results": [], "web": {"results": []}})

    headers = {"traceparent": "00-1-2-01"}
    token = TRACE_HEADERS.set(headers)
    try:
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as client:
            own = SearxngAdapter({"SEARXNG_URL": "http://127.0.0.1:8888"}, client=client)
            public = BraveAdapter({"BRAVE_API_KEY": "key"}, client=client)
            for adapter in (own, public):
                with suppress(SearchError):  # the answer is no provider's
                    await adapter.search(Query("q"))
    finally:
        TRACE_HEADERS.reset(token)
    assert seen[0]["traceparent"] == "00-1-2-01"
    assert "traceparent" not in seen[1]


def test_without_its_packages_it_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "app.telemetry.otel", None)
    settings = Settings(_env_file=None, otel=True, search="mock")
    with pytest.raises(StartError, match=r"pip install 'orson\[otel\]'"):
        create_app(settings)


def test_a_collector_that_is_away_keeps_nobody_waiting(main_stage: Stage, redis_url: str) -> None:
    engine = main_stage.engine()
    engine.say("Yes.")
    gateway = main_stage.gateway(
        engine.url, otel=True, otel_endpoint="http://127.0.0.1:1", redis_url=redis_url
    )
    reply = gateway.post("/v1/chat/completions", json=ASKED)
    assert reply.status_code == 200
    gateway.stop()
