"""Everything that can happen while answering, and in which order: the stream's grammar.

    stream = Started (text | ReasoningDelta | Cited | search)* (Finished | Failed)
    text   = TextDelta [Logprobs]
    search = QueryOpened QueryDelta* [SearchStarted SearchFinished]

Every stream ends in exactly one of Finished and Failed. `SearchStarted` leaves before the search
begins and `SearchFinished` after it ended, so their times are true. A search that was opened and
has no SearchStarted was never run: the query was empty, repeated, too long, never closed or quoted.
A search may be opened in the middle of reasoning, which then goes on behind it.
`check` says whether a sequence of events obeys; the tests put every scenario through it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import msgspec

from app.chat.token_logprob import TokenLogprob
from app.dialect.results import Numbered

FinishReason = Literal["stop", "length"]


BudgetName = Literal["searches", "tokens", "window", "legs"]
"""`searches`: spans; `tokens`: what the model may generate; `window`: the context window; `legs`:
runs of the engine, which only markers that mean nothing use up."""


@dataclass(frozen=True, slots=True)
class LegUsage:
    """What one leg cost, in tokens."""

    prompt: int
    """Length of the whole sequence the leg began with."""
    cached: int | None
    """Of those, read from the engine's prefix cache; None where the engine doesn't say."""
    generated: int
    injected: int
    """Tokens the gateway appended after the leg: results and notices."""
    resume_ms: float | None = None
    """From the end marker to the first token after the results, less the search itself."""
    retried: bool = False
    """The engine went away in mid-leg, and the leg went on when it was back."""
    first_ms: float | None = None
    """From the leg's begin to its first token: the engine's queue and prefill."""
    decode_ms: float | None = None
    """From its first token to its end."""

    @property
    def itl_ms(self) -> float | None:
        """Mean time between two tokens."""
        if self.decode_ms is None or self.generated < 2:
            return None
        return self.decode_ms / (self.generated - 1)


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answer cost. Tokens the gateway injected are never counted as generated."""

    prompt: int
    """The request's own prompt."""
    legs: tuple[LegUsage, ...] = ()
    searches: int = 0
    """Queries really sent to the search chain."""
    dropped_citations: int = 0
    """Citations of passages that were never injected."""
    stray_markers: int = 0
    """Markers that meant nothing where they stood, forged results among them."""
    reasoning: int = 0
    """Of the generated tokens, those of the model's reasoning, its queries there among them."""
    hidden: float = 0.0
    """Seconds that its searches would have taken longer, had they not been begun early."""
    forged: int = 0
    """Results that the model wrote itself, and that were cut."""
    spent: tuple[BudgetName, ...] = ()
    """What the answer used up."""

    @property
    def generated(self) -> int:
        """Tokens the model sampled, over all legs."""
        return sum(leg.generated for leg in self.legs)

    @property
    def injected(self) -> int:
        """Tokens the gateway appended, over all legs."""
        return sum(leg.injected for leg in self.legs)

    @property
    def cached(self) -> int:
        """Prompt tokens of the first leg that the engine had in its cache."""
        return (self.legs[0].cached or 0) if self.legs else 0


@dataclass(frozen=True, slots=True)
class Started:
    """The engine has taken the request."""

    prompt_tokens: int


class TextDelta(msgspec.Struct, frozen=True, gc=False):
    """More of the answer. One is made for each token: a struct, for the same reason as `Chunk`."""

    text: str


@dataclass(frozen=True, slots=True)
class Logprobs:
    """The tokens of the text just before; only in answers for which they were asked."""

    tokens: tuple[TokenLogprob, ...]


class ReasoningDelta(msgspec.Struct, frozen=True, gc=False):
    """More of what the model thinks before it answers."""

    text: str


@dataclass(frozen=True, slots=True)
class QueryOpened:
    """The model opened a search span. `index` counts the spans of this answer from 0."""

    index: int


@dataclass(frozen=True, slots=True)
class QueryDelta:
    """More of the query, as the model writes it."""

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class SearchStarted:
    """The search is about to be made."""

    index: int
    queries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchFinished:
    """The search is over; `passages` are those injected, under their numbers."""

    index: int
    queries: tuple[str, ...]
    passages: tuple[Numbered, ...]
    provider: str
    failure: str | None
    elapsed: float
    """Seconds."""
    cached: Literal["", "fresh", "stale"] = ""
    """Whether all of it was found before, and whether that was too long ago."""
    hidden: float = 0.0
    """Seconds it would have taken longer, had it not been begun before the query was complete."""
    hedged: bool = False
    """Whether a slow provider was asked a second time."""
    usd: float = 0.0
    """US dollars that it cost, at the providers' list prices."""


@dataclass(frozen=True, slots=True)
class Cited:
    """`[n]` in the answer names an injected passage."""

    source: Numbered
    start: int
    """Offset in the answer of the opening bracket, in code points."""
    end: int
    """Offset just past the closing bracket."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is complete."""

    reason: FinishReason
    usage: Usage
    stop_sequence: str | None = None
    """The client's stop string that ended it, where one did."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer broke off: the engine died."""

    error: Exception
    usage: Usage


Event = (
    Started
    | TextDelta
    | Logprobs
    | ReasoningDelta
    | QueryOpened
    | QueryDelta
    | SearchStarted
    | SearchFinished
    | Cited
    | Finished
    | Failed
)


def check(events: Iterable[Event]) -> str | None:
    """The first breach of the grammar, in words; None when there is none."""
    state = "start"
    for position, event in enumerate(events):
        here = f"event {position}, {type(event).__name__}, after {state}"
        match event, state:
            case Started(), "start":
                state = "text"
            case TextDelta(), ("text" | "said" | "query"):
                state = "said"
            case Logprobs(), "said":
                state = "text"
            case ((ReasoningDelta() | Cited()), ("text" | "said" | "query")):
                state = "text"
            case QueryOpened(), ("text" | "said" | "query"):
                state = "query"
            case QueryDelta(), "query":
                pass
            case SearchStarted(), "query":
                state = "searching"
            case SearchFinished(), "searching":
                state = "text"
            case ((Finished() | Failed()), ("text" | "said" | "query")):
                state = "end"
            case Failed(), "searching":
                state = "end"
            case _:
                return here
    return None if state == "end" else f"no end: the stream stopped after {state}"
