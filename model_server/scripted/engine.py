"""What all answers of a scripted server share, and what it remembers of each."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model_server.scripted.pacer import Pacer
from model_server.scripted.prefix_cache import PrefixCache


@dataclass(slots=True)
class Seen:
    """One completion request as it came in, and what was sampled for it: for tests to look at."""

    body: Mapping[str, Any]
    prompt: list[int]
    output: list[int]
    headers: Mapping[bytes, bytes]
    question: str = ""
    first_at: float = 0.0
    """When its first event was sent, and its last: seconds of the monotonic clock."""
    last_at: float = 0.0


class Engine:
    """Answers under way, counted and paced.

    Args:
        pacer: when streams take their steps; None is as fast as can be.
        stream_interval: tokens per event.
    """

    def __init__(self, pacer: Pacer | None, stream_interval: int) -> None:
        self.pacer = pacer
        self.stream_interval = stream_interval
        self.cache = PrefixCache()
        self.requests: deque[Seen] = deque(maxlen=1000)
        self.tokens = 0
        """Sent in streams, ever."""
        self.running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def idle(self) -> None:
        """Return when no answer is under way."""
        await self._idle.wait()

    def count(self, change: int) -> None:
        """An answer begins (+1) or is over (-1)."""
        self.running += change
        if self.running:
            self._idle.clear()
        else:
            self._idle.set()
