"""Orson's own fields, the same in every format: what was found, and what an answer cost."""

from collections.abc import Iterable
from typing import Any

from app.chat.events import SearchFinished, Usage
from app.dialect.results import Numbered


def passages_body(passages: Iterable[Numbered]) -> list[dict[str, Any]]:
    """The passages that the model was given, each under the number by which it may cite it."""
    return [
        {
            "number": source.number,
            "title": source.passage.title,
            "url": source.passage.url,
            "site": source.passage.site,
            "date": source.passage.date,
            "text": source.passage.text,
        }
        for source in passages
    ]


def finished_body(event: SearchFinished) -> dict[str, Any]:
    """How a search went, and what it brought."""
    return {
        "queries": list(event.queries),
        "provider": event.provider,
        "failure": event.failure,
        "elapsed_ms": round(event.elapsed * 1000, 1),
        "hidden_ms": round(event.hidden * 1000, 1),
        "cached": event.cached or None,
        "results": passages_body(event.passages),
    }


def usage_fields(usage: Usage) -> dict[str, Any]:
    """Generated, injected and cached tokens apart, in all and leg by leg."""
    return {
        "generated_tokens": usage.generated,
        "injected_tokens": usage.injected,
        "searches": usage.searches,
        "search_hidden_ms": round(usage.hidden * 1000, 1),
        "dropped_citations": usage.dropped_citations,
        "stray_markers": usage.stray_markers,
        "legs": [
            {
                "prompt_tokens": leg.prompt,
                "cached_tokens": leg.cached,
                "generated_tokens": leg.generated,
                "injected_tokens": leg.injected,
                "resume_ms": None if leg.resume_ms is None else round(leg.resume_ms, 2),
                "retried": leg.retried,
            }
            for leg in usage.legs
        ],
    }
