"""How often a model searches: a question is put to it as serving would, up to its first search.

Nothing is searched: the answer is ended where the search would begin, or where the model ends it.
"""

import asyncio
import enum
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from app.chat.events import Failed, Finished, QueryOpened, SearchStarted
from app.chat.request import ChatRequest, Message, Sampling
from app.chat.service import ChatService
from app.errors import OrsonError


class Reaction(enum.Enum):
    """What a model does with a question."""

    SEARCHED = "searched"
    BROKE = "broke"
    """It opened a span, and nothing could be searched for in it."""
    ANSWERED = "answered"
    FAILED = "failed"
    """The engine did: it says nothing about the model."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a measurement."""

    messages: tuple[Message, ...]
    needs_search: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """How a model does on questions of both kinds. Questions that failed are left out."""

    needed: int
    """Questions that need a search."""
    searched: int
    """Of them, those that were searched."""
    spared: int
    """Questions that need none."""
    needless: int
    """Of them, those that were searched all the same."""
    broken: int
    """Of all, spans in which nothing could be searched for."""
    failed: int


async def react(service: ChatService, asked: Asked, *, max_tokens: int, seed: int = 0) -> Reaction:
    """Put one question to a model."""
    request = ChatRequest(asked.messages, Sampling(max_tokens=max_tokens, seed=seed))
    opened = False
    try:
        async with aclosing(service.answer(request)) as batches:
            async for batch in batches:
                for event in batch:
                    match event:
                        case SearchStarted():
                            return Reaction.SEARCHED
                        case QueryOpened():
                            opened = True
                        case Finished():
                            return Reaction.BROKE if opened else Reaction.ANSWERED
                        case Failed():
                            return Reaction.FAILED
    except OrsonError:
        return Reaction.FAILED
    raise AssertionError("an answer without an end")


async def measure(
    service: ChatService,
    questions: Sequence[Asked],
    *,
    max_tokens: int,
    concurrency: int,
    heard: Callable[[Asked, Reaction], None] = lambda _, __: None,
) -> Rates:
    """Put all questions to a model, `concurrency` at a time; `heard` is told of each reaction."""
    places = asyncio.Semaphore(concurrency)

    async def one(asked: Asked) -> tuple[Asked, Reaction]:
        async with places:
            reaction = await react(service, asked, max_tokens=max_tokens)
        heard(asked, reaction)
        return asked, reaction

    return rates(await asyncio.gather(*map(one, questions)))


def rates(reactions: Iterable[tuple[Asked, Reaction]]) -> Rates:
    """Count."""
    every = list(reactions)
    heard = [(asked, reaction) for asked, reaction in every if reaction is not Reaction.FAILED]
    needing = [reaction for asked, reaction in heard if asked.needs_search]
    others = [reaction for asked, reaction in heard if not asked.needs_search]
    return Rates(
        needed=len(needing),
        searched=needing.count(Reaction.SEARCHED),
        spared=len(others),
        needless=others.count(Reaction.SEARCHED),
        broken=[*needing, *others].count(Reaction.BROKE),
        failed=len(every) - len(heard),
    )
