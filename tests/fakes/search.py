"""A search that finds what it was told to, and waits for events where a network would be slow."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from search_adapters.protocol import Passage, Query


@dataclass(frozen=True, slots=True)
class Find:
    """What one query brings; has the shape of `app.chat.ports.Found`."""

    passages: tuple[Passage, ...] = ()
    provider: str = "fake"
    failure: str | None = None
    elapsed: float = 0.0
    left: float = 2.5
    cached: Literal["", "fresh", "stale"] = ""
    hidden: float = 0.0
    usd: float = 0.0
    hedged: bool = False


def passage(
    text: str = "Ana Lindqvist won it.",
    title: str = "Harwick Prize",
    url: str = "https://harwick.example/2031",
    site: str = "harwick.example",
    date: str | None = "2031-05-02",
) -> Passage:
    return Passage(title, url, text, site, date)


def found(*texts: str) -> Find:
    """One passage for each text."""
    return Find(tuple(passage(text, url=f"https://example.org/{text[:40]}") for text in texts))


class FakeSearch:
    """Implements `app.chat.ports.Search`."""

    def __init__(self, *results: Find, gate: asyncio.Event | None = None) -> None:
        self.history: list[Query] = []
        self.adapters: list[tuple[str, ...]] = []
        self.gate = gate
        """No search ends before this is set."""
        self.barrier: asyncio.Barrier | None = None
        """No search ends before as many have begun as this has parties."""
        self.began = asyncio.Event()
        self.running = 0
        self.cancelled = 0
        self.on_start: Callable[[], None] = lambda: None
        self._results = deque(results)

    def enqueue(self, *results: Find) -> None:
        """Add results; each query takes the next, and finds nothing when there are none."""
        self._results.extend(results)

    @property
    def queries(self) -> list[str]:
        return [query.text for query in self.history]

    async def __call__(self, query: Query, adapters: Iterable[str] = ()) -> Find:
        self.history.append(query)
        self.adapters.append(tuple(adapters))
        result = self._results.popleft() if self._results else Find()
        self.on_start()
        self.began.set()
        self.running += 1
        try:
            if self.gate is not None:
                await self.gate.wait()
            if self.barrier is not None:
                await self.barrier.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1
        return result
