"""The trace that a search is part of, for providers of the operator's own to go on with.

Whoever traces sets the headers of W3C Trace Context; adapters to hosts that the operator named send
them along. Public providers are told nothing: the ids would do nothing there but be known.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

TRACE_HEADERS: ContextVar[Mapping[str, str]] = ContextVar(
    "orson_trace_headers", default=MappingProxyType({})
)
"""`traceparent`, and `tracestate` where there is one; empty where nothing is traced."""
