"""Gives all running streams their next token at once, a fixed number of times a second.

As a batching engine does: one step computes one token for every running sequence, so a gateway's
work comes in bursts, one per step, and not evenly spread.
"""

import asyncio
from collections.abc import Callable

Turn = Callable[[], bool]
"""Do what is due now; False when there is nothing more to do."""


class Pacer:
    """Takes `rate` steps a second while there are streams."""

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate
        self._turns: list[Turn] = []
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, turn: Turn) -> None:
        """Call `turn` now (its prefill), and then at every step until it returns False."""
        loop = asyncio.get_running_loop()
        if not turn():
            return
        if self._timer is None:
            self._due = loop.time() + self._interval
            self._timer = loop.call_at(self._due, self._step)
        self._turns.append(turn)

    def _step(self) -> None:
        loop = asyncio.get_running_loop()
        while self._due <= loop.time():
            self._turns[:] = [turn for turn in self._turns if turn()]
            self._due += self._interval
        self._timer = loop.call_at(self._due, self._step) if self._turns else None
