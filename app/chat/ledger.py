"""What one answer has cost so far, leg by leg: the book behind `Usage`."""

import time
from dataclasses import dataclass

from app.chat.events import BudgetName, LegUsage, Usage
from app.chat.transcript import ORIGINS, Transcript


@dataclass(slots=True)
class _Leg:
    """A `LegUsage` still being written: counted up with every chunk, so it is mutable."""

    prompt: int
    cached: int | None = None
    generated: int = 0
    injected: int = 0
    resume_ms: float | None = None
    retried: bool = False
    opened_at: float = 0.0
    first_at: float = 0.0
    decode_ms: float | None = None


class Ledger:
    """The running account of one answer."""

    __slots__ = (
        "_legs", "_prompt", "_resumed_at", "_spent", "_thinking_since", "_thought", "_turned_at",
        "_waiting", "forged", "hidden", "searches", "stray"
    )  # fmt: skip

    def __init__(self, prompt: int) -> None:
        """`prompt`: length of the request's own prompt, in tokens."""
        self.searches = 0
        """Queries sent to the search chain."""
        self.hidden = 0.0
        """Seconds that searches were ahead of their queries."""
        self.stray = 0
        """Markers that meant nothing where they stood."""
        self.forged = 0
        """Results that the model wrote itself."""
        self._spent: list[BudgetName] = []
        self._prompt = prompt
        self._legs: list[_Leg] = []
        self._resumed_at: float | None = None
        self._waiting = False
        self._turned_at = 0
        self._thinking_since: int | None = None
        self._thought = 0

    @property
    def legs(self) -> int:
        """Legs begun."""
        return len(self._legs)

    def open_leg(self, length: int) -> None:
        """A leg begins on a sequence of `length` tokens."""
        self._legs.append(_Leg(length, opened_at=time.perf_counter()))
        self._waiting = True

    def sampled(self, count: int, cached: int | None) -> None:
        """`count` ids arrived; `cached` where the engine said so."""
        leg = self._legs[-1]
        leg.generated += count
        if cached is not None:
            leg.cached = cached
        if count and self._waiting:
            self._waiting = False
            leg.first_at = time.perf_counter()
            if self._resumed_at is not None:
                leg.resume_ms = (leg.first_at - self._resumed_at) * 1000
                self._resumed_at = None

    def close_leg(self, at: float) -> None:
        """The leg is over, by `time.perf_counter`."""
        leg = self._legs[-1]
        if leg.first_at:
            leg.decode_ms = (at - leg.first_at) * 1000

    def spend(self, budget: BudgetName) -> None:
        """A budget is used up, and more was wanted."""
        if budget not in self._spent:
            self._spent.append(budget)

    def thinks(self, begins: bool, back: int = 0) -> None:
        """The model begins to reason, or has ended, `back` tokens ago."""
        # How far back is a guess where the marker is no token: never before the one that was last.
        at = self._turned_at = max(self._turned_at, self._generated() - back)
        if self._thinking_since is not None:
            self._thought += at - self._thinking_since
        self._thinking_since = at if begins else None

    def _generated(self) -> int:
        return sum(leg.generated for leg in self._legs)

    def retried(self) -> None:
        """The engine went away in this leg; it goes on in a second run."""
        self._legs[-1].retried = True

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
                LegUsage(
                    leg.prompt,
                    leg.cached,
                    leg.generated,
                    leg.injected,
                    leg.resume_ms,
                    leg.retried,
                    (leg.first_at - leg.opened_at) * 1000 if leg.first_at else None,
                    leg.decode_ms,
                )
                for leg in self._legs
            ),
            searches=self.searches,
            dropped_citations=dropped_citations,
            stray_markers=self.stray,
            reasoning=self._thought
            + (self._generated() - self._thinking_since if self._thinking_since is not None else 0),
            hidden=self.hidden,
            forged=self.forged,
            spent=tuple(self._spent),
        )


def spent(transcript: Transcript) -> Usage:
    """The cost of an answer that was cut off before it came to its own account."""
    prompt, generated, injected = (len(transcript.of(origin)) for origin in ORIGINS)
    return Usage(prompt, (LegUsage(prompt, None, generated, injected),))
