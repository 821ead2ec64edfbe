"""A stage over the stream of events: keeps the answer when it ends, however it ends.

For requests with `store: true`. The record is written before the last events leave, so a client
that has seen the end of its answer finds it stored; a client that left in the middle, or an
engine that died, leaves what was said until then.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from app.chat.events import Event
from app.chat.ledger import spent
from app.chat.ports import AnswerStore
from app.chat.reading import Outlet
from app.chat.transcript import Transcript
from app.errors import StoreUnavailable
from app.http.traces import Traced
from app.wire.openai.chat import Completion

logger = logging.getLogger(__name__)

Events = AsyncGenerator[Sequence[Event], None]


def noted(outlet: Outlet, completion: Completion) -> Outlet:
    """`outlet`, with what leaves through it put into `completion` as well."""

    def take(events: Sequence[Event]) -> bool:
        left = outlet(events)
        if left:
            completion.take(events)
        return left

    return take


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps an answer."""

    store: AnswerStore
    """When it can't be reached the answer goes on, and the log says so."""
    owner: str
    traced: Traced
    """What it is made of, kept too."""
    metadata: dict[str, str]
    """The client's own, kept with the answer."""

    async def keep(self, record: dict[str, Any]) -> None:
        """Keep the record of an answer."""
        try:
            await self.store.save({**record, "metadata": self.metadata}, self.owner)
        except StoreUnavailable as error:
            logger.error("answer %s was not stored: %s", record["id"], error.message)
            return
        await self.traced.keep()


async def recorded(
    events: Events,
    completion: Completion,
    transcript: Transcript,
    keeper: Keeper,
) -> Events:
    """The same events; `completion` is filled from them and stored.

    Args:
        events: the answer.
        completion: empty; what leaves through an outlet must be `noted` in it too.
        transcript: the answer's own, for the cost of one that was cut off.
        keeper: keeps it.
    """

    async def keep() -> None:
        await keeper.keep(completion.record(spent(transcript)))

    kept = False
    try:
        async with aclosing(events):
            async for batch in events:
                completion.take(batch)
                if completion.ended:
                    await keep()
                    kept = True
                yield batch
    finally:
        if completion.begun and not kept:
            # The client left: whoever cancels us waits for this one write.
            await asyncio.shield(asyncio.ensure_future(keep()))
