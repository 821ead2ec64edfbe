"""What Prometheus is told of answers: at the place where they are told it, and over the wire."""

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.chat.events import (
    Cited,
    Failed,
    Finished,
    LegUsage,
    SearchFinished,
    Usage,
)
from app.dialect.results import Numbered
from app.errors import EngineUnavailable
from app.metrics import Metrics
from model_server.scripted import Answer
from tests.api.stage import Engine, Gateway, passage, until

HELLO: dict[str, Any] = {"model": "scripted", "messages": [{"role": "user", "content": "Hello"}]}
LOOKED_UP = ("Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]", "He is nobody [1] [7].")


def value(metrics: Metrics, name: str, **labels: str) -> float:
    found = metrics.registry.get_sample_value(name, labels)
    assert found is not None, (name, labels)
    return found


def test_a_leg_is_one_observation_of_the_time_between_its_tokens() -> None:
    metrics = Metrics()
    legs = (
        LegUsage(10, None, 11, 5, first_ms=40.0, decode_ms=200.0),
        LegUsage(26, 20, 1, 0, resume_ms=3.0, first_ms=8.0, decode_ms=0.0),
        LegUsage(26, 20, 0, 0),
    )
    metrics.observe(Finished("stop", Usage(10, legs, searches=2)))
    assert value(metrics, "orson_inter_token_seconds_count") == 1  # one token has none between
    assert value(metrics, "orson_inter_token_seconds_sum") == pytest.approx(0.02)
    assert value(metrics, "orson_leg_first_token_seconds_count") == 2
    assert value(metrics, "orson_leg_first_token_seconds_sum") == pytest.approx(0.048)
    assert value(metrics, "orson_legs_total") == 3
    assert value(metrics, "orson_search_queries_total") == 2


def test_citations_forgeries_and_budgets() -> None:
    metrics = Metrics()
    for name in ("searches", "tokens", "window", "legs"):
        assert value(metrics, "orson_budgets_spent_total", budget=name) == 0
    metrics.observe(Cited(Numbered(1, passage(1)), 0, 3))
    usage = Usage(1, (LegUsage(1, None, 2, 0),), dropped_citations=2, forged=1, stray_markers=1,
                  spent=("searches", "tokens"))  # fmt: skip
    metrics.observe(Finished("length", usage))
    assert value(metrics, "orson_citations_total", outcome="valid") == 1
    assert value(metrics, "orson_citations_total", outcome="dropped") == 2
    assert value(metrics, "orson_forged_spans_total") == 1
    assert value(metrics, "orson_budgets_spent_total", budget="searches") == 1
    assert value(metrics, "orson_budgets_spent_total", budget="window") == 0
    assert value(metrics, "orson_answers_total", outcome="length") == 1


def test_searches_early_hedged_and_cached() -> None:
    metrics = Metrics()
    metrics.observe(
        SearchFinished(0, ("q",), (), "mock", None, 0.2, "fresh", 0.1, hedged=True, usd=0.005)
    )
    metrics.observe(SearchFinished(1, ("q",), (), "", "timed out", 2.5))
    assert value(metrics, "orson_searches_total", provider="mock", outcome="empty") == 1
    assert value(metrics, "orson_searches_total", provider="none", outcome="timed out") == 1
    assert value(metrics, "orson_searches_hedged_total") == 1
    assert value(metrics, "orson_search_usd_total") == 0.005
    assert value(metrics, "orson_search_hidden_seconds_count") == 1
    assert value(metrics, "orson_search_cache_total", cached="fresh") == 1


def test_an_engine_that_died() -> None:
    metrics = Metrics()
    metrics.observe(Failed(EngineUnavailable("gone"), Usage(4)))
    assert value(metrics, "orson_answers_total", outcome="failed") == 1
    assert value(metrics, "orson_tokens_total", origin="prompt") == 4


def test_a_real_gateway_counts(gateway: Gateway, engine: Engine) -> None:
    def now(name: str) -> float:
        return gateway.metric(name)

    names = (
        "orson_inter_token_seconds_count",
        "orson_leg_first_token_seconds_count",
        "orson_legs_total",
        "orson_citations_total",
        "orson_answer_seconds_count",
        "orson_http_requests_total",
    )
    before = {name: now(name) for name in names}
    engine.say(LOOKED_UP)
    gateway.client().chat.completions.create(**HELLO)
    until(lambda: now("orson_answer_seconds_count") == before["orson_answer_seconds_count"] + 1)
    assert now("orson_legs_total") == before["orson_legs_total"] + 2
    assert now("orson_leg_first_token_seconds_count") == before[names[1]] + 2
    assert now("orson_inter_token_seconds_count") == before[names[0]] + 2
    assert now("orson_citations_total") == before["orson_citations_total"] + 2
    assert now("orson_http_requests_total") > before["orson_http_requests_total"]


def test_a_budget_that_was_spent_is_told(gateway: Gateway, engine: Engine) -> None:
    def spent(budget: str) -> float:
        for family in text_string_to_metric_families(gateway.get("/metrics").text):
            for sample in family.samples:
                labelled = sample.labels.get("budget") == budget
                if sample.name == "orson_budgets_spent_total" and labelled:
                    return sample.value
        raise AssertionError(budget)

    searches, tokens = spent("searches"), spent("tokens")
    engine.say(LOOKED_UP)
    gateway.client().chat.completions.create(**HELLO, extra_body={"search": {"max_searches": 1}})
    assert spent("searches") == searches + 1
    engine.say(Answer(("A rather long answer that is cut off in its middle.",)))
    answer = gateway.client().chat.completions.create(**HELLO, max_tokens=3)
    assert answer.choices[0].finish_reason == "length"
    assert spent("tokens") == tokens + 1


def test_whatever_is_asked_for_the_series_stay_few(gateway: Gateway) -> None:
    for name in ("/v1/chat/completions/a", "/v1/chat/completions/b", "/nowhere/1", "/nowhere/2"):
        gateway.get(name)
    routes = {
        (sample.labels["route"], sample.labels["status"])
        for family in text_string_to_metric_families(gateway.get("/metrics").text)
        for sample in family.samples
        if sample.name == "orson_http_requests_total"
    }
    assert ("/v1/chat/completions/{completion_id}", "404") in routes
    assert ("none", "404") in routes
    assert not any("nowhere" in route for route, _ in routes)
