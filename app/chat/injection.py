"""Passages -> the ids appended to the sequence: fitted to a token budget, proven harmless."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from app.chat.ports import Engine
from app.chat.vocabulary import Vocabulary
from app.dialect.results import NO_RESULTS, NO_ROOM, Numbered, body, fit, frame

logger = logging.getLogger(__name__)

MAX_FITTINGS = 8
"""Each try shrinks the text by what the last one overshot, so two are usual; more are needed where
the first passages take more tokens per character than those behind them."""


@dataclass(frozen=True, slots=True)
class Injection:
    """What goes into the sequence after a span."""

    ids: list[int]
    passages: tuple[Numbered, ...]
    """Those that are really in it, whole or cut."""


class ResultsBlock:
    """Makes results blocks for one engine and dialect."""

    def __init__(self, engine: Engine, vocabulary: Vocabulary) -> None:
        self._engine = engine
        self._vocabulary = vocabulary

    async def __call__(
        self,
        passages: Sequence[Numbered],
        notices: Sequence[str] = (),
        *,
        budget: int,
        before: str = "",
        opened: bool = False,
    ) -> Injection:
        """The block with as many passages as `budget` tokens hold.

        Args:
            passages: ranked and numbered.
            notices: lines of the gateway's own, after the passages.
            budget: tokens the block may take. The frame and the notices are put in even when
                they alone are over it: a span is always answered.
            before: a marker to put in front, where the model left it out.
            opened: the model wrote the opening marker itself, so it is left out here.
        """
        kept, nothing = tuple(passages), NO_ROOM
        max_chars = int(budget * self._vocabulary.chars_per_token * 1.1)
        for _ in range(MAX_FITTINGS):
            kept = fit(kept, max_chars)
            if not kept:
                break
            ids = await self._encode(kept, notices, before, opened)
            if not self._is_framed(ids, before, opened):
                kept, nothing = await self._harmless(kept), NO_RESULTS
                continue
            if len(ids) <= budget:
                return Injection(ids, kept)
            size = sum(len(item.line()) + 1 for item in kept)
            max_chars = int(size * min(0.95, 0.97 * budget / len(ids)))
        reasons = [nothing, *notices] if passages else notices
        return Injection(await self._encode((), reasons, before, opened), ())

    async def _encode(
        self, passages: Sequence[Numbered], notices: Sequence[str], before: str, opened: bool
    ) -> list[int]:
        # Neutralised after packing: a marker split over two passages forms only here.
        inner = self._vocabulary.neutralise(body(passages, *notices))
        block = frame(self._vocabulary.dialect, inner)
        if opened:
            block = block.removeprefix(self._vocabulary.dialect.results_start)
        return await self._engine.encode(before + block)

    def _is_framed(self, ids: Sequence[int], before: str, opened: bool) -> bool:
        """Whether the frame's own markers are the only control ids."""
        vocabulary, dialect = self._vocabulary, self._vocabulary.dialect
        own = [before] if before else []
        own += [] if opened else [dialect.results_start]
        own += [dialect.results_end]
        expected = [id_ for marker in own for id_ in vocabulary.ids[marker] if id_ in
                    vocabulary.control]  # fmt: skip
        return [id_ for id_ in ids if id_ in vocabulary.control] == expected

    async def _harmless(self, passages: Sequence[Numbered]) -> tuple[Numbered, ...]:
        """The passages without those that make control ids; one fewer at the least."""
        kept = []
        for passage in passages:
            ids = await self._engine.encode(self._vocabulary.neutralise(passage.line()))
            if self._vocabulary.control.isdisjoint(ids):
                kept.append(passage)
            else:
                logger.warning("passage dropped: control tokens in %r", passage.passage.url)
        return tuple(kept) if len(kept) < len(passages) else tuple(passages[:-1])
