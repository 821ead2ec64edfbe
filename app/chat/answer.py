"""The loop: generate, search, inject, resume - one answer, in one token sequence.

    leg 0    prompt ............................ the model writes, and opens a span
    search   the engine has stopped at the end marker; the query is what the model wrote
    inject   the results block is appended, in ids
    leg 1    prompt + output + injected ........ the engine resumes on its warm prefix cache

Nothing generated is ever decoded and encoded again. There is always an answer: when the search
budget is spent the model is told so in band, and the start marker is forbidden.
"""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from app.chat.events import (
    Event,
    Failed,
    Finished,
    QueryOpened,
    SearchStarted,
    Started,
)
from app.chat.findings import notices
from app.chat.ports import Stopped
from app.chat.progress import Means, Progress
from app.chat.request import ChatRequest
from app.chat.transcript import Transcript
from app.dialect.detector import Span
from app.errors import OrsonError


async def answer(
    request: ChatRequest, prompt: Sequence[int], means: Means, transcript: Transcript
) -> AsyncGenerator[Sequence[Event], None]:
    """Produce one answer; each item is what one read from the engine brought.

    Args:
        request: what is asked; its messages are already in `prompt`.
        prompt: the rendered conversation, in ids.
        means: engine, search and the rest.
        transcript: empty; filled as the answer grows, so that it is there however this ends.

    Raises:
        OrsonError: the engine's, before the first event; after it they become `Failed`.
    """
    transcript.append("prompt", prompt)
    state = Progress(request, means, transcript)
    opening: list[Event] = [Started(len(prompt))]
    in_query = False
    if request.search.policy == "always" and state.budget.searches:
        transcript.append("search", means.vocabulary.ids[means.vocabulary.dialect.search_start])
        opening.append(QueryOpened(0))
        in_query = True
    started = False
    try:
        while True:
            detector = state.detector(in_query=in_query)
            stopped: Stopped | None = None
            async with aclosing(means.engine.generate(state.leg())) as reads:
                async for chunks in reads:
                    events = [] if started else opening
                    for chunk in chunks:
                        state.took(chunk.ids, chunk.cached_tokens)
                        events += state.show(detector.feed(chunk.text))
                        stopped = chunk.stop or stopped
                    if events and chunks:
                        started = True
                        yield events
                    if state.stops.matched or detector.state not in (Span.PROSE, Span.QUERY):
                        break
            events = [] if started else opening
            started = True
            events += state.show(detector.finish(means.vocabulary.marker(stopped)))
            ended_at = time.perf_counter()
            if not state.goes_on(detector, stopped):
                yield [*events, *state.close(detector, stopped)]
                return
            queries, notice = state.read_query(detector)
            if not queries:
                if events:
                    yield events
                state.inject(await state.injection((), (notice,) if notice else (), detector))
            else:
                yield [*events, SearchStarted(state.spans - 1, queries)]
                searching_at = time.perf_counter()
                found = await state.search(queries)
                elapsed = time.perf_counter() - searching_at
                passages = state.number(found)
                injection = await state.injection(passages, notices(found), detector)
                state.inject(injection)
                yield [state.searched(queries, found, injection, elapsed)]
                ended_at += elapsed
            if not state.has_room():
                yield [*state.release(), Finished("length", state.usage())]
                return
            state.ledger.resume_from(ended_at)
            in_query = False
    except OrsonError as error:
        if not started:
            raise
        yield [*state.release(), Failed(error, state.usage())]
