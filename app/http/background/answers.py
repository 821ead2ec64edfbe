"""Answers that belong to the gateway and not to the connection that asked for them.

One that runs here is followed here, so its followers go on while the store is away; any other is
followed through its event log. Whoever cancels one that runs elsewhere leaves word in the store;
the gateway that gives it reads that within a second, and ends it with all that was said until then.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager

from app.chat.events import Usage
from app.chat.state import ACTIVE, Beginning, Frame, ResponseRecord, State
from app.errors import EngineUnavailable, InvalidRequest, NotFound, Overloaded, StoreUnavailable
from app.http.background.job import Events, Growing, Job
from app.http.background.under_way import RETRY, UnderWay
from app.http.transport.drain import Drain
from app.http.transport.streaming import STOPPED
from app.wire.openai.left_behind import left_behind

logger = logging.getLogger(__name__)

CANCEL_PATIENCE = 5.0
"""Seconds that a cancelled answer has to end itself; then it is ended from what is kept of it."""
FOLLOW_PATIENCE = 60.0
"""Seconds that a follower waits for a store that went away."""
MOST = 1000
"""Background answers that run or wait here at a time."""
SHARE = 4
"""One key has a place in so many of them, so that the others find room."""


class BackgroundAnswers:
    """The background answers of one gateway."""

    def __init__(self, state: State, under_way: UnderWay) -> None:
        self._state = state
        self._under_way = under_way
        self._jobs: dict[str, Job] = {}
        self._owned: Counter[str] = Counter()

    async def start(
        self,
        beginning: Beginning,
        stream: Growing,
        first: Sequence[Frame],
        answer: Callable[[], Events],
        spent: Callable[[], Usage],
    ) -> None:
        """Begin an answer that runs on by itself.

        Args:
            beginning: of the response; `background` is true.
            stream: the response that grows.
            first: its first frames, `stream.queued()`.
            answer: makes the answer; called again while the gateway is full.
            spent: its cost so far, for an answer that is cut off.

        Raises:
            Overloaded: too many wait here already, or too many of this owner's.
            ConversationBusy, NotFound, StateTooLarge, StoreUnavailable: it is not kept.
        """
        if self._owned.total() >= MOST:
            raise Overloaded(f"{MOST} background answers run or wait here. Try again later.")
        id_, owner = beginning.id, beginning.owner
        share = max(1, MOST // SHARE)
        if owner and self._owned[owner] >= share:  # without keys nobody is told from another
            raise Overloaded(
                f"{share} background answers of this API key run or wait here. Try again later."
            )
        self._owned[owner] += 1  # at once: others are begun meanwhile
        try:
            await self._under_way.begin(beginning)
        except BaseException:
            self._left(owner)
            raise
        job = Job(id_, stream, first, answer, spent, self._state, self._under_way)
        self._jobs[id_] = job
        job.task.add_done_callback(lambda task: self._done(id_, owner, task))

    async def follow(self, id_: str, after: int = -1) -> AsyncGenerator[Sequence[Frame], None]:
        """The frames of an answer behind the number `after`, as they come, wherever it runs.

        Raises:
            EventsGone: they are not kept any more.
            StoreUnavailable: before the first frame, or after some patience.
        """
        if job := self._jobs.get(id_):
            async with aclosing(job.follow(after)) as frames:
                async for some in frames:
                    yield some
            return
        clock, seen = asyncio.get_running_loop().time, False
        away_since = failed_at = 0.0
        while True:
            try:
                async with aclosing(self._state.events.read(id_, after)) as log:
                    async for some in log:
                        after, seen = some[-1][0], True
                        yield some
                return
            except StoreUnavailable:
                if clock() - failed_at > FOLLOW_PATIENCE / 2:  # it has been there meanwhile
                    away_since = clock()
                failed_at = clock()
                if not seen or failed_at - away_since > FOLLOW_PATIENCE:
                    raise
            await asyncio.sleep(RETRY)

    async def cancel(self, id_: str, owner: str) -> ResponseRecord:
        """End a background answer, wherever it runs; what has become of it.

        Raises:
            NotFound: there is none of this owner.
            InvalidRequest: it lives with its connection, and is ended by closing that.
        """
        record = await self._state.responses.load(id_, owner)
        if record is None:
            raise NotFound(f"Response with id '{id_}' not found.", param="response_id")
        if not record.background:
            raise InvalidRequest(
                "Only a response created with 'background' set to true can be cancelled.",
                param="response_id",
            )
        if record.status not in ACTIVE:
            return record
        if job := self._jobs.get(id_):
            job.stop()
            await asyncio.wait({job.task}, timeout=CANCEL_PATIENCE)
        else:
            await self._state.responses.ask_cancel(id_, owner)
            await self._ended_elsewhere(id_)
        record = await self._state.responses.load(id_, owner) or record
        if record.status in ACTIVE:
            number = await self._state.events.last(id_) + 1
            await self._state.responses.finish(id_, left_behind(record, number, None))
            record = await self._state.responses.load(id_, owner) or record
        return record

    async def _ended_elsewhere(self, id_: str) -> None:
        after = await self._state.events.last(id_)
        try:
            async with asyncio.timeout(CANCEL_PATIENCE):
                async with aclosing(self._state.events.read(id_, after)) as log:
                    async for _ in log:
                        pass
        except TimeoutError:
            logger.warning("%s was not ended by the gateway that gave it", id_)

    async def close(self, seconds: float) -> None:
        """Wait so long for the answers to end; then end them as failed."""
        if tasks := {job.task for job in self._jobs.values()}:
            logger.info("%d background answers have %.0f s to end", len(tasks), seconds)
            await asyncio.wait(tasks, timeout=seconds)
        if jobs := tuple(self._jobs.values()):
            for job in jobs:
                job.stop(EngineUnavailable(STOPPED))
            await asyncio.wait({job.task for job in jobs})

    def _left(self, owner: str) -> None:
        self._owned[owner] -= 1
        if not self._owned[owner]:
            del self._owned[owner]

    def _done(self, id_: str, owner: str, task: asyncio.Task[None]) -> None:
        del self._jobs[id_]
        self._left(owner)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("background answer %s could not be ended", id_, exc_info=error)


@asynccontextmanager
async def background_answers(
    state: State, under_way: UnderWay, drain: Drain
) -> AsyncIterator[BackgroundAnswers]:
    """The background answers of a gateway; `drain` says how long they have at its end."""
    answers = BackgroundAnswers(state, under_way)
    try:
        yield answers
    finally:
        await answers.close(drain.left())
