"""Everything that can happen while answering, and in which order: the stream's grammar.

    stream = Started (TextDelta | Cited | search)* (Finished | Failed)
    search = QueryOpened QueryDelta* [SearchStarted SearchFinished]

Every stream ends in exactly one of Finished and Failed. `SearchStarted` leaves before the search
begins and `SearchFinished` after it ended, so their times are true. A search that was opened and
has no SearchStarted was never run: the query was empty, repeated, too long or never closed.
`check` says whether a sequence of events obeys; the tests put every scenario through it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from app.dialect.results import Numbered

FinishReason = Literal["stop", "length"]


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


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer."""

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


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer broke off: the engine died."""

    error: Exception
    usage: Usage


Event = (
    Started
    | TextDelta
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
            case ((TextDelta() | Cited()), ("text" | "query")):
                state = "text"
            case QueryOpened(), ("text" | "query"):
                state = "query"
            case QueryDelta(), "query":
                pass
            case SearchStarted(), "query":
                state = "searching"
            case SearchFinished(), "searching":
                state = "text"
            case ((Finished() | Failed()), ("text" | "query")):
                state = "end"
            case Failed(), "searching":
                state = "end"
            case _:
                return here
    return None if state == "end" else f"no end: the stream stopped after {state}"
