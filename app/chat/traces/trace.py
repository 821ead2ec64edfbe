"""What an answer was made of, so that it can be made again: every id, and all that came from
outside.

    request, prompt, vocabulary, limits     what it began with
    runs       of the engine: what it was asked for, what it sampled, in the pieces it came in
    encoded    the blocks that were put into the sequence, in ids
    searches   the queries, and what each of them brought
    ids        the whole sequence, with the origin of each part

A trace holds what was said and found: it is as private as the answer. It is kept with the answer,
and no longer.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from app.chat.budget import Limits
from app.chat.ports import Stopped
from app.chat.request import ChatRequest, Sampling
from app.chat.transcript import Segment
from app.chat.vocabulary import Vocabulary
from app.dialect import registry
from app.dialect.neutralise import Neutraliser
from search_adapters.protocol import Passage

VERSION = 1
LARGEST = 64 * 2**20
"""Bytes of a trace before it is packed: a million ids take about five."""


class Unreadable(Exception):
    """This is no trace, or one of another version; the message says which."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the engine."""

    at: int
    """Length of the sequence that it went on from."""
    max_tokens: int
    sampling: Sampling
    stop_ids: tuple[int, ...]
    stop_strings: tuple[str, ...]
    forbid_ids: tuple[int, ...]
    forbid_strings: tuple[str, ...]
    ids: tuple[int, ...]
    """What it sampled."""
    pieces: tuple[tuple[int, str], ...]
    """How that came: so many ids, with so much text, at a time."""
    stop: Stopped | None
    """None: it was left before it stopped, or went away."""
    cached: int | None
    gone: bool
    """Whether the engine went away in it."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What one query brought; has the shape of `app.chat.ports.Found`."""

    query: str
    passages: tuple[Passage, ...]
    provider: str
    failure: str | None
    elapsed: float
    left: float
    cached: Literal["", "fresh", "stale"]
    hidden: float
    hedged: bool
    usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Words:
    """A vocabulary, as data."""

    dialect: str
    """By name: what stands in it is code."""
    ids: Mapping[str, tuple[int, ...]]
    singles: Mapping[str, int]
    control: tuple[int, ...]
    neutralised: tuple[str, ...]
    chars_per_token: float
    opening: tuple[int, ...]
    opening_in_thought: tuple[int, ...]
    framing: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> "Words":
        """What is to be kept of it."""
        return cls(
            vocabulary.dialect.name,
            dict(vocabulary.ids),
            dict(vocabulary.singles),
            tuple(sorted(vocabulary.control)),
            vocabulary.neutralise.literals,
            vocabulary.chars_per_token,
            vocabulary.opening,
            vocabulary.opening_in_thought,
            dict(vocabulary.framing),
        )

    def vocabulary(self) -> Vocabulary:
        """The vocabulary again. Raises UnknownDialect where the dialect isn't installed here."""
        return Vocabulary(
            registry.load(self.dialect),
            self.ids,
            self.singles,
            frozenset(self.control),
            Neutraliser(self.neutralised),
            self.chars_per_token,
            self.opening,
            self.opening_in_thought,
            self.framing,
        )


@dataclass(frozen=True, slots=True)
class Trace:
    """One answer's making."""

    version: int
    model: str
    context_window: int
    request: ChatRequest
    """With its defaults filled in, and without who asked."""
    taught: str
    """The gateway's own words in the prompt."""
    prompt: tuple[int, ...]
    vocabulary: Words
    limits: Limits
    runs: tuple[Run, ...]
    encoded: tuple[tuple[str, tuple[int, ...]], ...]
    decoded: tuple[tuple[tuple[int, ...], str], ...]
    """What was decoded, to go on after the engine went away."""
    searches: tuple[Brought, ...]
    """In the order in which they were begun."""
    ids: tuple[int, ...]
    segments: tuple[Segment, ...]
    whole: bool
    """Whether it came to its end; else its client left, or the gateway did."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Trace)


def packed(trace: Trace) -> bytes:
    """The trace as bytes to keep."""
    return zlib.compress(_encoder.encode(trace), level=1)


def unpacked(raw: bytes) -> Trace:
    """A trace that was kept.

    Raises:
        Unreadable: it is of another version of Orson, or none at all.
    """
    try:
        inflating = zlib.decompressobj()
        whole = inflating.decompress(raw, LARGEST)
        trace = _decoder.decode(whole)
    except (zlib.error, msgspec.DecodeError) as error:
        raise Unreadable(f"this trace can't be read here: {error}") from error
    if trace.version != VERSION:
        raise Unreadable(f"this trace is of version {trace.version}, and {VERSION} is read here")
    return trace
