"""What Prometheus is told, read off the same events that the client gets."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from app.chat.events import Event, Failed, Finished, SearchFinished, Usage

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The gateway's own counters, in a registry of their own."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.registry = registry
        self.running = Gauge("orson_answers_running", "Answers under way.", registry=registry)
        self._answers = Counter(
            "orson_answers_total", "Answers ended, by how.", ["outcome"], registry=registry
        )
        self._tokens = Counter(
            "orson_tokens_total", "Tokens, by where they came from.", ["origin"], registry=registry
        )
        self._cached = Counter(
            "orson_resume_cached_tokens_total",
            "Prompt tokens of resumed legs that the engine had in its prefix cache.",
            registry=registry,
        )
        self._resumed = Counter(
            "orson_resume_prompt_tokens_total", "Prompt tokens of resumed legs.", registry=registry
        )
        self._searches = Counter(
            "orson_searches_total",
            "Spans searched, by provider and outcome.",
            ["provider", "outcome"],
            registry=registry,
        )
        self._search_seconds = Histogram(
            "orson_search_seconds", "Time of one search.", buckets=SECONDS, registry=registry
        )
        self._first_token = Histogram(
            "orson_first_token_seconds",
            "From the request to the first event of its answer.",
            buckets=SECONDS,
            registry=registry,
        )
        self._resume_seconds = Histogram(
            "orson_resume_seconds",
            "From the end marker to the next leg's first token, less the search.",
            buckets=SECONDS,
            registry=registry,
        )
        self._dropped = Counter(
            "orson_dropped_citations_total",
            "Citations of passages that were never injected.",
            registry=registry,
        )
        self._stray = Counter(
            "orson_stray_markers_total",
            "Markers the model wrote where they mean nothing, forged results among them.",
            registry=registry,
        )

    def started(self, asked_at: float) -> None:
        """The first event of an answer is here; `asked_at` by `time.perf_counter`."""
        self._first_token.observe(time.perf_counter() - asked_at)

    def observe(self, event: Event) -> None:
        """Count one event; text is not worth the call."""
        match event:
            case SearchFinished():
                outcome = event.failure or ("found" if event.passages else "empty")
                self._searches.labels(event.provider or "none", outcome).inc()
                self._search_seconds.observe(event.elapsed)
            case Finished(reason, usage):
                self.ended(reason, usage)
            case Failed(_, usage):
                self.ended("failed", usage)
            case _:
                pass

    def ended(self, outcome: str, usage: Usage | None) -> None:
        """An answer is over: `stop`, `length`, `failed`, `refused`, `cancelled` or `error`."""
        self._answers.labels(outcome).inc()
        if usage is None:
            return
        self._tokens.labels("prompt").inc(usage.prompt)
        self._tokens.labels("generated").inc(usage.generated)
        self._tokens.labels("injected").inc(usage.injected)
        self._dropped.inc(usage.dropped_citations)
        self._stray.inc(usage.stray_markers)
        for leg in usage.legs[1:]:
            self._resumed.inc(leg.prompt)
            self._cached.inc(leg.cached or 0)
            if leg.resume_ms is not None:
                self._resume_seconds.observe(leg.resume_ms / 1000)

    def exposition(self) -> bytes:
        """The text that `/metrics` answers with."""
        return generate_latest(self.registry)
