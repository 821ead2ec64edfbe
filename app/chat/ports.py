"""What the core needs from outside, said as protocols: an engine, a search, a store.

The core holds token *ids*; an engine turns messages and text into ids, and ids into more ids.
Whoever implements these lives in `app.engines` and `search_adapters`; who joins them is
`app.main`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from app.chat.request import Message, Sampling
from search_adapters.protocol import Passage, Query

StopReason = Literal["end", "stop_token", "stop_string", "length"]
"""Why a leg ended: the model's end of turn; one of our stop ids; a stop string; the budget."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """How the engine ended a leg."""

    reason: StopReason
    match: int | str | None = None
    """The stop id or stop string that matched, where the engine says."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What arrived in one event of the engine's stream. Empty `ids` with a `stop` is common."""

    ids: tuple[int, ...]
    """Every id the engine sampled, the one that ended the leg included."""
    text: str
    """Their text, markers included, up to the stop (which it leaves out); may lag behind `ids`."""
    stop: Stopped | None = None
    cached_tokens: int | None = None
    """Prompt tokens read from the prefix cache, where the engine reports it (once, at the end)."""


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


class Reads(Protocol):
    """The stream of one leg. Each item is everything one read from the network brought."""

    def __aiter__(self) -> "Reads": ...

    async def __anext__(self) -> Sequence[Chunk]: ...

    async def aclose(self) -> None:
        """Stop the engine, if it is still running. Called by whoever opened the stream."""
        ...


class Engine(Protocol):
    """A model server, seen as a function of token ids."""

    model: str
    """The name clients ask for."""
    context_window: int
    """Most tokens a sequence may have, prompt and output together."""

    async def render(self, messages: Sequence[Message]) -> list[int]:
        """The conversation under the model's chat template, open for the assistant's answer."""
        ...

    async def encode(self, text: str) -> list[int]:
        """Ids of `text`, nothing added in front or behind. Markers that are tokens become ids."""
        ...

    def generate(self, leg: Leg) -> Reads:
        """Run the engine; each item is everything that arrived in one read from the network.

        The iterator must be closed (`aclose`) by whoever leaves early; closing it stops the
        engine. The last chunk carries `stop`.

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


class Search(Protocol):
    """The search chain, as the core sees it."""

    async def __call__(self, query: Query, adapters: tuple[str, ...] = ()) -> Found:
        """Never raises on a failing provider; bounded in time by the chain's own deadline."""
        ...


class AnswerStore(Protocol):
    """Where answers are kept that a client asked to store.

    Every method but `ready` raises StoreUnavailable when the store can't be reached.
    """

    async def save(self, body: dict[str, Any]) -> None:
        """Keep a response body under its `id`."""
        ...

    async def load(self, id_: str) -> dict[str, Any] | None:
        """The stored body, None when there is none."""
        ...

    async def delete(self, id_: str) -> bool:
        """Forget one; whether it was there."""
        ...

    async def ready(self) -> str | None:
        """What is wrong with the store; None when it answers."""
        ...
