"""Reads one leg as the engine pours it: ids to the transcript, text to events, prose straight on.

Most of an answer is plain prose, and nothing is decided there: no search, no end. Such text can
leave at once, through an *outlet*, in the callback that brought it from the engine. Whatever an
outlet does not take waits here, and the loop in `answer` gives it out as the next batch.
"""

from collections.abc import Callable, Sequence

from app.chat.events import Event, ReasoningDelta, TextDelta
from app.chat.ports import Chunk, ScoredChunk, Stopped
from app.chat.progress import Progress
from app.chat.prose.logprobs import Claims
from app.dialect.detector import SpanDetector

Outlet = Callable[[Sequence[Event]], bool]
"""Shows text at once. False: not now (nothing has been shown; it comes with the next batch).

Asked only while whoever iterates over the answer waits for its next batch, so order is kept.
"""


class LegReader:
    """What one leg has brought that is still to be given out."""

    __slots__ = ("_claims", "_detector", "_outlet", "_progress", "_waiting", "stopped")

    def __init__(
        self,
        progress: Progress,
        detector: SpanDetector,
        opening: list[Event],
        outlet: Outlet | None = None,
        claims: Claims | None = None,
    ) -> None:
        """
        Args:
            progress: of the answer.
            detector: of this leg.
            opening: events that lead this leg's first batch.
            outlet: for text; None sends everything the ordinary way.
            claims: told of each token, where log-probabilities are asked for.
        """
        self.stopped: Stopped | None = None
        """How the engine ended the leg, once it has."""
        self._progress = progress
        self._detector = detector
        self._waiting = opening
        self._outlet = outlet
        self._claims = claims
        if claims is not None:
            claims.leg()

    @property
    def over(self) -> bool:
        """The leg is to be ended, whether or not the engine has stopped."""
        return self._progress.stops.matched or self._detector.done

    def take(self, chunk: Chunk) -> bool:
        """Take in a chunk; False when there is a batch to be given out, or the leg is over."""
        progress = self._progress
        progress.took(chunk.ids, chunk.cached_tokens)
        if self._claims is not None and isinstance(chunk, ScoredChunk):
            self._claims.sampled(chunk.logprobs)
        events = progress.show(self._detector.feed(chunk.text))
        if chunk.stop is not None:
            self.stopped = chunk.stop
        if progress.stops.matched or self._detector.done:  # `over`, without a call for each token
            self._waiting += events
            return False
        if not self._waiting and (not events or self._leaves(events)):
            return True
        self._waiting += events
        return False

    def batch(self) -> list[Event]:
        """What waits to be given out, which now is."""
        batch, self._waiting = self._waiting, []
        return batch

    def _leaves(self, events: list[Event]) -> bool:
        outlet = self._outlet
        if outlet is None:
            return False
        for event in events:
            if type(event) is not TextDelta and type(event) is not ReasoningDelta:
                return False
        return outlet(events)
