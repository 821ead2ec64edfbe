"""What a detector makes of generated text, and where in it a text can stand."""

import enum
from dataclasses import dataclass, field

import msgspec

from app.dialect.code import Code


class Prose(msgspec.Struct, frozen=True, gc=False):
    """Text for the client. One is made for each token; a struct is made faster than a dataclass."""

    text: str


class Thought(msgspec.Struct, frozen=True, gc=False):
    """Text of the model's reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The model begins to think, or has ended."""

    begins: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A search span begins."""


@dataclass(frozen=True, slots=True)
class QueryText:
    """A further piece of the query."""

    text: str


Piece = Prose | Thought | Reasoning | Opened | QueryText


class Span(enum.Enum):
    """Where in the dialect's grammar the text stands."""

    PROSE = "prose"
    """Or a thought: the stance says which."""
    QUERY = "query"
    HEADER = "header"
    """Of a message; what kind of text follows is not known yet."""
    CLOSED = "closed"
    """The span was closed: the query is complete."""
    FORGED = "forged"
    """The model began a results block of its own; the query holds what it asked, if it did."""
    OVERLONG = "overlong"
    """The query passed the cap; the caller ends the leg."""
    ENDED = "ended"
    """The marker that ends the answer was met."""


OPEN = frozenset({Span.PROSE, Span.QUERY, Span.HEADER})
"""Where more text is read."""


@dataclass(slots=True)
class Stance:
    """How a turn stands; one leg goes on with what the last one left."""

    reasoning: bool = False
    fresh: bool = True
    """Nothing has been said yet in this turn."""
    header: bool = False
    """The next text belongs to the header of a message."""
    code: Code = field(default_factory=Code)
