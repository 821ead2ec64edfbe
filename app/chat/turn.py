"""The model's turn, as its dialect has it: where it thinks, what a span asks, how it goes on.

`Progress` keeps the books of an answer; this keeps its grammar from one leg to the next.
"""

from collections.abc import Iterator, Sequence

from app.chat.ports import Stopped
from app.chat.quotation import Quotations
from app.chat.request import Message
from app.chat.searching.injection import Place
from app.chat.vocabulary import Vocabulary
from app.dialect.calls import Asked
from app.dialect.detector import SpanDetector
from app.dialect.lexicon import Sampled
from app.dialect.pieces import Piece, QueryText, Span, Stance


class Turn:
    """One answer's turn, or turns where results come in one of their own."""

    def __init__(
        self, vocabulary: Vocabulary, messages: Sequence[Message], ids: Sequence[int]
    ) -> None:
        """
        Args:
            vocabulary: the dialect, as the model's tokenizer has it.
            messages: the conversation, which a model may quote.
            ids: the sequence, which holds the prompt and grows with the answer.
        """
        self._vocabulary = vocabulary
        self._dialect = vocabulary.dialect
        self._ids = ids
        self._quotations = Quotations(message.content for message in messages)
        self._opens_thinking = vocabulary.thinking(ids)
        self._stance = self._anew()
        self._leg_at = len(ids)
        self.asked = Asked("")
        """What the span that was closed last asks for."""

    @property
    def thinking(self) -> bool:
        """Whether what the model says now is reasoning."""
        return self._stance.reasoning

    def opening(self) -> tuple[int, ...]:
        """What opens a span for the model, in ids."""
        if self.thinking and self._dialect.new_turn:
            self._stance.reasoning = False
            return self._vocabulary.opening_in_thought
        return self._vocabulary.opening

    def detector(self, *, in_query: bool, max_query_chars: int) -> SpanDetector:
        """A detector for the next leg; `in_query`: the span is already open."""
        vocabulary = self._vocabulary
        self._leg_at = len(self._ids)
        return SpanDetector(
            self._dialect,
            max_query_chars=max_query_chars,
            in_query=in_query,
            seed=self._dialect.seed if in_query else "",
            drop=vocabulary.template_literals,
            sampled=Sampled(vocabulary.singles, self._ids, len(self._ids)),
            stance=self._stance,
        )

    def behind_marker(self, begins: bool) -> int:
        """Tokens of this leg behind the marker by which the model just began or ended to think.

        0 where the marker is no token: then it is one of the last that came.
        """
        if self._dialect.reasoning is None:
            return 0
        marker = self._vocabulary.singles.get(self._dialect.reasoning[not begins], -1)
        count = len(self._ids) - self._leg_at
        return next((back for back in range(count) if self._ids[-1 - back] == marker), 0)

    def finish(self, detector: SpanDetector, stopped: Stopped | None) -> Iterator[Piece]:
        """The engine has stopped: what was held back, and what became of an open span."""
        marker = self._vocabulary.marker(stopped)
        ended = marker is None and stopped is not None and stopped.reason != "length"
        yield from detector.finish(marker, turn_ended=ended)
        if detector.state not in (Span.CLOSED, Span.FORGED):
            return
        dialect = self._dialect
        self.asked = dialect.read(detector.query, detector.header)
        if dialect.structured:
            if self.asked.queries:
                yield QueryText(self.asked.queries)
        elif detector.state is Span.CLOSED and self._is_quoted(detector.query):
            yield from detector.retract()

    def place(self, detector: SpanDetector) -> Place:
        """Where the results of this span go."""
        forged = detector.state is Span.FORGED
        asked, self.asked = self.asked, Asked("")
        return Place(
            # A leg cut at the cap lacks its end marker, unless the model was just writing it.
            before="" if detector.closed or forged else self._dialect.search_end,
            opened=forged and bool(self._dialect.results_start),
            asked=asked,
            thinking=self._opens_thinking,
        )

    def joined(self, block: list[int]) -> list[int]:
        """A block as it goes behind the sequence; a new turn begins with it where it ends so."""
        if block and self._dialect.new_turn:
            self._stance = self._anew()
        if block and block[0] == self._ids[-1] and block[0] in self._vocabulary.control:
            return block[1:]  # the model ended its turn by itself, as the block would have
        return block

    def _anew(self) -> Stance:
        return Stance(reasoning=self._opens_thinking, header=self._dialect.headers is not None)

    def _is_quoted(self, query: str) -> bool:
        start, end = self._dialect.search_start, self._dialect.search_end
        # Where the start marker is a token, its id was sampled: the model meant it.
        return start not in self._vocabulary.singles and f"{start}{query}{end}" in self._quotations
