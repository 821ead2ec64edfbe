"""A stage over the stream of events: keeps the answer when it ends, however it ends.

For requests with `store: true`. The record is written before the last events leave, so a client
that has seen the end of its answer finds it stored; a client that left in the middle, or an
engine that died, leaves what was said until then.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from app.chat.events import Event
from app.chat.ledger import spent
from app.chat.ports import AnswerStore
from app.chat.transcript import Transcript
from app.errors import StoreUnavailable
from app.wire.openai_chat import Completion

logger = logging.getLogger(__name__)

Events = AsyncGenerator[Sequence[Event], None]


async def recorded(
    events: Events,
    completion: Completion,
    transcript: Transcript,
    store: AnswerStore,
    metadata: dict[str, str],
) -> Events:
    """The same events; `completion` is filled from them and stored.

    Args:
        events: the answer.
        completion: empty.
        transcript: the answer's own, for the cost of one that was cut off.
        store: where to; when it can't be reached the answer goes on, and the log says so.
        metadata: the client's own, kept with the answer.
    """

    async def keep() -> None:
        record: dict[str, Any] = {**completion.record(spent(transcript)), "metadata": metadata}
        try:
            await store.save(record)
        except StoreUnavailable as error:
            logger.error("answer %s was not stored: %s", completion.id, error.message)

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
