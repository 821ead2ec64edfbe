"""Work that ends in time, even when it won't stop: what ignores its cancellation is left behind."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from search_adapters.errors import TimedOut, Unavailable

T = TypeVar("T")


class Bounded:
    """Runs adapters' code in tasks of their own, and holds those that were given up."""

    def __init__(self) -> None:
        self._abandoned: set[asyncio.Task[Any]] = set()
        self._behind: set[asyncio.Task[Any]] = set()

    async def within(self, seconds: float, work: Coroutine[Any, Any, T], name: str) -> T:
        """What the work brings, or TimedOut after `seconds` even if it won't stop."""
        task = asyncio.create_task(work, name=name)
        try:
            await asyncio.wait({task}, timeout=seconds)
            if task.done():
                return result(task)
            raise TimedOut(f"no answer within {seconds:.1f} s")
        finally:
            self.abandon(task)

    def abandon(self, task: asyncio.Task[Any]) -> None:
        """Cancel without waiting; hold the task so that it isn't collected half-way."""

        def forget(task: asyncio.Task[Any]) -> None:
            self._abandoned.discard(task)
            if not task.cancelled():
                task.exception()  # seen: it came too late to matter

        task.cancel()
        self._abandoned.add(task)
        task.add_done_callback(forget)

    def behind(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Let the work run by itself; nobody waits for it, and it must not raise."""
        task = asyncio.create_task(work, name=name)
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    def close(self) -> None:
        """Stop what still runs."""
        for task in (*self._abandoned, *self._behind):
            task.cancel()


def result(task: asyncio.Task[T]) -> T:
    """The result of a task that is done. One that cancelled itself was no use: Unavailable."""
    if task.cancelled():  # nobody cancelled *us*
        raise Unavailable("it was cancelled from inside")
    return task.result()
