"""One span for each request, which goes on with the trace that the client is in.

What watches over the gateway (`/metrics`, `/healthz`, `/readyz`) is left out.
"""

from opentelemetry import context, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.telemetry import request_id
from app.telemetry.otel import Tracing

QUIET = frozenset({"/metrics", "/healthz", "/readyz"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_propagator = TraceContextTextMapPropagator()


class TracedRequests:
    """Middleware: takes `traceparent`, opens the request's span."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app, self._tracing = app, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on inside its span."""
        tracer = self._tracing.tracer
        if scope["type"] != "http" or scope["path"] in QUIET or tracer is None:
            await self._app(scope, receive, send)
            return
        told = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
            if name in (b"traceparent", b"tracestate")
        }
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        span = tracer.start_span(
            method,
            _propagator.extract(told),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": method,
                "url.path": scope["path"],
                "url.scheme": scope["scheme"],
                "network.protocol.version": scope["http_version"],
                "orson.request_id": request_id.current(),
            },
        )

        async def seen(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = message["status"]
                span.set_attribute("http.response.status_code", status)
                if status >= 500:
                    span.set_attribute("error.type", str(status))
                    span.set_status(Status(StatusCode.ERROR))
            await send(message)

        entered = context.attach(trace.set_span_in_context(span))
        try:
            await self._app(scope, receive, seen)
        finally:
            context.detach(entered)
            route = getattr(scope.get("route"), "path", None)
            if route is not None:
                span.update_name(f"{method} {route}")
                span.set_attribute("http.route", route)
            span.end()
