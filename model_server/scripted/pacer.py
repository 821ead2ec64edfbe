"""Gives many streams their turn at a fixed rate each, spread evenly over the period.

One timer turns a wheel of slots, so 256 paced streams cost one timer and not 256.
"""

import asyncio
from collections.abc import Callable

SLOTS = 64

Turn = Callable[[], bool]
"""Do what is due now; False when there is nothing more to do."""


class Pacer:
    """Calls every stream `rate` times a second."""

    def __init__(self, rate: float) -> None:
        self._interval = 1 / (rate * SLOTS)
        self._slots: list[list[Turn]] = [[] for _ in range(SLOTS)]
        self._at = 0
        self._next_slot = 0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, turn: Turn) -> None:
        """Call `turn` once per period from now on, until it returns False."""
        # A golden-ratio walk over the slots spreads any number of streams evenly.
        self._next_slot = (self._next_slot + 39) % SLOTS
        self._slots[self._next_slot].append(turn)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._due = loop.time()
            self._timer = loop.call_soon(self._turn)  # type: ignore[assignment]

    def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        while self._due <= loop.time():
            slot = self._slots[self._at]
            slot[:] = [turn for turn in slot if turn()]
            self._at = (self._at + 1) % SLOTS
            self._due += self._interval
        self._timer = loop.call_at(self._due, self._turn) if any(self._slots) else None
