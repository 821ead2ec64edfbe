"""How long answers under way have when the gateway is told to stop."""

import time


class Drain:
    """Set off once by whoever is told to stop, read by whatever ends then."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: float | None = None

    def begin(self, seconds: float) -> None:
        """They have so many seconds from now."""
        self._until = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left; all of them where nobody has said when they began."""
        if self._until is None:
            return self._seconds
        return max(0.0, self._until - time.monotonic())
