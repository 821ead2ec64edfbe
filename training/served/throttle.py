"""How many requests are under way: as many as asked for, fewer as long as the server refuses.

A server that is full says 429 or 503. Then the limit falls by a quarter, and rises by one with each
round of answers: the additive increase and multiplicative decrease that TCP finds its rate by.
"""

import asyncio
from collections import deque
from types import TracebackType

FALL = 0.75


class Throttle:
    """An adjustable limit on what runs at a time; `async with` takes a place."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = float(most)
        self.running = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def served(self) -> None:
        """An answer came."""
        self.limit = min(self.most, self.limit + 1 / self.limit)

    def refused(self) -> None:
        """The server is full."""
        self.limit = max(1.0, min(self.limit, self.running) * FALL)

    async def __aenter__(self) -> None:
        if self.running < int(self.limit) and not self._waiting:
            self.running += 1
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._leave()  # the place was given in the same moment
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        self.running -= 1
        while self._waiting and self.running < int(self.limit):
            place = self._waiting.popleft()
            if not place.done():
                self.running += 1
                place.set_result(None)
