"""Waiting for an engine that went away: one attempt that all its answers share."""

import asyncio
from collections.abc import Awaitable, Callable

from app.errors import EngineUnavailable, EngineUnfit

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds between two looks: a hiccup is over at once, the loading of a model takes minutes."""


class Recovery:
    """Waits until `ready` returns, for everybody at a time."""

    def __init__(self, ready: Callable[[], Awaitable[None]]) -> None:
        self._ready = ready
        self._attempt: asyncio.Task[None] | None = None

    async def __call__(self, within: float) -> None:
        """Return when the engine is back.

        Raises:
            EngineUnavailable: it was not, `within` so many seconds.
            EngineUnfit: it came back as one that can't go on with what it had begun.
        """
        if self._attempt is None:
            self._attempt = asyncio.create_task(self._wait(within), name="wait for the engine")
            self._attempt.add_done_callback(self._ended)
        await asyncio.shield(self._attempt)

    def stop(self) -> None:
        """Wait no more."""
        if self._attempt is not None:
            self._attempt.cancel()

    def _ended(self, attempt: asyncio.Task[None]) -> None:
        self._attempt = None
        if not attempt.cancelled():
            attempt.exception()  # whoever waits is told; perhaps nobody does any more

    async def _wait(self, within: float) -> None:
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + within, FIRST_PAUSE
        while True:
            try:
                return await self._ready()
            except EngineUnfit:
                raise
            except EngineUnavailable as error:
                if loop.time() + pause > deadline:
                    message = f"{error.message} It was not back within {within:g} s."
                    raise EngineUnavailable(message) from None
            await asyncio.sleep(pause)
            pause = min(pause * 1.6, LONGEST_PAUSE)
