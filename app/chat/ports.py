"""What the core needs from outside, said as protocols: an engine, a search, a store.

The core holds token *ids*; an engine turns messages and text into ids, and ids into more ids.
Whoever implements these lives in `app.engines` and `search_adapters`; who joins them is
`app.main`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import msgspec

from app.chat.request import Message, Sampling
from app.chat.token_logprob import TokenLogprob
from search_adapters.protocol import Passage, Query

StopReason = Literal["end", "stop_token", "stop_string", "length"]
"""Why a leg ended: the model's end of turn; one of our stop ids; a stop string; the budget."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """How the engine ended a leg."""

    reason: StopReason
    match: int | str | None = None
    """The stop id or stop string that matched, where the engine says."""


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """What arrived in one event of the engine's stream. Empty `ids` with a `stop` is common.

    One is made for each token: as a struct it costs a fifth of what a frozen dataclass does.
    """

    ids: tuple[int, ...]
    """Every id the engine sampled, the one that ended the leg included."""
    text: str
    """Their text, markers included, up to the stop (which it leaves out); may lag behind `ids`."""
    stop: Stopped | None = None
    cached_tokens: int | None = None
    """Prompt tokens read from the prefix cache, where the engine reports it (once, at the end)."""


class ScoredChunk(Chunk, frozen=True, gc=False):
    """A chunk of a leg for which log-probabilities are asked."""

    logprobs: tuple[TokenLogprob, ...] = ()
    """Of `ids`, in their order; some may be left out, as for parts of characters."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One run of the engine: from a prompt to a stop."""

    prompt: Sequence[int]
    """The whole sequence so far, in ids."""
    max_tokens: int
    sampling: Sampling
    """`sampling.max_tokens` is ignored: `max_tokens` is what this leg has left."""
    stop_ids: tuple[int, ...] = ()
    """The engine stops *after* sampling one of these; the id is part of `Chunk.ids`."""
    stop_strings: tuple[str, ...] = ()
    """The engine stops when the text ends with one of these."""
    forbid_ids: tuple[int, ...] = ()
    """Ids that must not be sampled in this leg."""
    forbid_strings: tuple[str, ...] = ()
    """Texts that must not be generated, for markers of more than one token."""
    session: str = ""
    """Same for all legs of one answer; routers may keep the legs on one replica."""
    salt: str = ""
    """Prompts of another salt share no prefix cache with this one; empty: those without one do."""
    trace: tuple[tuple[str, str], ...] = ()
    """Headers of W3C Trace Context, for the engine's own spans to go on with."""


Take = Callable[[Chunk], bool]
"""Takes in a chunk; False says: enough for now."""


class Reads(Protocol):
    """The stream of one leg. A chunk is everything one read from the network brought."""

    async def pour(self, take: Take) -> bool:
        """Give `take` each chunk as it arrives, until it returns False or the leg is over.

        `take` may run in the event loop's own callback, with no task woken: it must not block, and
        what it raises is raised here. Call again for what follows.

        Returns:
            Whether more may come.
        """
        ...

    async def aclose(self) -> None:
        """Stop the engine, if it is still running. Called by whoever opened the stream."""
        ...


class Engine(Protocol):
    """A model server, seen as a function of token ids."""

    model: str
    """The name clients ask for."""
    context_window: int
    """Most tokens a sequence may have, prompt and output together."""

    async def render(
        self, messages: Sequence[Message], template: Mapping[str, object] | None = None
    ) -> list[int]:
        """The conversation under the model's chat template, open for the assistant's answer.

        `template` is what the template is given beside the messages: `tools`, as OpenAI's API has
        them, and `chat_template_kwargs` of its own.
        """
        ...

    async def encode(self, text: str) -> list[int]:
        """Ids of `text`, nothing added in front or behind. Markers that are tokens become ids."""
        ...

    def generate(self, leg: Leg) -> Reads:
        """Run the engine; what it says is had with `pour`. The last chunk carries `stop`.

        The stream must be closed (`aclose`) by whoever leaves early; closing it stops the engine.

        Raises:
            EngineUnavailable: could not be reached, or died before the stop.
            EngineRefused: answered with a 4xx: our request is wrong for this engine.
            PromptTooLong: prompt and budget don't fit the context window.
        """
        ...

    async def ready(self) -> None:
        """Return when the engine can serve; raise EngineUnavailable when it can't."""
        ...

    async def aclose(self) -> None:
        """Give back connections, and whatever process or thread was started."""
        ...


class Restartable(Protocol):
    """An engine that may go away and come back while it answers."""

    async def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, markers and control tokens included."""
        ...

    async def recovered(self, within: float) -> None:
        """Return when an engine that went away can serve again.

        Raises:
            EngineUnavailable: not `within` so many seconds, or it came back with another model,
                to which our ids mean something else.
        """
        ...


class Found(Protocol):
    """What a search brought: passages, or the reason there are none."""

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Best first."""
        ...

    @property
    def provider(self) -> str:
        """The adapter that answered; empty when none did."""
        ...

    @property
    def failure(self) -> str | None:
        """A short reason told to the model and the client, e.g. `timed out`; None on success."""
        ...

    @property
    def elapsed(self) -> float:
        """Seconds."""
        ...

    @property
    def left(self) -> float:
        """Seconds that were left of its deadline."""
        ...

    @property
    def cached(self) -> Literal["", "fresh", "stale"]:
        """Whether it was found before; `stale`: too long ago, but the provider failed."""
        ...

    @property
    def hidden(self) -> float:
        """Seconds that it would have taken longer, had it not been begun early."""
        ...

    @property
    def hedged(self) -> bool:
        """Whether a provider was slow and was asked a second time."""
        ...

    @property
    def usd(self) -> float:
        """US dollars that it cost, at the providers' list prices."""
        ...


class Search(Protocol):
    """The search chain, as the core sees it."""

    async def __call__(self, query: Query, adapters: tuple[str, ...] = ()) -> Found:
        """Never raises on a failing provider; bounded in time by the chain's own deadline."""
        ...


class Guess(Protocol):
    """Searches begun for a query that is still being written."""

    def take(self, queries: Sequence[Query]) -> None:
        """The queries as they stand now, in place of those before."""
        ...

    def close(self) -> None:
        """Break off what nobody has asked for. Called once, by whoever opened it."""
        ...


Price = Callable[[tuple[str, ...]], float]
"""US dollars that one query to these adapters may cost; empty: to those of the settings."""

Foresee = Callable[[tuple[str, ...]], Guess]
"""Told which adapters a query will go to that is about to be written."""


class AnswerStore(Protocol):
    """Where answers are kept that a client asked to store.

    Every method but `ready` raises StoreUnavailable when the store can't be reached.
    """

    async def save(self, body: dict[str, Any], owner: str) -> None:
        """Keep a response body under its `id`."""
        ...

    async def load(self, id_: str, owner: str) -> dict[str, Any] | None:
        """The stored body, None when this owner has none."""
        ...

    async def delete(self, id_: str, owner: str) -> bool:
        """Forget one; whether it was there."""
        ...

    async def ready(self) -> str | None:
        """What is wrong with the store; None when it answers."""
        ...
