"""An event loop whose clock jumps: when nothing is left to do now, the next timer is due at once.

A test of a 2.5 second deadline takes no time, and measures exactly 2.5 seconds.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

STILL = 1000
"""Turns of the loop in which the clock may stand still. The loop runs timers that are due within a
nanosecond *before* their time, so without this, "sleep until then" could turn for ever."""


class _Jumping(selectors.DefaultSelector):
    now = 0.0
    turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        self.turns = 0 if timeout else self.turns + 1
        if self.turns > STILL:
            timeout = 1e-9
        if not ready and timeout is None:
            raise RuntimeError("waiting for something that can never happen")
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(coroutine)
