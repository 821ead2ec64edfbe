"""Text as it arrives -> prose and queries: the state machine that finds the model's spans.

Fed the text the model generated in one leg, in pieces cut anywhere, it yields what the client may
see. It reads generated text only; results and the user's words never pass through it.

    PROSE --search_start--> QUERY --search_end--> CLOSED
      |                       |
      '--results_start--------'--> FORGED

- Held back is only what may be the beginning of a marker: the longest suffix of the text that a
  marker starts with, so never more than the longest marker.
- Each character is looked at a bounded number of times: work is linear in the text.
- The engine stops the leg at `search_end` and `results_start` and does not print the marker; then
  `finish` is told which. Markers that are printed all the same end the span in the text too.
- `search_start` inside a query restarts it: only what follows the last one counts.
- `search_end` or `results_end` in prose means nothing, is left out and counted.
- Leaving a marker out must not make one: `[SEARCH_[SEARCH_END]START]` would close up to
  `[SEARCH_START]`, so a joiner takes the place of one behind what may begin a marker.
- The query is cut at its cap to the character, so what is seen never depends on the pieces.
"""

import enum
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.dialect.markers import Dialect
from app.dialect.neutralise import JOINER


@dataclass(frozen=True, slots=True)
class Prose:
    """Text for the client."""

    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A search span begins."""


@dataclass(frozen=True, slots=True)
class QueryText:
    """A further piece of the query."""

    text: str


Piece = Prose | Opened | QueryText


class Span(enum.Enum):
    """Where in the dialect's grammar the text stands."""

    PROSE = "prose"
    QUERY = "query"
    CLOSED = "closed"
    """The span was closed: `query` is complete."""
    FORGED = "forged"
    """The model began a results block of its own; `query` holds what it asked, if it did."""
    OVERLONG = "overlong"
    """The query passed the cap; the caller ends the leg."""


class SpanDetector:
    """Finds the search span in one leg of generated text."""

    def __init__(
        self,
        dialect: Dialect,
        *,
        max_query_chars: int = 400,
        in_query: bool = False,
        drop: Iterable[str] = (),
    ) -> None:
        """
        Args:
            dialect: whose markers to look for.
            max_query_chars: a longer query is no query (providers cut at 400 to 2,000).
            in_query: the span was opened for the model, before its first token.
            drop: further literals that must not reach a client, such as template tokens.
        """
        self.state = Span.QUERY if in_query else Span.PROSE
        self.query = ""
        self.stray = 0
        """Markers left out because they meant nothing where they stood."""
        self.closed = False
        """The model itself wrote the end marker of the span, be the query overlong or not."""
        self._dialect = dialect
        self._max_query_chars = max_query_chars
        literals = sorted({*dialect.markers, *drop}, key=len, reverse=True)
        self._literals = tuple(literals)
        self._marker = re.compile("|".join(map(re.escape, literals)))
        self._begin = re.compile(f"[{re.escape(''.join({literal[0] for literal in literals}))}]")
        self._longest = len(literals[0])
        self._held = ""
        self._tail = ""  # of the prose given out, from where a marker may have begun

    def feed(self, text: str) -> Iterator[Piece]:
        """What `text` adds, in order. After CLOSED, FORGED or OVERLONG, further text is ignored."""
        if self.state is Span.PROSE and not self._held and not self._begin.search(text):
            if text:
                self._tail = ""
                yield Prose(text)
            return
        buffer = self._held + text
        self._held = ""
        position = 0
        while self.state in (Span.PROSE, Span.QUERY):
            found = self._marker.search(buffer, position)
            if found is None:
                keep = self._hold_from(buffer, position)
                self._held = buffer[keep:]
                yield from self._plain(buffer[position:keep])
                return
            yield from self._plain(buffer[position : found.start()])
            if self.state in (Span.PROSE, Span.QUERY):
                yield from self._meet(found.group())
            position = found.end()

    def finish(self, stop: str | None = None) -> Iterator[Piece]:
        """The leg ended; `stop` is the marker at which the engine stopped, if it was one.

        An open span stays in QUERY when the leg ended otherwise: it was never closed.
        """
        if self.state in (Span.PROSE, Span.QUERY):
            held, self._held = self._held, ""
            yield from self._plain(held)
            if stop is not None:
                yield from self._meet(stop)
        elif self.state is Span.OVERLONG and stop is not None:
            yield from self._meet(stop)

    def _plain(self, text: str) -> Iterator[Piece]:
        if not text:
            return
        if self.state is Span.PROSE:
            self._tail = (self._tail + text)[-self._longest :]
            yield Prose(text)
        elif self.state is Span.QUERY:
            room = self._max_query_chars - len(self.query)
            self.query += text[:room]
            if room:
                yield QueryText(text[:room])
            if len(text) > room:
                self.state = Span.OVERLONG

    def _seam(self, before: str) -> Iterator[Piece]:
        if self._hold_from(before, 0) < len(before):
            yield from self._plain(JOINER)

    def _meet(self, marker: str) -> Iterator[Piece]:
        dialect = self._dialect
        if self.state is Span.OVERLONG:
            self.closed = marker == dialect.search_end
            self.stray += not self.closed
            return
        in_query = self.state is Span.QUERY
        if not in_query:
            yield from self._seam(self._tail)
        if marker == dialect.search_start:
            if in_query:
                self.query = ""
                self.stray += 1
            else:
                self.state = Span.QUERY
                yield Opened()
        elif marker == dialect.search_end and in_query:
            self.state, self.closed = Span.CLOSED, True
        elif marker == dialect.results_start:
            self.state = Span.FORGED
            self.stray += 1
        else:
            self.stray += 1
            if in_query:
                yield from self._seam(self.query)

    def _hold_from(self, buffer: str, position: int) -> int:
        """Index from which `buffer` may be the beginning of a marker; its length if nowhere."""
        start = max(position, len(buffer) - self._longest + 1)
        for candidate in self._begin.finditer(buffer, start):
            tail = buffer[candidate.start() :]
            if any(literal.startswith(tail) for literal in self._literals):
                return candidate.start()
        return len(buffer)
