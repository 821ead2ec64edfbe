"""Equal calls share one flight. It is nobody's own: it ends when the last who wants it has left.

A flight is a task of its own, so a passenger who is cancelled takes only himself away. One that has
landed can still be boarded as long as somebody aboard has not left: so a result that was fetched
early waits for the query to be complete.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from search_adapters.chain.bounded import Bounded

T = TypeVar("T")


class Flight(Generic[T]):
    """One call under way, and how many want its result."""

    def __init__(self, key: str, task: asyncio.Task[T], begun: float, *, early: bool) -> None:
        self.key = key
        self.task = task
        self.begun = begun
        self.ended: float | None = None
        self.early = early
        """It was begun on a guess."""
        self.passengers = 0

    def age(self, now: float) -> float:
        """Seconds that it has flown, or flew."""
        return (now if self.ended is None else self.ended) - self.begun


class SingleFlight(Generic[T]):
    """The flights under way, by key."""

    def __init__(self, bounded: Bounded) -> None:
        """`bounded` takes the flights that nobody wants any more."""
        self._bounded = bounded
        self._flights: dict[str, Flight[T]] = {}

    def board(
        self,
        key: str,
        work: Callable[[], Coroutine[Any, Any, T]],
        *,
        name: str,
        early: bool = False,
        again: Callable[[T], bool] = lambda _: False,
    ) -> Flight[T]:
        """The flight for `key`, begun with `work` when there is none. Must be left, once.

        Args:
            key: equal for calls that may share a result.
            work: makes the call; must turn its failures into values.
            name: of the task.
            early: it is made on a guess.
            again: whether a result is no use to newcomers, who then start a flight of their own.
        """
        flight = self._flights.get(key)
        if flight is not None and flight.task.done():
            task = flight.task
            if task.cancelled() or task.exception() is not None or again(task.result()):
                flight = None
        if flight is None:
            clock = asyncio.get_running_loop().time
            flight = Flight(key, asyncio.create_task(work(), name=name), clock(), early=early)
            self._flights[key] = flight
            landing = flight

            def landed(_: asyncio.Task[T]) -> None:
                landing.ended = clock()

            flight.task.add_done_callback(landed)
        flight.passengers += 1
        return flight

    def leave(self, flight: Flight[T]) -> bool:
        """Want it no more. True when it was still under way and is broken off with this."""
        flight.passengers -= 1
        if flight.passengers:
            return False
        if self._flights.get(flight.key) is flight:
            del self._flights[flight.key]
        if flight.task.done():
            return False
        self._bounded.abandon(flight.task)
        return True
