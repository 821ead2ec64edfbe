"""The kept answers that this gateway is giving: their leases renewed, their ends written.

    begin   lease, then record: a gateway that dies leaves no record without a lease
    beat    every few seconds all leases are renewed, and ends that could not be written are
    sweep   a lease that lapsed is a dead gateway's: its answer is ended as failed, what was
            complete of it is kept, and its conversation is free again

While Redis is away, answers go on, and their ends wait here. What would begin is refused at once,
since its record could not be kept. After Redis is back nothing is swept until every gateway has
had time to renew its leases.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from app.chat.state import ACTIVE, Beginning, Body, Ending, Item, State
from app.errors import EngineUnavailable, OrsonError, StoreUnavailable
from app.wire.openai.left_behind import left_behind

logger = logging.getLogger(__name__)

RETRY = 0.5
"""Seconds between two looks whether Redis is back."""
CLOSING = 5.0
"""Seconds in which answers that are cut off at the gateway's end write that down."""

DIED = "The gateway that gave this answer died before its end."


class UnderWay:
    """Begins and ends kept answers. One for a gateway."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._ours: set[str] = set()
        self._unwritten: dict[str, Ending] = {}
        self._behind: dict[str, tuple[Body, Sequence[Item]]] = {}
        self._unwanted: set[str] = set()
        self._following: asyncio.Task[None] | None = None
        self._none_left = asyncio.Event()
        self._trouble = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._away: StoreUnavailable | None = None
        self._there_since = self._loop.time()

    async def begin(self, beginning: Beginning) -> None:
        """Keep a response before anything of it is there, and take its conversation.

        Raises:
            ConversationBusy, NotFound, StateTooLarge, StoreUnavailable: it is not kept.
        """
        if self._away is not None:
            raise StoreUnavailable(self._away.message)  # anew: one raised often holds every frame
        id_ = beginning.id
        self._ours.add(id_)
        try:
            await self._state.leases.renew([id_])
            await self._state.responses.begin(beginning)
        except StoreUnavailable as error:
            self._lost(error)
            self._drop(id_)
            raise
        except OrsonError:
            await self._release(id_)
            raise
        except BaseException:
            self._drop(id_)
            raise
        # Dropped and not released: it may have been begun all the same. Then its lease lapses,
        # and it is swept.

    def progress(self, id_: str, body: Body, output: Sequence[Item]) -> bool:
        """Keep how far an answer has come, soon: it does not wait for that.

        Returns:
            False once it is known that somebody else has ended the answer.
        """
        self._behind[id_] = body, tuple(output)
        if self._following is None:
            self._following = asyncio.create_task(self._catch_up(), name="progress")
        return id_ not in self._unwanted

    async def _catch_up(self) -> None:
        try:
            while self._behind and self._away is None:
                id_, (body, output) = self._behind.popitem()
                wanted = await self._state.responses.progress(id_, body, output)
                if not wanted and id_ in self._ours:  # or it has ended meanwhile
                    self._unwanted.add(id_)
        except StoreUnavailable as error:
            if id_ in self._ours:
                self._behind.setdefault(id_, (body, output))
            self._lost(error)
        finally:
            self._following = None

    async def finish(self, id_: str, ending: Ending) -> bool:
        """End an answer; as soon as Redis is back, where it is away.

        Returns:
            False where somebody else had ended it.
        """
        # Whoever leaves now does not leave a half-written end.
        return await asyncio.shield(asyncio.ensure_future(self._finish(id_, ending)))

    async def _finish(self, id_: str, ending: Ending) -> bool:
        self._behind.pop(id_, None)
        if self._away is None:
            try:
                ended = await self._state.responses.finish(id_, ending)
            except StoreUnavailable as error:
                logger.warning("the end of %s waits for the store: %s", id_, error.message)
                self._lost(error)
            else:
                await self._release(id_)
                return ended
        self._unwritten[id_] = ending
        return True

    async def forget(self, id_: str, owner: str) -> None:
        """An answer that was begun and of which nothing came."""
        await asyncio.shield(asyncio.ensure_future(self._forget(id_, owner)))

    async def _forget(self, id_: str, owner: str) -> None:
        try:
            await self._state.responses.delete(id_, owner)
        except StoreUnavailable as error:
            logger.warning("%s is left to be swept: %s", id_, error.message)
            self._drop(id_)
        else:
            await self._release(id_)

    async def beat(self) -> None:
        """Renew all leases, write what waits, sweep what was left by others."""
        try:
            await self._state.leases.renew(list(self._ours))
            lapsed = await self._state.leases.lapsed()
            self._found()
            if self._behind and self._following is None:
                self._following = asyncio.create_task(self._catch_up(), name="progress")
            for id_, ending in list(self._unwritten.items()):
                await self._state.responses.finish(id_, ending)
                del self._unwritten[id_]
                await self._release(id_)
            if self._loop.time() - self._there_since >= self._state.leases.seconds:
                for id_ in lapsed:
                    if id_ not in self._ours:
                        await self._sweep(id_)
        except StoreUnavailable as error:
            self._lost(error)

    async def _sweep(self, id_: str) -> None:
        try:
            await self._end_for_others(id_)
        except StoreUnavailable:
            raise
        except Exception:  # one that can't be read must not keep the others from being ended
            logger.exception("%s can't be ended", id_)
        await self._state.leases.release([id_])

    async def _end_for_others(self, id_: str) -> None:
        record = await self._state.responses.find(id_)
        if record is not None and record.status in ACTIVE:
            number = await self._state.events.last(id_) + 1
            ending = left_behind(record, number, EngineUnavailable(DIED))
            if await self._state.responses.finish(id_, ending):
                logger.warning("%s was left by a gateway that died: ended as failed", id_)

    async def _release(self, id_: str) -> None:
        self._drop(id_)
        try:
            await self._state.leases.release([id_])
        except StoreUnavailable as error:  # it lapses, and whoever finds it sees that it has ended
            self._lost(error)

    def _drop(self, id_: str) -> None:
        self._ours.discard(id_)
        self._unwanted.discard(id_)
        self._behind.pop(id_, None)
        if not self._ours:
            self._none_left.set()

    def _lost(self, error: StoreUnavailable) -> None:
        if self._away is None:
            logger.error("the store is away: %s", error.message)
            self._trouble.set()
        self._away = error

    def _found(self) -> None:
        if self._away is not None:
            logger.warning("the store is back")
            self._away = None
            self._there_since = self._loop.time()

    async def run(self) -> None:
        """Beat for ever."""
        while True:
            try:
                await self.beat()
            except Exception:
                logger.exception("a beat failed")
            if self._away is None:
                self._trouble.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._state.leases.seconds / 3):  # two may fail
                        await self._trouble.wait()
            else:
                await asyncio.sleep(RETRY)

    async def close(self) -> None:
        """Wait for what is being cut off, and write what still waits, if Redis is there."""
        self._none_left.clear()
        if self._ours - self._unwritten.keys():
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSING):
                    await self._none_left.wait()
        if self._unwritten:
            await self.beat()
        for id_ in self._unwritten:
            logger.error("the end of %s was not written", id_)


@asynccontextmanager
async def under_way(state: State) -> AsyncIterator[UnderWay]:
    """The answers of a gateway, with its heart beating."""
    answers = UnderWay(state)
    heart = asyncio.create_task(answers.run(), name="leases")
    try:
        yield answers
    finally:
        heart.cancel()
        await asyncio.wait({heart})
        await answers.close()
