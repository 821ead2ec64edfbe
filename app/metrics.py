"""What Prometheus is told, read off the same events that the client gets."""

import platform
from functools import partial
from importlib.metadata import version
from typing import Literal, get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from app.chat.events import (
    BudgetName,
    Cited,
    Event,
    Failed,
    Finished,
    FinishReason,
    SearchFinished,
    Usage,
)

TOKEN_SECONDS = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0,
)  # fmt: skip
ANSWER_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


Outcome = FinishReason | Literal["failed", "refused", "cancelled", "error"]
"""How an answer ended: as the model would have it, cut off, its engine gone in mid-answer, before
it began, its client gone, or by an error that nobody foresaw."""


class Metrics:
    """The gateway's own counters, in a registry of their own."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.registry = registry
        counter, gauge = partial(Counter, registry=registry), partial(Gauge, registry=registry)
        histogram = partial(Histogram, registry=registry)
        self.running = gauge("orson_answers_running", "Answers under way.")
        self._answers = counter("orson_answers_total", "Answers ended, by how.", ["outcome"])
        self._tokens = counter("orson_tokens_total", "Tokens, by where they came from.", ["origin"])
        self._cached = counter(
            "orson_resume_cached_tokens_total",
            "Prompt tokens of resumed legs that the engine had in its prefix cache.",
        )
        self._resumed = counter(
            "orson_resume_prompt_tokens_total", "Prompt tokens of resumed legs."
        )
        self._retried = counter(
            "orson_retried_legs_total",
            "Legs in which the engine went away, and that went on when it was back.",
        )
        self._searches = counter(
            "orson_searches_total",
            "Spans searched, by provider and outcome.",
            ["provider", "outcome"],
        )
        self._search_seconds = histogram(
            "orson_search_seconds", "Time of one search.", buckets=SECONDS
        )
        self._search_hidden = histogram(
            "orson_search_hidden_seconds",
            "Time that a search was under way before its query was complete, where it was.",
            buckets=SECONDS,
        )
        self._search_cache = counter(
            "orson_search_cache_total",
            "Spans searched, by whether all was found before: none, fresh, stale.",
            ["cached"],
        )
        self._first_token = histogram(
            "orson_first_token_seconds",
            "From the request to the first event of its answer.",
            buckets=SECONDS,
        )
        self._resume_seconds = histogram(
            "orson_resume_seconds",
            "From the end marker to the next leg's first token, less the search.",
            buckets=SECONDS,
        )
        self._answer_seconds = histogram(
            "orson_answer_seconds",
            "From the request to the end of its answer.",
            buckets=ANSWER_SECONDS,
        )
        self._leg_first = histogram(
            "orson_leg_first_token_seconds",
            "From a leg's begin to its first token: the engine's queue and prefill.",
            buckets=SECONDS,
        )
        self._inter_token = histogram(
            "orson_inter_token_seconds",
            "Mean time between two tokens of a leg; one observation for each leg.",
            buckets=TOKEN_SECONDS,
        )
        self._legs = counter("orson_legs_total", "Runs of the engine.")
        self._queries = counter("orson_search_queries_total", "Queries sent to the search.")
        self._usd = counter(
            "orson_search_usd_total", "What searches cost, at the providers' list prices."
        )
        self._hedged = counter(
            "orson_searches_hedged_total",
            "Spans searched for which a slow provider was asked a second time.",
        )
        self._citations = counter(
            "orson_citations_total",
            "Citations: valid, or dropped for naming a passage that was never injected.",
            ["outcome"],
        )
        self._forged = counter(
            "orson_forged_spans_total",
            "Results that the model wrote itself, and that were cut.",
        )
        self._spent = counter(
            "orson_budgets_spent_total",
            "Answers that used a budget up: searches, tokens, window, legs.",
            ["budget"],
        )
        self._stray = counter(
            "orson_stray_markers_total",
            "Markers the model wrote where they mean nothing, forged results among them.",
        )

        self._requests = counter(
            "orson_http_requests_total",
            "Responses begun, by the route and how it answered.",
            ["method", "route", "status"],
        )
        # What was never counted is shown as 0, so that a rate begins where its first event does.
        self._valid = self._citations.labels("valid")
        self._citations.labels("dropped")
        for budget in get_args(BudgetName):
            self._spent.labels(budget)
        for outcome in ("stop", "length", "failed", "refused", "cancelled", "error"):
            self._answers.labels(outcome)
        for origin in ("prompt", "generated", "injected"):
            self._tokens.labels(origin)
        build = Info("orson_build", "What is running.", registry=registry)
        build.info({"version": version("orson"), "python": platform.python_version()})
        ProcessCollector(registry=registry)

    def started(self, seconds: float) -> None:
        """The first event of an answer is here, so many seconds after it was asked for."""
        self._first_token.observe(seconds)

    def observe(self, event: Event) -> None:
        """Count one event; text is not worth the call."""
        match event:
            case SearchFinished():
                outcome = event.failure or ("found" if event.passages else "empty")
                self._searches.labels(event.provider or "none", outcome).inc()
                self._search_seconds.observe(event.elapsed)
                self._search_cache.labels(event.cached or "none").inc()
                self._hedged.inc(event.hedged)
                self._usd.inc(event.usd)
                if event.hidden:
                    self._search_hidden.observe(event.hidden)
            case Cited():
                self._valid.inc()
            case Finished(reason, usage):
                self.ended(reason, usage)
            case Failed(_, usage):
                self.ended("failed", usage)
            case _:
                pass

    def ended(self, outcome: Outcome, usage: Usage | None) -> None:
        """An answer is over: `stop`, `length`, `failed`, `refused`, `cancelled` or `error`."""
        self._answers.labels(outcome).inc()
        if usage is None:
            return
        self._tokens.labels("prompt").inc(usage.prompt)
        self._tokens.labels("generated").inc(usage.generated)
        self._tokens.labels("injected").inc(usage.injected)
        self._citations.labels("dropped").inc(usage.dropped_citations)
        self._stray.inc(usage.stray_markers)
        self._forged.inc(usage.forged)
        for budget in usage.spent:
            self._spent.labels(budget).inc()
        self._legs.inc(len(usage.legs))
        self._queries.inc(usage.searches)
        for leg in usage.legs:
            if leg.first_ms is not None:
                self._leg_first.observe(leg.first_ms / 1000)
            if leg.itl_ms is not None:
                self._inter_token.observe(leg.itl_ms / 1000)
        self._retried.inc(sum(leg.retried for leg in usage.legs))
        for leg in usage.legs[1:]:
            self._resumed.inc(leg.prompt)
            self._cached.inc(leg.cached or 0)
            if leg.resume_ms is not None:
                self._resume_seconds.observe(leg.resume_ms / 1000)

    def took(self, seconds: float) -> None:
        """How long an answer was under way."""
        self._answer_seconds.observe(seconds)

    def answered(self, method: str, route: str, status: int) -> None:
        """A response has begun; `route` is the path's template, of which there are few."""
        self._requests.labels(method, route, str(status)).inc()

    def exposition(self) -> bytes:
        """The text that `/metrics` answers with."""
        return generate_latest(self.registry)
