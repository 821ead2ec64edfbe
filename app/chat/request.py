"""What is asked of the gateway, whatever public format it came in."""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Literal

from app.chat.access.caller import Caller
from search_adapters.protocol import Caching, Freshness

Role = Literal["system", "user", "assistant"]
SearchPolicy = Literal["auto", "always", "never"]
MAX_MESSAGES = 2048
"""Of one request, what is kept of its conversation included: OpenAI takes as many."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation so far. `content` is text; it is data, never control tokens."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the model picks tokens. None leaves the engine's own default."""

    max_tokens: int | None = None
    """Tokens the model may generate over all legs; None means what the context window leaves."""
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    """Any integer; `for_leg` makes of it what engines take."""
    stop: tuple[str, ...] = ()
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logprobs: int | None = None
    """How many alternatives are to be told of for each token; 0 tells of the token itself alone,
    None of nothing."""

    def for_leg(self, index: int) -> "Sampling":
        """With a seed of its own for each leg: the same one would repeat the same draws.

        Engines take 31 bits: to llama.cpp and vLLM -1 means any seed at all, and others are cut or
        refused. So a seed outside of that is hashed on the first leg too, and still repeats.
        """
        if self.seed is None or (index == 0 and 0 <= self.seed < 1 << 31):
            return self
        digest = hashlib.sha256(f"{self.seed}:{index}".encode()).digest()
        return replace(self, seed=int.from_bytes(digest[:4], "big") & 0x7FFFFFFF)


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """What a request says about searching."""

    policy: SearchPolicy | None = None
    """`auto`: the model decides; `always`: the span is opened for it; `never`: it can't. None takes
    the gateway's setting."""
    max_searches: int | None = None
    """Spans the model may open in one answer; None takes the gateway's setting."""
    adapters: tuple[str, ...] = ()
    """Which of the configured adapters, in order; empty takes the gateway's chain."""
    allowed_domains: tuple[str, ...] = ()
    denied_domains: tuple[str, ...] = ()
    context_size: Literal["low", "medium", "high"] = "medium"
    """How much of the context window results may take."""
    language: str | None = None
    country: str | None = None
    place: str | None = None
    freshness: Freshness | Literal["any"] | None = None
    """How new results should be; None leaves it to the words of each query."""
    caching: Caching = "use"


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One answer to produce."""

    messages: tuple[Message, ...]
    sampling: Sampling = field(default_factory=Sampling)
    search: SearchOptions = field(default_factory=SearchOptions)
    user: str | None = None
    truncate: bool = False
    """Whether the oldest turns may be left out when the conversation doesn't fit."""
    caller: Caller = field(default_factory=Caller)
    """Who asks: whose limits count, and whose prefix cache the engine may use."""

    @property
    def question(self) -> str:
        """What the user said last."""
        said = (message.content for message in reversed(self.messages) if message.role == "user")
        return next(said, "")
