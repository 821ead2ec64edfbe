"""Keeps a stream alive while nothing is written, and ends it when nothing is read."""

import asyncio
import logging
from collections.abc import Callable

from starlette.types import Message, Send

logger = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds a write may wait for the client to read; then its place is given to others."""


class Pulse:
    """Writes to the client, and a comment whenever nothing was written for a while.

    The same timer sees a client that stays and does not read: a write begun too long ago.
    """

    __slots__ = (
        "_comment", "_interval", "_leave", "_loop", "_patience", "_pending", "_said", "_send",
        "_tick", "_timer", "_written_at"
    )  # fmt: skip

    def __init__(
        self,
        send: Send,
        leave: Callable[[], None],
        *,
        interval: float,
        patience: float,
        comment: bytes,
    ) -> None:
        self._send = send
        self._leave = leave
        self._interval = interval
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._written_at = self._loop.time()
        self._pending = 0
        self._said = comment
        self._comment: asyncio.Task[None] | None = None
        self._tick = min(interval, patience)
        self._timer = self._loop.call_later(self._tick, self._beat)

    async def write(self, body: bytes) -> None:
        """Send a piece of the body."""
        await self.send({"type": "http.response.body", "body": body, "more_body": True})

    async def send(self, message: Message) -> None:
        """Send one message."""
        self._written_at = self._loop.time()
        self._pending += 1
        try:
            await self._send(message)
        finally:
            self._pending -= 1

    def wrote(self) -> None:
        """Something was written by others."""
        self._written_at = self._loop.time()

    def _beat(self) -> None:
        quiet = self._loop.time() - self._written_at
        due = self._patience if self._pending else self._interval
        if quiet >= due and self._pending:
            logger.warning("the client has not read for %.0f s: answer ended", quiet)
            self._leave()
            return
        if quiet >= due:
            self._comment = self._loop.create_task(self.write(self._said))
        self._timer = self._loop.call_later(
            min(due - quiet, self._tick) if due > quiet else self._tick, self._beat
        )

    def hush(self) -> None:
        """No comment any more: what follows is the end."""
        self._interval = float("inf")
        if self._comment is not None:
            self._comment.cancel()

    def stop(self) -> None:
        """The stream is over: no timer and no comment any more."""
        self._timer.cancel()
        self.hush()
