"""Settings -> OpenTelemetry's traces, where they are wanted. A part of the composition root.

Its packages are an extra, and are imported only when they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

from app.engine import StartError
from app.settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from app.telemetry.otel import Tracing


def tracing_of(settings: Settings) -> Tracing | None:
    """The tracing that the settings ask for, not yet opened.

    Raises:
        StartError: its packages are not installed.
    """
    if not settings.otel:
        return None
    try:
        from app.telemetry.otel import Tracing
    except ImportError as error:
        why = f"ORSON_OTEL needs OpenTelemetry: pip install 'orson[otel]' ({error})"
        raise StartError(why) from error
    return Tracing(
        settings.otel_endpoint,
        provider="llama.cpp" if settings.engine == "llamacpp" else settings.engine,
        engine_url=settings.engine_url,
        version=version("orson"),
        content=settings.otel_content,
    )


def around(tracing: Tracing | None) -> Callable[[ASGIApp], ASGIApp]:
    """What requests pass through first."""
    if tracing is None:
        return lambda app: app
    from app.telemetry.traced_requests import TracedRequests

    return lambda app: TracedRequests(app, tracing)


def log_context(settings: Settings) -> Callable[[], Mapping[str, str]]:
    """What each line of the log says of the trace."""
    if not settings.otel:
        return dict
    from app.telemetry.otel import ids

    return ids
