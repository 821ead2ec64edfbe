"""One line in the log for each answer: how it ended, how long it took, what it cost.

No words of the question, the answer or a query are in it.
"""

import logging
from collections.abc import Sequence
from typing import Any

from app.chat.events import Event, SearchFinished, Usage
from app.chat.means import Means
from app.chat.request import ChatRequest
from app.chat.watch import Asked, Ended
from app.errors import OrsonError

logger = logging.getLogger("orson.answers")


class AnswerLog:
    """A watch that writes one line at the end."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._providers: list[str] = []
        self._failures: list[str] = []
        self._usd = 0.0

    def made_with(self, means: Means) -> Means:
        """The same."""
        return means

    def begun(self, request: ChatRequest, prompt: Sequence[int], taught: str) -> None:
        """Nothing to note."""

    def observe(self, event: Event) -> None:
        """Who found something, and why nobody did."""
        if isinstance(event, SearchFinished):
            if event.provider and event.provider not in self._providers:
                self._providers.append(event.provider)
            self._usd += event.usd
            if event.failure:
                self._failures.append(event.failure)

    def ended(self, ended: Ended) -> None:
        """Write the line."""
        level = logging.ERROR if ended.outcome in ("error", "failed") else logging.INFO
        if logger.isEnabledFor(level):
            logger.log(level, "%s", self._line(ended), extra={"fields": self._fields(ended)})

    def _line(self, ended: Ended) -> str:
        name = f"answer {self._asked.id}".rstrip()
        parts = [f"{name}: {ended.outcome}"]
        if ended.error is not None:
            parts[0] += f" ({_code(ended.error)})"
        if (usage := ended.usage) is not None:
            legs, searches = len(usage.legs), usage.searches
            parts.append(
                f"{usage.prompt} prompt + {usage.generated} generated + {usage.injected} injected "
                f"tokens in {legs} {'leg' if legs == 1 else 'legs'}"
            )
            if searches:
                parts.append(f"{searches} {'search' if searches == 1 else 'searches'}")
        if ended.first is not None:
            parts.append(f"first after {ended.first * 1000:.0f} ms")
        return ", ".join([*parts, f"{ended.seconds * 1000:.0f} ms"])

    def _fields(self, ended: Ended) -> dict[str, Any]:
        asked = self._asked
        fields: dict[str, Any] = {
            "event": "answer",
            "answer_id": asked.id or None,
            "model": asked.model,
            "key_id": asked.request.caller.id or None,
            "outcome": ended.outcome,
            "error": None if ended.error is None else _code(ended.error),
            "seconds": round(ended.seconds, 4),
            "first_seconds": None if ended.first is None else round(ended.first, 4),
            "providers": self._providers,
            "search_failures": self._failures,
            "search_usd": round(self._usd, 6),
        }
        return fields | (_cost(ended.usage) if ended.usage is not None else {})


def _cost(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt,
        "generated_tokens": usage.generated,
        "injected_tokens": usage.injected,
        "reasoning_tokens": usage.reasoning,
        "cached_tokens": sum(leg.cached or 0 for leg in usage.legs),
        "legs": len(usage.legs),
        "retried_legs": sum(leg.retried for leg in usage.legs),
        "searches": usage.searches,
        "dropped_citations": usage.dropped_citations,
        "forged_spans": usage.forged,
        "budgets_spent": list(usage.spent),
    }


def _code(error: BaseException) -> str:
    """What failed, in one word that is nobody's text."""
    code = error.code if isinstance(error, OrsonError) else None
    return code or (error.type if isinstance(error, OrsonError) else type(error).__name__)
