"""One answer as spans of OpenTelemetry, in the GenAI semantic conventions.

    POST /v1/chat/completions         the request                       (traced_requests)
      invoke_agent orson              the answer
        text_completion MODEL         a leg: one run of the engine; goes on in vLLM's own spans
        execute_tool web_search       a search; goes on in a provider of the operator's own
        text_completion MODEL

Times, counts and outcomes; what was said and found only where the operator wants it (`content`).
Token for token nothing happens but to count it, and only in answers that are sampled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from opentelemetry import trace
from opentelemetry.context import get_current
from opentelemetry.trace import Span, SpanKind, Tracer

from app.chat.events import Event, SearchFinished, SearchStarted, Usage
from app.chat.means import Means
from app.chat.request import ChatRequest
from app.chat.watch import Asked, Ended
from app.telemetry.attributes import failed, headers, kind, message, part, written
from app.telemetry.leg_spans import Legs, Served, TracedEngine, TracedSearch

AGENT = "orson"
TOOL = "web_search"


class AnswerSpans:
    """A watch that makes spans."""

    def __init__(self, asked: Asked, tracer: Tracer, served: Served, *, content: bool) -> None:
        self._tracer, self._served, self._content = tracer, served, content
        self._model = asked.model
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.provider.name": AGENT,
            "gen_ai.agent.name": AGENT,
            "gen_ai.agent.version": served.version,
            "gen_ai.request.model": asked.model,
        }
        self._span = tracer.start_span(
            f"invoke_agent {AGENT}", kind=SpanKind.INTERNAL, attributes=attributes
        )
        if asked.id:
            self._span.set_attribute("gen_ai.response.id", asked.id)
        self._context = trace.set_span_in_context(self._span, get_current())
        self._search: Span | None = None
        self._searching = self._context

    def made_with(self, means: Means) -> Means:
        """The same engine and search, in spans."""
        legs = Legs(self._tracer, self._context, self._served, self._model, content=self._content)
        return replace(
            means,
            engine=TracedEngine(means.engine, legs),
            search=TracedSearch(means.search, self._headers),
        )

    def begun(self, request: ChatRequest, prompt: Sequence[int], taught: str) -> None:
        """What is asked for."""
        span, sampling = self._span, request.sampling
        if not span.is_recording():
            return
        for name in ("max_tokens", "temperature", "top_p", "seed", "presence_penalty",
                     "frequency_penalty"):  # fmt: skip
            if (value := getattr(sampling, name)) is not None:
                span.set_attribute(f"gen_ai.request.{name}", value)
        if sampling.stop:
            span.set_attribute("gen_ai.request.stop_sequences", sampling.stop)
        span.set_attribute("orson.search.policy", str(request.search.policy))
        if self._content:
            span.set_attribute("gen_ai.system_instructions", written([part(taught)]))
            span.set_attribute("gen_ai.input.messages", written(map(message, request.messages)))

    def observe(self, event: Event) -> None:
        """Searches are spans of their own."""
        match event:
            case SearchStarted(index, queries):
                self._search = self._tracer.start_span(
                    f"execute_tool {TOOL}",
                    self._context,
                    kind=SpanKind.INTERNAL,
                    attributes={
                        "gen_ai.operation.name": "execute_tool",
                        "gen_ai.tool.name": TOOL,
                        "gen_ai.tool.type": "datastore",
                        "orson.search.index": index,
                        "orson.search.queries": len(queries),
                    },
                )
                self._searching = trace.set_span_in_context(self._search, self._context)
                if self._content:
                    asked = written({"queries": queries})
                    self._search.set_attribute("gen_ai.tool.call.arguments", asked)
            case SearchFinished() if self._search is not None:
                self._searched(self._search, event)
                self._search.end()
                self._search = None
            case _:
                pass

    def _searched(self, span: Span, event: SearchFinished) -> None:
        span.set_attributes(
            {
                "orson.search.provider": event.provider,
                "orson.search.results": len(event.passages),
                "orson.search.cached": event.cached or "none",
                "orson.search.hedged": event.hedged,
                "orson.search.early_seconds": event.hidden,
                "orson.search.usd": event.usd,
            }
        )
        if event.failure:
            failed(span, event.failure)
        if self._content:
            found = [
                {"number": each.number, "title": each.passage.title, "url": each.passage.url,
                 "text": each.passage.text}
                for each in event.passages
            ]  # fmt: skip
            span.set_attribute("gen_ai.tool.call.result", written(found))

    def ended(self, ended: Ended) -> None:
        """How it ended, and what it cost."""
        span = self._span
        if self._search is not None:
            failed(self._search, ended.outcome)
            self._search.end()
        span.set_attribute("orson.outcome", ended.outcome)
        if ended.first is not None:
            span.set_attribute("gen_ai.response.time_to_first_chunk", ended.first)
            span.set_attribute("gen_ai.response.model", self._model)
        if ended.outcome in ("stop", "length"):
            span.set_attribute("gen_ai.response.finish_reasons", [ended.outcome])
        if ended.usage is not None:
            span.set_attributes(_usage(ended.usage))
        if ended.error is not None:
            failed(span, kind(ended.error))
        elif ended.outcome == "cancelled":
            span.set_attribute("error.type", "cancelled")
        span.end()

    def _headers(self) -> Mapping[str, str]:
        return headers(self._searching)


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "gen_ai.usage.input_tokens": usage.prompt,
        "gen_ai.usage.output_tokens": usage.generated,
        "gen_ai.usage.cache_read.input_tokens": usage.cached,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning,
        "orson.usage.injected_tokens": usage.injected,
        "orson.legs": len(usage.legs),
        "orson.searches": usage.searches,
        "orson.citations.dropped": usage.dropped_citations,
        "orson.forged_spans": usage.forged,
        "orson.budgets_spent": usage.spent,
    }
