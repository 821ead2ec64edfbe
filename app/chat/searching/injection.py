"""Passages -> the ids appended to the sequence: fitted to a token budget, proven harmless."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.chat.ports import Engine
from app.chat.vocabulary import AN_ID, Vocabulary, thought
from app.dialect.calls import Asked
from app.dialect.results import NO_RESULTS, NO_ROOM, Numbered, fit, lines

logger = logging.getLogger(__name__)

MAX_FITTINGS = 8
"""Each is a round trip to the engine's tokenizer. One is usual; in scripts other than Latin the
guess is too long, and each try shrinks the text by what the last one overshot."""


@dataclass(frozen=True, slots=True)
class Injection:
    """What goes into the sequence after a span."""

    ids: list[int]
    passages: tuple[Numbered, ...]
    """Those that are really in it, whole or cut."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block is put: what stands in front of it, and what goes on behind."""

    before: str = ""
    """A marker to put in front, where the model left it out."""
    opened: bool = False
    """The model wrote the opening marker itself, so it is left out here."""
    asked: Asked = field(default_factory=lambda: Asked(""))
    """The call that is answered."""
    thinking: bool = False
    """The chat template opens the model's reasoning, so a new turn does too."""


class ResultsBlock:
    """Makes results blocks for one engine and dialect."""

    def __init__(self, engine: Engine, vocabulary: Vocabulary) -> None:
        self._engine = engine
        self._vocabulary = vocabulary
        self._line = vocabulary.dialect.frame.line

    async def __call__(
        self,
        passages: Sequence[Numbered],
        notices: Sequence[str] = (),
        *,
        budget: int,
        place: Place | None = None,
    ) -> Injection:
        """The block with as many passages as `budget` tokens hold.

        Args:
            passages: ranked and numbered.
            notices: lines of the gateway's own, after the passages.
            budget: tokens the block may take. The frame and the notices are put in even when
                they alone are over it: a span is always answered.
            place: where it goes.
        """
        place = place or Place()
        kept, nothing = tuple(passages), NO_ROOM
        max_chars = int(budget * self._vocabulary.chars_per_token)
        for _ in range(MAX_FITTINGS):
            kept = fit(kept, max_chars, self._line)
            if not kept:
                break
            ids = await self._encode(kept, notices, place)
            if not self._is_framed(ids, place):
                kept, nothing = await self._harmless(kept), NO_RESULTS
                continue
            if len(ids) <= budget:
                return Injection(ids, kept)
            size = sum(len(self._line(item)) + 1 for item in kept)
            max_chars = int(size * min(0.95, 0.97 * budget / len(ids)))
        reasons = [nothing, *notices] if passages else notices
        return Injection(await self._encode((), reasons, place), ())

    async def _encode(
        self, passages: Sequence[Numbered], notices: Sequence[str], place: Place
    ) -> list[int]:
        # Neutralised after packing: a marker split over two passages forms only here.
        frame = self._vocabulary.dialect.frame
        packed = frame.escape("\n".join(lines(passages, *notices, line=self._line)))
        inner = self._vocabulary.neutralise(packed)
        head, tail = self._around(place, place.asked.tool, place.asked.id)
        return await self._engine.encode("".join((*head, inner, *tail)))

    def _around(
        self, place: Place, tool: str = "", id_: str = ""
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The parts of the frame in front of the lines and behind them."""
        dialect = self._vocabulary.dialect
        opening, closing = dialect.frame.around(tool, id_)
        head = () if place.opened else (dialect.frame.lead, dialect.results_start)
        anew = thought(dialect) if place.thinking else ""
        return (
            (place.before, *head, opening),
            (closing, dialect.results_end, dialect.frame.trail, anew),
        )

    def _is_framed(self, ids: Sequence[int], place: Place) -> bool:
        """Whether the frame's own markers are the only control ids."""
        vocabulary = self._vocabulary
        head, tail = self._around(place, id_=AN_ID if place.asked.id else "")
        expected = [id_ for part in (*head, *tail) if part for id_ in vocabulary.framing[part]]
        return [id_ for id_ in ids if id_ in vocabulary.control] == expected

    async def _harmless(self, passages: Sequence[Numbered]) -> tuple[Numbered, ...]:
        """The passages without those that make control ids; one fewer at the least."""
        kept = []
        for passage in passages:
            ids = await self._engine.encode(self._vocabulary.neutralise(self._line(passage)))
            if self._vocabulary.control.isdisjoint(ids):
                kept.append(passage)
            else:
                logger.warning("passage dropped: control tokens in %r", passage.passage.url)
        return tuple(kept) if len(kept) < len(passages) else tuple(passages[:-1])
