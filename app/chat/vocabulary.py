"""What one engine's tokenizer makes of one dialect's markers, learned once at start.

Tells whether the markers are single tokens (then the engine stops on ids) or text of several
(then on strings), and which ids are *control*: those outside text must never produce.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.chat.ports import Engine, Stopped
from app.dialect.markers import Dialect
from app.dialect.neutralise import TEMPLATE_LITERALS, Neutraliser

logger = logging.getLogger(__name__)

BARRED_LITERALS = tuple(
    f"<|{name}|>"
    for name in (
        "im_start", "im_end", "im_sep", "endoftext", "eot_id", "eom_id", "python_tag",
        "begin_of_text", "end_of_text", "start_header_id", "end_header_id", "finetune_right_pad_id",
        "user", "assistant", "system", "end", "pad", "bos", "eos", "start", "message", "channel",
        "call", "return", "constrain", "tool", "begin_search_query", "end_search_query",
        "begin_search_result", "end_search_result",
    )
)  # fmt: skip
"""Probed at start: those of them that this tokenizer knows as one token are control tokens."""

MAX_ADDED = 10_000
"""Added tokens that are looked at; Gemma has more than six thousand, most others a few hundred."""
PROBES = 32
"""Literals the engine is asked about at a time: each is a request of its own."""

_SAMPLE = (
    "The encyclopedia says that the botanist was born in 1931 in a small town by the sea, "
    "where her father kept the lighthouse for thirty years."
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A dialect, as one tokenizer sees it."""

    dialect: Dialect
    ids: Mapping[str, tuple[int, ...]]
    """The ids of each of the four markers."""
    control: frozenset[int]
    """Ids that outside text must not turn into."""
    neutralise: Neutraliser
    chars_per_token: float
    """Of plain English: a first guess when fitting text to a token budget."""

    @property
    def single(self) -> bool:
        """Whether every marker is one token."""
        return all(len(ids) == 1 for ids in self.ids.values())

    @property
    def template_literals(self) -> tuple[str, ...]:
        """Literals beside the markers that must not reach a client."""
        return tuple(set(self.neutralise.literals) - set(TEMPLATE_LITERALS))

    def stops(self) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """Stop ids and stop strings with which the engine ends a leg at a marker."""
        markers = (self.dialect.search_end, self.dialect.results_start)
        if self.single:
            return tuple(self.ids[marker][0] for marker in markers), ()
        return (), markers

    def marker(self, stopped: Stopped | None) -> str | None:
        """The marker at which a leg ended, if it ended at one."""
        match = stopped.match if stopped else None
        if isinstance(match, str):
            return match if match in self.ids else None
        return next((name for name, ids in self.ids.items() if ids == (match,)), None)


async def learn(engine: Engine, dialect: Dialect, literals: Iterable[str] = ()) -> Vocabulary:
    """Ask the engine's tokenizer about a dialect.

    Args:
        engine: whose tokenizer to ask.
        dialect: the markers.
        literals: the tokenizer's added tokens, where known, of which the first MAX_ADDED count;
            the common ones are probed anyway.
    """
    # Some tokenizers have runs of white space as added tokens: those are text and no control.
    added = [literal for literal in literals if len(literal.strip()) > 1]
    if len(added) > MAX_ADDED:
        logger.warning("Of %d added tokens only %d are guarded against.", len(added), MAX_ADDED)
    known = tuple(dict.fromkeys((*dialect.markers, *added[:MAX_ADDED], *BARRED_LITERALS)))
    probed = tuple(dict.fromkeys((*known, *TEMPLATE_LITERALS)))
    by_literal: dict[str, tuple[int, ...]] = {}
    for start in range(0, len(probed), PROBES):
        batch = probed[start : start + PROBES]
        encoded = await asyncio.gather(*(engine.encode(literal) for literal in batch))
        by_literal.update(zip(batch, map(tuple, encoded), strict=True))
    single = {literal for literal, ids in by_literal.items() if len(ids) == 1}
    return Vocabulary(
        dialect=dialect,
        ids={marker: by_literal[marker] for marker in dialect.markers},
        control=frozenset(by_literal[literal][0] for literal in single),
        neutralise=Neutraliser(
            literal for literal in known if literal in dialect.markers or literal in single
        ),
        chars_per_token=len(_SAMPLE) / max(1, len(await engine.encode(_SAMPLE))),
    )
