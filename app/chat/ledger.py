"""What one answer has cost so far, leg by leg: the book behind `Usage`."""

import time
from dataclasses import replace

from app.chat.events import LegUsage, Usage


class Ledger:
    """The running account of one answer."""

    def __init__(self, prompt: int) -> None:
        """`prompt`: length of the request's own prompt, in tokens."""
        self.searches = 0
        """Queries sent to the search chain."""
        self.stray = 0
        """Markers that meant nothing where they stood."""
        self._prompt = prompt
        self._legs: list[LegUsage] = []
        self._resumed_at: float | None = None

    @property
    def legs(self) -> int:
        """Legs begun."""
        return len(self._legs)

    def open_leg(self, length: int) -> None:
        """A leg begins on a sequence of `length` tokens."""
        self._legs.append(LegUsage(length, None, 0, 0))

    def sampled(self, count: int, cached: int | None) -> None:
        """`count` ids arrived; `cached` where the engine said so."""
        leg = self._legs[-1]
        resume_ms = leg.resume_ms
        if count and self._resumed_at is not None:
            resume_ms = (time.perf_counter() - self._resumed_at) * 1000
            self._resumed_at = None
        self._legs[-1] = replace(
            leg,
            generated=leg.generated + count,
            cached=leg.cached if cached is None else cached,
            resume_ms=resume_ms,
        )

    def injected(self, count: int) -> None:
        """`count` ids were appended after the leg."""
        self._legs[-1] = replace(self._legs[-1], injected=count)

    def resume_from(self, ended_at: float) -> None:
        """The next leg's first token is timed from here, by `time.perf_counter`."""
        self._resumed_at = ended_at

    def usage(self, dropped_citations: int) -> Usage:
        """The account as it stands."""
        return Usage(
            prompt=self._prompt,
            legs=tuple(self._legs),
            searches=self.searches,
            dropped_citations=dropped_citations,
            stray_markers=self.stray,
        )
