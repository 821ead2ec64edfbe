"""Engine and search of one answer, traced: each leg is a span, each search knows its own."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Tracer

from app.chat.ports import Chunk, Engine, Found, Leg, Reads, Search, Take
from app.chat.request import Message
from app.errors import OrsonError
from app.telemetry.attributes import failed, headers, kind, part, written
from search_adapters.propagation import TRACE_HEADERS
from search_adapters.protocol import Query


@dataclass(frozen=True, slots=True)
class Served:
    """What the legs run on."""

    provider: str
    """`vllm`, `llama.cpp`."""
    address: str | None
    port: int | None
    version: str
    """Of the gateway."""


class Legs:
    """Opens the spans of one answer's legs."""

    def __init__(
        self, tracer: Tracer, context: Context, served: Served, model: str, *, content: bool
    ) -> None:
        self._tracer, self._context, self._served = tracer, context, served
        self._model, self.content = model, content
        self._count = 0

    def open(self, leg: Leg) -> Span:
        """The span of a leg that begins now."""
        served = self._served
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "text_completion",
            "gen_ai.provider.name": served.provider,
            "gen_ai.request.model": self._model,
            "gen_ai.request.max_tokens": leg.max_tokens,
            "gen_ai.request.stream": True,
            "gen_ai.usage.input_tokens": len(leg.prompt),
            "orson.leg.index": self._count,
        }
        if served.address is not None:
            attributes["server.address"] = served.address
        if served.port is not None:
            attributes["server.port"] = served.port
        self._count += 1
        kind = SpanKind.INTERNAL if served.address is None else SpanKind.CLIENT
        return self._tracer.start_span(
            f"text_completion {self._model}", self._context, kind=kind, attributes=attributes
        )

    def headers(self, span: Span) -> tuple[tuple[str, str], ...]:
        """What the engine is sent to go on with."""
        return tuple(headers(trace.set_span_in_context(span, self._context)).items())


class TracedEngine:
    """An engine whose legs are spans."""

    def __init__(self, engine: Engine, legs: Legs) -> None:
        self._engine, self._legs = engine, legs
        self.model, self.context_window = engine.model, engine.context_window

    async def render(
        self, messages: Sequence[Message], template: Mapping[str, object] | None = None
    ) -> list[int]:
        """As the engine's."""
        return await self._engine.render(messages, template)

    async def encode(self, text: str) -> list[int]:
        """As the engine's."""
        return await self._engine.encode(text)

    def generate(self, leg: Leg) -> Reads:
        """As the engine's, in a span."""
        span = self._legs.open(leg)
        reads = self._engine.generate(replace(leg, trace=self._legs.headers(span)))
        if not span.is_recording():
            return reads
        return _TracedReads(reads, span, content=self._legs.content)

    async def ready(self) -> None:
        """As the engine's."""
        await self._engine.ready()

    async def aclose(self) -> None:
        """As the engine's."""
        await self._engine.aclose()


class _TracedReads:
    """The stream of one leg; its span ends with it."""

    def __init__(self, reads: Reads, span: Span, *, content: bool) -> None:
        self._reads, self._span, self._content = reads, span, content
        self._begun_at = time.perf_counter()
        self._first_at: float | None = None
        self._tokens = 0
        self._last: Chunk | None = None
        self._text: list[str] = []
        self._open = True

    async def pour(self, take: Take) -> bool:
        def taken(chunk: Chunk) -> bool:
            self._tokens += len(chunk.ids)
            if self._first_at is None and chunk.ids:
                self._first_at = time.perf_counter()
            if chunk.stop is not None:
                self._last = chunk
            if self._content:
                self._text.append(chunk.text)
            return take(chunk)

        try:
            return await self._reads.pour(taken)
        except OrsonError as error:
            failed(self._span, kind(error))
            raise

    async def aclose(self) -> None:
        if self._open:
            self._open = False
            self._close()
        await self._reads.aclose()

    def _close(self) -> None:
        span, last = self._span, self._last
        span.set_attribute("gen_ai.usage.output_tokens", self._tokens)
        if self._first_at is not None:
            first = self._first_at - self._begun_at
            span.set_attribute("gen_ai.response.time_to_first_chunk", first)
        if last is not None and last.stop is not None:
            reason = "length" if last.stop.reason == "length" else "stop"
            span.set_attribute("gen_ai.response.finish_reasons", [reason])
            if last.cached_tokens is not None:
                span.set_attribute("gen_ai.usage.cache_read.input_tokens", last.cached_tokens)
        if self._content:
            message = {"role": "assistant", "parts": [part("".join(self._text))]}
            span.set_attribute("gen_ai.output.messages", written([message]))
        span.end()


class TracedSearch:
    """A search that tells the providers of which trace it is part."""

    def __init__(self, search: Search, headers: Callable[[], Mapping[str, str]]) -> None:
        self._search, self._headers = search, headers

    async def __call__(self, query: Query, adapters: tuple[str, ...] = ()) -> Found:
        """As the search's."""
        # Each query is a task of its own, and so is this variable.
        TRACE_HEADERS.set(self._headers())
        return await self._search(query, adapters)
