"""Text as it arrives -> prose, thoughts and queries: the state machine that finds a model's spans.

Fed the text the model generated in one leg, in pieces cut anywhere, it yields what the client may
see. It reads generated text only; results and the user's words never pass through it.

    PROSE --search_start--> QUERY --search_end--> CLOSED
      |                       |
      '--results_start--------'--> FORGED          (HEADER: of a message, where turns have several)

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
- A quoted marker never fires. One that is a token is quoted when it was spelled in other tokens;
  one that is plain text, in code or behind a quotation mark. It is shown, with a joiner in it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from app.dialect.code import Code
from app.dialect.lexicon import MAX_HEADER, MESSAGES, QUOTATION, Role, Sampled, lexicon
from app.dialect.markers import Dialect, Section
from app.dialect.neutralise import JOINER, broken
from app.dialect.pieces import (
    OPEN,
    Opened,
    Piece,
    Prose,
    QueryText,
    Reasoning,
    Span,
    Stance,
    Thought,
)


class SpanDetector:
    """Finds the search span in one leg of generated text."""

    __slots__ = ("_begin", "_cap", "_dialect", "_held", "_longest", "_marker", "_piece", "_quick",
                 "_quoting", "_roles", "_sampled", "_tail", "closed", "done", "header", "query",
                 "retracted", "stance", "state", "stray")  # fmt: skip

    def __init__(
        self,
        dialect: Dialect,
        *,
        max_query_chars: int = 400,
        in_query: bool = False,
        seed: str = "",
        drop: Iterable[str] = (),
        sampled: Sampled | None = None,
        stance: Stance | None = None,
    ) -> None:
        """
        Args:
            dialect: whose markers to look for.
            max_query_chars: a longer query is no query (providers cut at 400 to 2,000).
            in_query: the span was opened for the model, before its first token.
            seed: what was written for it behind the start marker, part of the query.
            drop: further literals that must not reach a client, such as template tokens.
            sampled: the markers that are one token; the others are plain text.
            stance: where the last leg left off; it goes on here.
        """
        self.state = Span.QUERY if in_query else Span.PROSE
        self.stance = stance or Stance()
        if self.stance.header and not in_query:
            self.state = Span.HEADER
        self.done = False
        """Nothing more is read in this leg."""
        self.query = seed
        self.header = ""
        """Of the message that the query is."""
        self.stray = 0
        """Markers left out because they meant nothing where they stood."""
        self.closed = False
        """The model itself wrote the end marker of the span, be the query overlong or not."""
        self.retracted = False  # the span was a quotation
        words = lexicon(dialect, frozenset(drop))
        self._dialect = dialect
        self._cap = max_query_chars + dialect.overhead
        self._sampled = sampled or Sampled({})
        self._roles = words.roles
        self._marker, self._begin, self._longest = words.marker, words.begin, words.longest
        self._piece: type[Prose] | type[Thought] = Thought if self.stance.reasoning else Prose
        self._quick, self._held = False, ""
        self._tail = ""  # of the text given out, from where a marker may have begun
        self._quoting = False

    def feed(self, text: str) -> Iterable[Piece]:
        """What `text` adds, in order. Once `done`, further text is ignored."""
        if self._quick and not self._begin.search(text):
            if not text:
                return ()
            self._tail = text
            return (self._piece(text),)
        return self._read(text)

    def _read(self, text: str) -> Iterator[Piece]:
        buffer, position, self._held = self._held + text, 0, ""
        further: Counter[str] | None = None
        while self.state in OPEN:
            found = self._marker.search(buffer, position)
            if found is None:
                keep = self._hold_from(buffer, position)
                self._held = buffer[keep:]
                yield from self._plain(buffer[position:keep])
                break
            yield from self._plain(buffer[position : found.start()])
            if self.state in OPEN:
                if further is None:
                    behind = self._marker.finditer(buffer, position)
                    further = Counter(match.group() for match in behind)
                marker = found.group()
                further[marker] -= 1
                yield from self._meet(marker, self._fires(marker, further[marker]))
            position = found.end()
        self.done = self.state not in OPEN
        plain = self.stance.code.idle and not self.stance.fresh
        self._quick = self.state is Span.PROSE and not self._held and plain

    def finish(self, stop: str | None = None, *, turn_ended: bool = False) -> Iterator[Piece]:
        """The leg ended; `stop` is the marker at which the engine stopped, if it was one.

        Else an open span stays in QUERY, never closed; but the end of the turn closes a call.
        """
        if self.state in OPEN:
            held, self._held = self._held, ""
            yield from self._plain(held)
            if self.state is Span.HEADER and stop is None:
                yield from self._no_header()
        if stop is not None and self.state is not Span.ENDED:
            if self.state is Span.PROSE and stop in self._sampled:
                fires = self._sampled.ended_at(stop)
            else:
                fires = self._fires(stop, 0)
            yield from self._meet(stop, fires)
        elif turn_ended and self.state is Span.QUERY and self._dialect.structured:
            self.state, self.closed = Span.CLOSED, True
        self.done = True

    def retract(self) -> Iterator[Piece]:
        """The span turned out to be a quotation: it is given out as text."""
        start, end = self._dialect.search_start, self._dialect.search_end
        self.state, self.retracted = Span.PROSE, True
        yield from self._plain(f"{broken(start)}{self.query}{broken(end)}")

    def give_up(self) -> Iterator[Piece]:
        """The span was never closed: what stands in it is text, unless it is half of a call."""
        self.state = Span.PROSE
        if not self._dialect.structured:
            yield from self._plain(self.query)

    # -- text --------------------------------------------------------------------------------

    def _plain(self, text: str) -> Iterator[Piece]:
        if not text:
            return
        if self.state is Span.PROSE:
            stance = self.stance
            if stance.fresh:
                stance.fresh = not (self._tail.strip() or text.strip())
            self._tail = (self._tail + text)[-self._longest :]
            stance.code.read(text)
            yield self._piece(text)
        elif self.state is Span.HEADER:
            self.header += text
            if len(self.header) > MAX_HEADER:
                yield from self._no_header()
        elif self.state is Span.QUERY:
            room = self._cap - len(self.query)
            self.query += text[:room]
            if room and not self._dialect.structured:
                yield QueryText(text[:room])
            if len(text) > room:
                self.state = Span.OVERLONG

    def _no_header(self) -> Iterator[Piece]:
        """It was text after all: not every server lets the markers of messages through."""
        text, self.header, self.state = self.header, "", Span.PROSE
        if text.strip() != "assistant":
            yield from self._plain(text)

    def _seam(self, before: str) -> Iterator[Piece]:
        if self._hold_from(before, 0) < len(before):
            yield from self._plain(JOINER)

    def _hold_from(self, buffer: str, position: int) -> int:
        """Index from which `buffer` may begin a marker; its length if nowhere."""
        start = max(position, len(buffer) - self._longest + 1)
        for candidate in self._begin.finditer(buffer, start):
            tail = buffer[candidate.start() :]
            if any(literal.startswith(tail) for literal in self._roles):
                return candidate.start()
        return len(buffer)

    # -- markers -----------------------------------------------------------------------------

    def _fires(self, marker: str, further: int) -> bool:
        """Whether the marker is meant, or quoted."""
        role = self._roles[marker]
        if marker in self._sampled:
            return self._sampled.takes(marker, further)
        if role is Role.BARE:
            return self.state is Span.PROSE and self.stance.fresh and not self._tail.strip()
        # A thought ends at its marker even where a backtick was left open in it.
        if self.state is not Span.PROSE or role in (Role.STRAY, Role.THINK_END):
            return True
        if self.stance.code.inside():
            return False
        quoting = role is Role.SEARCH and self._tail[-1:] in QUOTATION
        ends_quoting = role is Role.SEARCH_END and self._quoting
        self._quoting = quoting or (self._quoting and not ends_quoting)
        return not quoting and not ends_quoting

    def _meet(self, marker: str, fires: bool) -> Iterator[Piece]:
        role = self._roles[marker]
        if self.state is Span.OVERLONG:
            self.closed = role is Role.SEARCH_END
            self.stray += not self.closed
        elif not fires:
            yield from self._plain(marker if role is Role.BARE else broken(marker))
        elif role in MESSAGES:
            yield from self._meet_message(role)
        elif self.state is Span.QUERY:
            yield from self._meet_in_query(marker, role)
        else:
            yield from self._meet_in_prose(marker, role)

    def _meet_in_query(self, marker: str, role: Role) -> Iterator[Piece]:
        if role is Role.SEARCH_END:
            self.state, self.closed = Span.CLOSED, True
        elif role is Role.BARE:
            yield from self._plain(marker)
        else:
            self.stray += role is not Role.WRAPPER
            if role is Role.SEARCH:
                self.query = ""
            elif role is Role.RESULTS:
                self.state = Span.FORGED
            else:
                yield from self._seam(self.query)

    def _meet_in_prose(self, marker: str, role: Role) -> Iterator[Piece]:
        yield from self._seam(self._tail)
        if role in (Role.SEARCH, Role.BARE):
            self.state = Span.QUERY
            yield Opened()
            self.query = marker if role is Role.BARE else ""
        elif role in (Role.THINK, Role.THINK_END) and (
            self.stance.reasoning != (role is Role.THINK)
        ):
            yield from self._think(role is Role.THINK)
        elif role is Role.ANSWER_END or (role is Role.SEARCH_END and self._dialect.ends_turn):
            self.state = Span.ENDED
        elif role is not Role.WRAPPER:
            self.stray += 1
            if role is Role.RESULTS:
                self.state = Span.FORGED

    def _think(self, begins: bool) -> Iterator[Piece]:
        if begins != self.stance.reasoning:
            self.stance.reasoning, self.stance.code = begins, Code()
            self._piece, self._tail = Thought if begins else Prose, ""
            yield Reasoning(begins)

    def _meet_message(self, role: Role) -> Iterator[Piece]:
        """A turn of several messages: a header says what each of them is."""
        if self.state is Span.QUERY:
            if role is Role.END:
                self.state, self.closed = Span.CLOSED, True
            else:
                self.stray += 1
        elif role is Role.BODY:
            yield from self._begin_message()
        elif role is Role.CHANNEL and self.state is Span.HEADER:
            self.header += " "
        else:
            self.state, self.header = Span.HEADER, " " if role is Role.CHANNEL else ""

    def _begin_message(self) -> Iterator[Piece]:
        headers = self._dialect.headers
        assert headers is not None
        match headers.section(self.header):
            case Section.QUERY:
                self.state = Span.QUERY
                yield Opened()
            case Section.FORGED:
                self.state = Span.FORGED
                self.stray += 1
            case section:
                self.state = Span.PROSE
                yield from self._think(section is Section.REASONING)
