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
    SearchStarted,
    Started,
)
from app.chat.means import Means
from app.chat.progress import Progress
from app.chat.prose.logprobs import Claims
from app.chat.reading import LegReader, Outlet
from app.chat.request import ChatRequest
from app.chat.searching.findings import notices
from app.chat.transcript import Transcript
from app.errors import OrsonError


async def answer(
    request: ChatRequest,
    prompt: Sequence[int],
    means: Means,
    transcript: Transcript,
    outlet: Outlet | None = None,
    claims: Claims | None = None,
) -> AsyncGenerator[Sequence[Event], None]:
    """Produce one answer; each item is what one read from the engine brought.

    Args:
        request: what is asked; its messages are already in `prompt`.
        prompt: the rendered conversation, in ids.
        means: engine, search and the rest.
        transcript: empty; filled as the answer grows, so that it is there however this ends.
        outlet: shows text before it comes as an item, and in place of it; see `reading`.
        claims: told of each token, where log-probabilities are asked for.

    Raises:
        OrsonError: the engine's, before the first event; after it they become `Failed`.
    """
    transcript.append("prompt", prompt)
    state = Progress(request, means, transcript)
    opening: list[Event] = [Started(len(prompt))]
    in_query = False
    if request.search.policy == "always" and state.budget.searches:
        opening.append(state.open_span())
        in_query = True
    started = False
    try:
        while True:
            detector = state.detector(in_query=in_query)
            reader = LegReader(state, detector, opening, outlet, claims)
            async with aclosing(state.reads(begun=started)) as reads:
                while await reads.pour(reader.take) and not reader.over:
                    started = True
                    yield reader.batch()
            stopped, opening = reader.stopped, []
            started = True
            events = reader.batch()
            events += state.finish(detector, stopped)
            ended_at = time.perf_counter()
            state.ledger.close_leg(ended_at)
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
                state.cut_off()
                yield [*state.release(), Finished("length", state.usage())]
                return
            state.ledger.resume_from(ended_at)
            in_query = False
    except OrsonError as error:
        if not started:
            raise
        yield [*state.release(), Failed(error, state.usage())]
    finally:
        state.look_up.close()
