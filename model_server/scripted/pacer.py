"""Gives many streams their turn at a fixed rate each, in the phase in which they began.

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
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, turn: Turn) -> None:
        """Call `turn` now, and then once per period until it returns False."""
        loop = asyncio.get_running_loop()
        if not turn():
            return
        if self._timer is None:
            self._due = loop.time() + self._interval
            self._timer = loop.call_at(self._due, self._turn)
        self._slots[self._at - 1].append(turn)  # the one that has just been served

    def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        while self._due <= loop.time():
            slot = self._slots[self._at]
            slot[:] = [turn for turn in slot if turn()]
            self._at = (self._at + 1) % SLOTS
            self._due += self._interval
        self._timer = loop.call_at(self._due, self._turn) if any(self._slots) else None
