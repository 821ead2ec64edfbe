"""How long a provider's latest calls took: quantiles of a sliding window, exact and cheap."""

from bisect import bisect_left, insort
from collections import deque

WINDOW = 128
"""Calls remembered: enough for a steady p90, few enough to follow a provider's bad hour."""
ENOUGH = 10
"""Calls before a quantile says anything."""


class Latencies:
    """A window over the latest calls, in order of arrival and in order of size."""

    def __init__(self, window: int = WINDOW) -> None:
        self._window = window
        self._arrived: deque[float] = deque()
        self._sorted: list[float] = []

    def record(self, seconds: float) -> None:
        """One more call; the oldest is forgotten when the window is full."""
        if len(self._arrived) == self._window:
            oldest = self._arrived.popleft()
            del self._sorted[bisect_left(self._sorted, oldest)]
        self._arrived.append(seconds)
        insort(self._sorted, seconds)

    def quantile(self, share: float) -> float | None:
        """The seconds within which `share` of the calls ended; None while too few are known."""
        if len(self._sorted) < ENOUGH:
            return None
        return self._sorted[int(share * (len(self._sorted) - 1))]
