"""A stage over an answer's events: the response is kept as it grows, and when it ends.

For responses that live as long as their connection. The response is begun before the answer's
first event, which is when its conversation is taken; whatever fails until then leaves nothing
behind. It is kept anew with each item that is complete, and finished before its last events leave:
a client that has seen the end finds it stored. One that left in the middle leaves a response that
says `cancelled`, with all that was said until then; one that an unforeseen error ended, `failed`.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from app.chat.events import Event
from app.chat.ledger import spent
from app.chat.state import Beginning, Ending
from app.chat.transcript import Transcript
from app.http.background.under_way import UnderWay
from app.wire.openai.responses import ResponseStream

Events = AsyncGenerator[Sequence[Event], None]


async def kept(
    events: Events,
    stream: ResponseStream,
    transcript: Transcript,
    beginning: Beginning,
    under_way: UnderWay,
) -> Events:
    """Feeds `stream` and yields empty batches: what is to be shown waits in the stream.

    Args:
        events: the answer, of which nothing has been asked yet.
        stream: the response that grows; what leaves through an outlet is put into it there.
        transcript: the answer's own, for the cost of one that was cut off.
        beginning: of the response.
        under_way: begins the response and ends it; while its store is away the answer goes on.

    Raises:
        ConversationBusy, NotFound, StateTooLarge, StoreUnavailable: before the first event.
    """
    keeper = _Keeper(stream, beginning, under_way)
    await under_way.begin(beginning)
    try:
        async with aclosing(events):
            async for batch in events:
                stream.feed(batch)
                if not await keeper.keep():
                    stream.cancel(spent(transcript))
                    await keeper.keep()
                yield ()
                if stream.ended:
                    return
    except Exception as error:
        if stream.begun:
            stream.fail(error, spent(transcript))
        raise
    finally:
        if not keeper.finished:
            if stream.begun:
                stream.cancel(spent(transcript))
            # The client left: whoever cancels us waits for this one write.
            await asyncio.shield(asyncio.ensure_future(keeper.end()))


class _Keeper:
    """One response, as its store knows it."""

    def __init__(
        self,
        stream: ResponseStream,
        beginning: Beginning,
        under_way: UnderWay,
    ) -> None:
        self._stream = stream
        self._id, self._owner = beginning.id, beginning.owner
        self._under_way = under_way
        self._items = 0
        self.finished = False

    async def keep(self) -> bool:
        """Keep what is new; False when somebody else has ended the answer."""
        stream = self._stream
        if stream.ended:
            await self.end()
        elif len(stream.output) > self._items:
            self._items = len(stream.output)
            return self._under_way.progress(self._id, stream.record(), stream.output)
        return True

    async def end(self) -> None:
        """The answer is over; one that never began is forgotten."""
        if self.finished:
            return
        self.finished = True
        stream = self._stream
        if stream.begun:
            ending = Ending(stream.status, stream.record(), tuple(stream.output))
            await self._under_way.finish(self._id, ending)
        else:
            await self._under_way.forget(self._id, self._owner)
