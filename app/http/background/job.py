"""One background answer under way: read from the core, told to followers, written to its log.

    service.answer -> the response that grows -> frames -> followers in this gateway
                                                    `-> event log and record in the store

Reading never waits for the store. The writer goes behind it, all that is new at a time, so it is
as far as the store is quick, and catches up after the store was away. With each write, and now and
then without one, it asks whether the answer is still wanted: somebody may have cancelled it through
another gateway, or ended it because this one was thought dead.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Protocol

from app.chat.events import Event, Usage
from app.chat.state import ACTIVE, Body, Ending, Frame, Item, State, Status
from app.errors import OrsonError, Overloaded, StoreUnavailable
from app.http.background.under_way import RETRY, UnderWay

logger = logging.getLogger(__name__)

BEAT = 1.0
"""Seconds after which an answer that says nothing asks whether it is still wanted."""
TURN = 0.25
"""Seconds between two tries to get a turn, while the gateway is full."""
LONGEST_TURN = 5.0
"""The same where it is the key's own limit, which says when it will be free."""

Events = AsyncGenerator[Sequence[Event], None]


class Growing(Protocol):
    """A response of a public format, as it grows with the events of its answer."""

    @property
    def status(self) -> Status:
        """What has become of it so far."""
        ...

    @property
    def output(self) -> Sequence[Item]:
        """Its complete items."""
        ...

    def record(self) -> Body:
        """All of it, as it stands."""
        ...

    def numbered(self, events: Sequence[Event]) -> Sequence[Frame]:
        """The frames for one batch of events."""
        ...

    def queued(self) -> Sequence[Frame]:
        """The first frames, before it is its turn."""
        ...

    def broke_off(self, error: BaseException, usage: Usage | None = None) -> Sequence[Frame]:
        """The last frames, after an error."""
        ...

    def cancelled(self, usage: Usage | None = None) -> Sequence[Frame]:
        """The last frames, after somebody ended it."""
        ...


class Job:
    """An answer that runs from when this is made until `task` is done."""

    def __init__(
        self,
        id_: str,
        stream: Growing,
        first: Sequence[Frame],
        answer: Callable[[], Events],
        spent: Callable[[], Usage],
        state: State,
        under_way: UnderWay,
    ) -> None:
        """
        Args:
            id_: of the response, which is begun.
            stream: the response.
            first: its first frames.
            answer: makes the answer; called again while the gateway is full.
            spent: the cost so far, for an answer that is cut off.
            state: where to.
            under_way: ends it.
        """
        self._id = id_
        self._stream = stream
        self._answer = answer
        self._spent = spent
        self._state = state
        self._under_way = under_way
        self._frames = list(first)
        self._last: list[Frame] = []
        self._written = self._items = 0
        self._status: Status = "queued"
        self._begun = self._closing = self._ended = False
        self._why: BaseException | None = None
        self._news = asyncio.Event()
        self.task = asyncio.create_task(self._run(), name=f"background {id_}")

    def stop(self, why: BaseException | None = None) -> None:
        """End the answer now: as failed for a reason, as cancelled without one."""
        if not self._begun:  # a task that is cancelled before its first step never takes it
            asyncio.get_running_loop().call_soon(self.stop, why)
        elif not self._closing:
            self._closing, self._why = True, why
            self.task.cancel()

    async def follow(self, after: int) -> AsyncGenerator[Sequence[Frame], None]:
        """Its frames behind the number `after`, as they come; ends when its end is kept."""
        at = after + 1
        while True:
            news, ended = self._news, self._ended
            if some := self._frames[at:]:
                at += len(some)
                yield some
            elif ended:
                return
            else:
                await news.wait()

    async def _run(self) -> None:
        self._begun = True
        writer = asyncio.create_task(self._write(), name=f"event log {self._id}")
        try:
            await self._read()
        except asyncio.CancelledError:
            usage = self._spent()
            if self._why is None:
                self._last += self._stream.cancelled(usage)
            else:
                self._last += self._stream.broke_off(self._why, usage)
        except Exception as error:
            if not isinstance(error, OrsonError):
                logger.error("background answer %s broke off", self._id, exc_info=error)
            self._last += self._stream.broke_off(error)
        self._closing = True  # what was said is kept, whoever stops it now
        writer.cancel()
        await asyncio.wait({writer})
        stream, unwritten = self._stream, self._frames[self._written :]
        ending = Ending(
            stream.status, stream.record(), tuple(stream.output), (*unwritten, *self._last)
        )
        try:
            await self._under_way.finish(self._id, ending)
        finally:
            self._ended = True
            self._tell(self._last)

    async def _read(self) -> None:
        """Take the answer in, once it is its turn."""
        while True:
            async with aclosing(self._answer()) as events:
                try:
                    first = await anext(events)
                except Overloaded as full:
                    await asyncio.sleep(min(max(TURN, full.retry_after or 0.0), LONGEST_TURN))
                    continue
                self._take(first)
                async for batch in events:
                    self._take(batch)
                return

    def _take(self, batch: Sequence[Event]) -> None:
        frames = self._stream.numbered(batch)
        if self._stream.status in ACTIVE:
            self._tell(frames)
        else:
            self._last += frames  # told when the end is kept

    def _tell(self, frames: Sequence[Frame]) -> None:
        self._frames += frames
        self._news.set()
        self._news = asyncio.Event()

    async def _write(self) -> None:
        while True:
            news = self._news
            try:
                wanted = await self._write_new()
            except StoreUnavailable:
                await asyncio.sleep(RETRY)
                continue
            if not wanted:
                self.stop()
                return
            if self._closing:  # a client of Redis may have swallowed that we were cancelled
                return
            if self._written == len(self._frames):
                with suppress(TimeoutError):
                    async with asyncio.timeout(BEAT):
                        await news.wait()

    async def _write_new(self) -> bool:
        """Write what is new; whether the answer is still wanted."""
        frames, stream = self._frames[self._written :], self._stream
        wanted = await self._state.events.append(self._id, frames)
        self._written += len(frames)
        items, status = len(stream.output), stream.status
        if wanted and status in ACTIVE and (items, status) != (self._items, self._status):
            wanted = await self._state.responses.progress(
                self._id, stream.record(), tuple(stream.output)
            )
            self._items, self._status = items, status
        return wanted
