"""Words that several spans share: errors, content, the trace that others go on with."""

import json
from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace import Span, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.chat.request import Message
from app.errors import OrsonError

_propagator = TraceContextTextMapPropagator()


def headers(context: Context) -> dict[str, str]:
    """`traceparent` and `tracestate` of a context."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier, context)
    return carrier


def kind(error: BaseException) -> str:
    """What kind of error, in a word of which there are few."""
    code = error.code if isinstance(error, OrsonError) else None
    return code or type(error).__name__


def failed(span: Span, kind: str) -> None:
    """The span ends in an error of this kind."""
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))


def written(value: Any) -> str:
    """A value, since attributes are flat."""
    return json.dumps(list(value) if not isinstance(value, dict) else value, ensure_ascii=False)


def part(text: str) -> dict[str, str]:
    """A part of a message, in the form of the conventions."""
    return {"type": "text", "content": text}


def message(message: Message) -> dict[str, Any]:
    """A message, in the form of the conventions."""
    return {"role": message.role, "parts": [part(message.content)]}
