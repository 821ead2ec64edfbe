"""One response in the making: what is asked, what grows, and the answer it grows from."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from app.chat.events import Event, Failed, Finished, Usage
from app.chat.ledger import spent
from app.chat.request import ChatRequest
from app.chat.service import ChatService
from app.chat.state import Beginning, Item
from app.chat.transcript import Transcript
from app.errors import Overloaded
from app.http.asker import Asker
from app.http.gateway import Gateway
from app.http.responses.said_before import id_for, own_input, said_before
from app.http.traces import Traced
from app.http.transport.outlet import Outlet
from app.wire.openai.items import messages_of
from app.wire.openai.responses import ResponseStream
from app.wire.openai.responses_request import ResponsesRequest


class Making:
    """A response that was asked for."""

    def __init__(
        self, body: ResponsesRequest, service: ChatService, at: Gateway, who: Asker
    ) -> None:
        self.id = id_for(body)
        self.stream = ResponseStream(body.head(self.id, service.model), body.include or ())
        self.outlet = Outlet()
        self.transcript = Transcript()
        self._body, self._service, self._at, self._who = body, service, at, who
        self._own: tuple[Item, ...] = ()
        self._request: ChatRequest | None = None

    async def read_input(self) -> None:
        """Look up what the request refers to. Raises NotFound."""
        body = self._body
        part = self.id.removeprefix("resp_")
        self._own = await own_input(
            body.items, part, self._at.state, self._who.caller.id, body.conversation_id
        )

    def beginning(self) -> Beginning:
        """What is kept of it before anything is there."""
        body = self._body
        return Beginning(
            self.id,
            self._who.caller.id,
            self.stream.record(),
            self._own,
            body.previous_response_id,
            body.conversation_id,
            bool(body.background),
        )

    def spent(self) -> Usage:
        """Its cost so far."""
        return spent(self.transcript)

    async def request(self) -> ChatRequest:
        """What the core is asked to do, everything said before included."""
        before = await said_before(self._body, self._at.state, self._who.caller.id)
        messages = messages_of((*before, *self._own))
        return self._who.sends(self._body.chat_request(messages, self._who.language))

    async def prompt_tokens(self) -> int:
        """How many tokens its prompt has."""
        return await self._service.prompt_tokens(await self.request())

    async def answer(self) -> AsyncGenerator[Sequence[Event], None]:
        """The answer. What was said before is read when its first event is asked for.

        A conversation is ours to write by then, so nobody adds to it in between; not while this
        waits for its turn either, so it is read once, however often this is called.
        """
        if self._request is None:
            self._request = await self.request()
        traced = self._trace()
        batches = self._service.answer(
            self._request,
            self.transcript,
            self.outlet,
            answer_id=self.id,
            watch=traced.watch,
            patient=bool(self._body.background),
        )
        kept = False
        try:
            async with aclosing(batches) as events:
                async for batch in events:
                    if isinstance(batch[-1], Finished | Failed):
                        kept = True
                        await traced.keep()
                    yield batch
        except Overloaded:
            kept = True  # there is nothing to keep: nobody has begun it
            raise
        finally:
            if not kept:
                await asyncio.shield(asyncio.ensure_future(traced.keep()))

    def _trace(self) -> Traced:
        body, at = self._body, self._at
        return Traced(
            at.state.responses,
            self.transcript,
            id_=self.id,
            owner=self._who.caller.id,
            wanted=at.traces and body.store is not False,
        )
