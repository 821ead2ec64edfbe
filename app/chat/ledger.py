"""What one answer has cost so far, leg by leg: the book behind `Usage`."""

import time
from dataclasses import dataclass

from app.chat.events import LegUsage, Usage
from app.chat.transcript import ORIGINS, Transcript


@dataclass(slots=True)
class _Leg:
    """A `LegUsage` still being written: counted up with every chunk, so it is mutable."""

    prompt: int
    cached: int | None = None
    generated: int = 0
    injected: int = 0
    resume_ms: float | None = None


class Ledger:
    """The running account of one answer."""

    def __init__(self, prompt: int) -> None:
        """`prompt`: length of the request's own prompt, in tokens."""
        self.searches = 0
        """Queries sent to the search chain."""
        self.stray = 0
        """Markers that meant nothing where they stood."""
        self._prompt = prompt
        self._legs: list[_Leg] = []
        self._resumed_at: float | None = None

    @property
    def legs(self) -> int:
        """Legs begun."""
        return len(self._legs)

    def open_leg(self, length: int) -> None:
        """A leg begins on a sequence of `length` tokens."""
        self._legs.append(_Leg(length))

    def sampled(self, count: int, cached: int | None) -> None:
        """`count` ids arrived; `cached` where the engine said so."""
        leg = self._legs[-1]
        leg.generated += count
        if cached is not None:
            leg.cached = cached
        if count and self._resumed_at is not None:
            leg.resume_ms = (time.perf_counter() - self._resumed_at) * 1000
            self._resumed_at = None

    def injected(self, count: int) -> None:
        """`count` ids were appended after the leg."""
        self._legs[-1].injected = count

    def resume_from(self, ended_at: float) -> None:
        """The next leg's first token is timed from here, by `time.perf_counter`."""
        self._resumed_at = ended_at

    def usage(self, dropped_citations: int) -> Usage:
        """The account as it stands."""
        return Usage(
            prompt=self._prompt,
            legs=tuple(
                LegUsage(leg.prompt, leg.cached, leg.generated, leg.injected, leg.resume_ms)
                for leg in self._legs
            ),
            searches=self.searches,
            dropped_citations=dropped_citations,
            stray_markers=self.stray,
        )


def spent(transcript: Transcript) -> Usage:
    """The cost of an answer that was cut off before it came to its own account."""
    prompt, generated, injected = (len(transcript.of(origin)) for origin in ORIGINS)
    return Usage(prompt, (LegUsage(prompt, None, generated, injected),))
