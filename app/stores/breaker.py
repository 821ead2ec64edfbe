"""A client of Redis that waits for a silent Redis once, and not in every call.

After a call that timed out others fail at once, but for one now and then that looks whether it is
back. All clients of one address in this process share what they know. A Redis that refuses
connections needs none of this: that it is away is known at once.
"""

import time
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError, ResponseError, TimeoutError

PAUSE = 0.5
"""Seconds between two looks."""


class Breaker:
    """What is known of one Redis."""

    def __init__(self) -> None:
        self._silent = False
        self._next_look = 0.0

    def check(self, wait: float) -> None:
        """Before a call, which may take `wait` seconds: raise where it would be in vain."""
        if not self._silent:
            return
        now = time.monotonic()
        if now < self._next_look:
            raise ConnectionError("it was silent a moment ago")
        self._next_look = now + wait + PAUSE

    def timed_out(self) -> None:
        """A call was in vain."""
        self._silent, self._next_look = True, time.monotonic() + PAUSE

    def answered(self) -> None:
        """It is there."""
        self._silent = False


class BreakingRedis(Redis):
    """A client with a breaker."""

    breaker: Breaker
    longest: float

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """One call."""
        self.breaker.check(self.longest)
        try:
            reply = await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except TimeoutError:
            self.breaker.timed_out()
            raise
        except ResponseError:
            self.breaker.answered()
            raise
        self.breaker.answered()
        return reply
