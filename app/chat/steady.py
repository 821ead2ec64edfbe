"""A leg that outlives its engine: broken off in mid-answer, it goes on from the ids that came.

    engine  ... ids ... ids ... gone          back
    leg     ... ids ... ids ................. ids ... ids ... stop

The client sees a pause. Nothing is generated twice: the second run's prompt is the first one's and
every id that arrived, and `max_tokens` is what is left. Text may lag behind ids (half a character,
or what could still become a stop string), so what was held back at the break is asked for and comes
first. A second break in the same leg is the answer's end, and so is one before its first token:
that is a plain error, which its client can try again.

An engine that is full is no break. An answer that has begun waits for its place, asking again at
growing intervals; one that has not is refused at once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from app.chat.ports import Chunk, Engine, Leg, Restartable, Take
from app.errors import EngineBusy, EngineUnavailable, Overloaded

logger = logging.getLogger(__name__)

CONTEXT = 16
"""Ids before the leg that are decoded with it: some tokenizers write the first one differently."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two requests for a place: some answer ends every few milliseconds on a large
engine, and every second on a small one."""
HALF = "\N{REPLACEMENT CHARACTER}"
"""What half a character is decoded to; the engine writes the whole one when the rest is there."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answer under way waits for its engine."""

    engine: Restartable
    seconds: float


async def steadily(patience: Patience | None, call: Callable[[], Awaitable[T]]) -> T:
    """`call`, a second time where the engine went away and came back; for what it does at once."""
    try:
        return await call()
    except EngineUnavailable:
        if patience is None:
            raise
        await patience.engine.recovered(patience.seconds)
        return await call()


class SteadyReads:
    """The reads of one leg.

    Args:
        engine: runs it.
        leg: what to run.
        patience: with an engine that went away; None has none.
        begun: whether the answer has: only then is a first failure waited out.
        retried: told when the second run begins.
    """

    __slots__ = (
        "_begun", "_engine", "_ids", "_last_run", "_leg", "_patience", "_reads", "_retried", "_run",
        "_take", "_text"
    )  # fmt: skip

    def __init__(
        self,
        engine: Engine,
        leg: Leg,
        *,
        patience: Patience | None,
        begun: bool,
        retried: Callable[[], None],
    ) -> None:
        self._engine, self._leg = engine, leg
        self._patience, self._begun = patience, begun
        self._retried = retried
        self._last_run = False
        self._run = leg
        self._reads = engine.generate(leg)
        self._ids: list[int] = []
        self._text: list[str] = []
        self._take: Take = lambda chunk: True

    async def pour(self, take: Take) -> bool:
        """Give `take` each chunk as it arrives, until it returns False or the leg is over."""
        self._take = take
        patience = self._patience
        try:
            return await self._placed()
        except EngineBusy:
            raise
        except EngineUnavailable as error:
            if patience is None or self._last_run or not self._under_way:
                raise
            unsent = await self._go_on(patience, error)
        if unsent and not self._note(Chunk((), unsent)):
            return True
        return await self._placed()

    @property
    def _under_way(self) -> bool:
        return self._begun or bool(self._ids)

    async def _placed(self) -> bool:
        """Pour from the present run, which may have to wait for its place."""
        left = self._patience.seconds if self._patience and self._under_way else 0.0
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._reads.pour(self._note)
            except (EngineBusy, Overloaded):
                if pause > left:
                    raise
            await self._reads.aclose()
            await asyncio.sleep(pause)
            left, pause = left - pause, min(pause * 1.6, LONGEST_PAUSE)
            self._reads = self._engine.generate(self._run)

    def _note(self, chunk: Chunk) -> bool:
        self._ids += chunk.ids
        self._text.append(chunk.text)
        return self._take(chunk)

    async def aclose(self) -> None:
        """Stop the engine, if it is still running."""
        await self._reads.aclose()

    async def _go_on(self, patience: Patience, error: EngineUnavailable) -> str:
        """Start the second run; returns the text that was never sent.

        Raises:
            EngineUnavailable: the engine does not come back in time, or as another.
        """
        logger.warning(
            "%s The answer waits for it and goes on after %d tokens.",
            error.message,
            len(self._leg.prompt) + len(self._ids),
        )
        self._last_run = True
        await self._reads.aclose()
        await patience.engine.recovered(patience.seconds)
        leg, ids = self._leg, self._ids
        unsent = await self._unsent(patience.engine) if ids else ""
        self._retried()
        self._run = replace(
            leg,
            prompt=(*leg.prompt, *ids),
            max_tokens=leg.max_tokens - len(ids),
            sampling=leg.sampling.for_leg(1),  # the same seed would repeat the same draws
        )
        self._reads = self._engine.generate(self._run)
        return unsent

    async def _unsent(self, engine: Restartable) -> str:
        """Text of ids that arrived which did not."""
        before = list(self._leg.prompt[-CONTEXT:])
        whole = await engine.decode([*before, *self._ids])
        text = whole.removeprefix(await engine.decode(before))
        said = "".join(self._text)
        if not text.startswith(said):
            raise EngineUnavailable("The engine came back and reads its own tokens otherwise.")
        return text[len(said) :].rstrip(HALF)
