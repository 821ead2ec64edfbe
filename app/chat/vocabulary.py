"""What one engine's tokenizer makes of one dialect's markers, learned once at start.

Tells which markers are single tokens (there the engine stops on ids) and which are text of several
(there on strings), and which ids are *control*: those outside text must never produce.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
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
"""Texts the engine is asked about at a time: each is a request of its own."""

AN_ID = "0"
"""Stands for any id of a call."""

_SAMPLE = (
    "[1] Elin Lindqvist - Encyclopedia (www.example.org, 2024-03-11): Elin Lindqvist (born 14 May "
    "1931 in Harwick, died 2009) was a botanist who described more than 120 species of moss. She "
    "studied in Uppsala, where her father kept the lighthouse for thirty years, and taught from "
    '1962 on.\n[2] The mosses of Varn Island: a field guide (2nd edition): "Most of them", she '
    'wrote, "grow within 40 m of the sea."'
)
"""English results as they stand in a block, with more names and figures than most: of 300 blocks
made of articles, 285 took fewer of the bundled model's tokens per character."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A dialect, as one tokenizer sees it."""

    dialect: Dialect
    ids: Mapping[str, tuple[int, ...]]
    """The ids of each literal of the dialect."""
    singles: Mapping[str, int]
    """The literals that are one token, the tokenizer's own among them."""
    control: frozenset[int]
    """Ids that outside text must not turn into."""
    neutralise: Neutraliser
    chars_per_token: float
    """Of results in English: a first guess when fitting text to a token budget."""
    opening: tuple[int, ...]
    """What opens a span for the model."""
    opening_in_thought: tuple[int, ...]
    """The same where the prompt has opened its reasoning, which some calls stand outside of."""
    framing: Mapping[str, tuple[int, ...]]
    """The control ids in each part of the frame around results."""

    @property
    def single(self) -> bool:
        """Whether every marker is one token."""
        return all(marker in self.singles for marker in self.dialect.markers)

    @property
    def template_literals(self) -> frozenset[str]:
        """Literals beside the dialect's that must not reach a client."""
        return frozenset(self.singles) - {*TEMPLATE_LITERALS, *self.dialect.inside}

    def stops(self) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """Stop ids and stop strings with which the engine ends a leg at a marker."""
        return self.split(self.dialect.stops)

    def marker(self, stopped: Stopped | None) -> str | None:
        """The marker at which a leg ended, if it ended at one."""
        match = stopped.match if stopped else None
        stops = self.dialect.stops
        if isinstance(match, str):
            return match if match in stops else None
        return next((stop for stop in stops if match == self.singles.get(stop, -1)), None)

    def thinking(self, prompt: Sequence[int]) -> bool:
        """Whether the prompt has opened the model's reasoning, as some chat templates do."""
        if self.dialect.reasoning is None:
            return False
        begins, ends = (self.ids[literal] for literal in self.dialect.reasoning)
        tail = tuple(prompt[-len(begins) - len(ends) - 4 :])  # white space may stand behind it
        return _last(tail, begins) > _last(tail, ends)

    def split(self, literals: Iterable[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """What of these is one token, as ids, and the rest as text."""
        literals = [literal for literal in literals if literal]
        return (
            tuple(self.singles[literal] for literal in literals if literal in self.singles),
            tuple(literal for literal in literals if literal not in self.singles),
        )


def _last(ids: tuple[int, ...], part: tuple[int, ...]) -> int:
    """Where `part` stands last in `ids`; -1 if nowhere."""
    places = range(len(ids) - len(part), -1, -1) if part else ()
    return next((at for at in places if ids[at : at + len(part)] == part), -1)


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
    known = tuple(dict.fromkeys((*dialect.literals, *added[:MAX_ADDED], *BARRED_LITERALS)))
    by_literal = await encoded(engine, dict.fromkeys((*known, *TEMPLATE_LITERALS)))
    single = {literal: ids[0] for literal, ids in by_literal.items() if len(ids) == 1}
    control = frozenset(single.values())
    frame = dialect.frame
    around = (*frame.around(), *frame.around(id_=AN_ID))
    parts = (*dialect.markers, frame.lead, *around, frame.trail, thought(dialect))
    parts_ids = await encoded(engine, dict.fromkeys(parts))
    call = dialect.call
    aside = f"\n{dialect.reasoning[1]}\n\n" if dialect.reasoning and dialect.new_turn else ""
    calls = await encoded(engine, dict.fromkeys((call, aside + call)))
    return Vocabulary(
        dialect=dialect,
        ids={literal: by_literal[literal] for literal in dialect.literals},
        singles={literal: id_ for literal, id_ in single.items() if literal in known},
        control=control,
        neutralise=Neutraliser(
            literal for literal in known if literal in dialect.literals or literal in single
        ),
        chars_per_token=len(_SAMPLE) / max(1, len(await engine.encode(_SAMPLE))),
        opening=calls[call],
        opening_in_thought=calls[aside + call],
        framing={
            part: tuple(id_ for id_ in ids if id_ in control) for part, ids in parts_ids.items()
        },
    )


def thought(dialect: Dialect) -> str:
    """What opens the model's reasoning anew, where the chat template has it open."""
    return f"{dialect.reasoning[0]}\n" if dialect.reasoning and dialect.new_turn else ""


async def encoded(engine: Engine, texts: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """The ids of each text. The engine is asked about a few at a time."""
    asked = list(texts)
    by_text: dict[str, tuple[int, ...]] = {}
    for start in range(0, len(asked), PROBES):
        batch = asked[start : start + PROBES]
        ids = await asyncio.gather(*(engine.encode(text) for text in batch))
        by_text.update(zip(batch, map(tuple, ids), strict=True))
    return by_text
