"""OpenTelemetry's SDK, set up for the gateway: spans leave in batches, over OTLP/HTTP.

The SDK's own variables hold (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`,
`OTEL_TRACES_SAMPLER`, `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`, ...).
"""

import asyncio
import os
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer, format_span_id, format_trace_id

from app.chat.watch import Asked, Watch
from app.telemetry.leg_spans import Served
from app.telemetry.spans import AnswerSpans

CLOSING = 3.0
"""Seconds for the last spans, when the collector is slow or away."""


class Tracing:
    """The tracer of one gateway; opened and closed with it."""

    def __init__(
        self,
        endpoint: str | None,
        *,
        provider: str,
        engine_url: str | None,
        version: str,
        content: bool,
    ) -> None:
        """
        Args:
            endpoint: of the collector, such as http://127.0.0.1:4318; None: the SDK's variables.
            provider: the engine's name.
            engine_url: where it is; None: in this process.
            version: of the gateway.
            content: whether what is asked, said and found is in the spans.
        """
        self.tracer: Tracer | None = None
        self._endpoint, self._content = endpoint, content
        parts = urlsplit(engine_url or "")
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        self._served = Served(provider, parts.hostname, port, version)
        self._provider: TracerProvider | None = None

    def open(self) -> None:
        """Begin to trace."""
        resource = Resource.create(
            {
                SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", "orson"),
                SERVICE_VERSION: self._served.version,
            }
        )
        where = f"{self._endpoint.rstrip('/')}/v1/traces" if self._endpoint else None
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=where)))
        self.tracer = self._provider.get_tracer("orson", self._served.version)

    def watch(self, asked: Asked) -> Watch | None:
        """The spans of one answer."""
        if self.tracer is None:
            return None
        return AnswerSpans(asked, self.tracer, self._served, content=self._content)

    async def aclose(self) -> None:
        """Send what is left."""
        provider, self._provider, self.tracer = self._provider, None, None
        if provider is None:
            return
        loop = asyncio.get_running_loop()
        done = asyncio.Event()

        def close() -> None:
            provider.shutdown()
            with suppress(RuntimeError):  # nobody waits any more
                loop.call_soon_threadsafe(done.set)

        # A daemon: a collector that is away must not keep the process from ending.
        threading.Thread(target=close, name="orson-otel-close", daemon=True).start()
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), CLOSING)


def ids() -> dict[str, str]:
    """The ids of the span that is served, for a line of the log."""
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return {}
    return {"trace_id": format_trace_id(span.trace_id), "span_id": format_span_id(span.span_id)}
