"""A dialect: how one family of models opens a search, reads its results, and thinks.

A dialect is data. Its markers may be single tokens of the model's vocabulary or plain text of
several tokens; nothing here depends on which. `docs/dialect.md` is the specification.

    text  SEARCH_START query SEARCH_END  lead RESULTS_START opening lines closing RESULTS_END trail
          '------- the model ---------'  '--------------------- the gateway --------------------'
"""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.dialect.calls import Reader, lines
from app.dialect.results import Frame


class Section(enum.Enum):
    """What a message is, by its header, where a model's turn is several messages."""

    PROSE = "prose"
    REASONING = "reasoning"
    QUERY = "query"
    FORGED = "forged"


@dataclass(frozen=True, slots=True)
class Headers:
    """The markers of a turn that is several messages, each under a header (gpt-oss' harmony)."""

    start: str
    """Opens a message; its author follows."""
    channel: str
    """Stands in a header."""
    body: str
    """Ends the header."""
    end: str
    """Ends the message."""
    sections: tuple[tuple[str, Section], ...]
    """Patterns of headers, the first that is found counts; with none the text is prose."""

    @property
    def literals(self) -> tuple[str, ...]:
        """All of its markers."""
        return self.start, self.channel, self.body, self.end

    def section(self, header: str) -> Section:
        """What the message under `header` is."""
        found = (section for pattern, section in self.sections if re.search(pattern, header))
        return next(found, Section.PROSE)


@dataclass(frozen=True, slots=True)
class Lesson:
    """How a model that was trained on this dialect is told that it may search."""

    text: str
    """The gateway's own words; `{today}` is replaced by the day."""
    place: Literal["system", "user"] = "system"
    """The system message, or the front of the last question where training had it there."""
    template: Mapping[str, object] = field(default_factory=dict)
    """What the chat template is given beside the messages: `tools`, or arguments of its own."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The literals one family of models was trained or taught to use."""

    name: str
    search_start: str
    search_end: str
    results_start: str
    """Written by the model itself, it is a forgery; empty where that can't be told."""
    results_end: str
    reasoning: tuple[str, str] | None = ("<think>", "</think>")
    """Around what the model thinks; it goes to clients apart from the answer."""
    wrappers: tuple[str, ...] = ()
    """Left out of the answer and not counted, such as `<answer>`."""
    answer_end: str = ""
    """The answer ends here, whatever the model would go on to say."""
    bare: tuple[str, ...] = ()
    """Beginnings of a call that has no start marker, at the very start of a turn."""
    headers: Headers | None = None
    """Where a turn is several messages, their headers open spans and `search_start` is only what a
    model is kept from writing when it may not search."""
    read: Reader = lines
    """What stands in a span -> what is asked."""
    opening: str = ""
    """What is written for the model to make it search: by default the start marker."""
    structured: bool = False
    """What stands in a span is a call and no text for people; the end of the turn closes it."""
    overhead: int = 0
    """Characters that a call may take beside its query."""
    inside: tuple[str, ...] = ()
    """Control tokens that are part of a call."""
    ends_turn: bool = False
    """The end marker is a token that ends the turn: outside of a span, it is the answer's end."""
    new_turn: bool = False
    """Results stand in a turn of their own, behind which a new turn of the model begins. Such calls
    stand outside of its reasoning."""
    frame: Frame = field(default_factory=Frame)
    lesson: Lesson | None = field(default=None, compare=False)
    """None: taught by `app.dialect.instructions`, by one line or by example."""
    signature: tuple[str, ...] = ()
    """Single tokens by which a tokenizer shows that its model speaks this."""

    @property
    def markers(self) -> tuple[str, str, str, str]:
        """Search start and end, results start and end."""
        return self.search_start, self.search_end, self.results_start, self.results_end

    @property
    def stops(self) -> tuple[str, ...]:
        """Where the engine is made to stop."""
        return tuple(filter(None, (self.search_end, self.results_start, self.answer_end)))

    @property
    def literals(self) -> tuple[str, ...]:
        """Everything that outside text must not say."""
        every = (
            *(self.markers[1:] if self.headers else self.markers),
            *(self.reasoning or ()),
            *self.wrappers,
            self.answer_end,
            *(self.headers.literals if self.headers else ()),
            *self.signature,
        )
        return tuple(dict.fromkeys(filter(None, every)))

    @property
    def call(self) -> str:
        """What opens a span when it is opened for the model."""
        return self.opening or self.search_start

    @property
    def seed(self) -> str:
        """What of `call` is part of what stands in the span."""
        if self.headers is not None:
            return self.opening.rpartition(self.headers.body)[2]
        return self.opening.removeprefix(self.search_start)


ORSON = Dialect(
    "orson",
    "[SEARCH_START]",
    "[SEARCH_END]",
    "[RESULTS_START]",
    "[RESULTS_END]",
    signature=("[SEARCH_START]", "[SEARCH_END]", "[RESULTS_START]", "[RESULTS_END]"),
)
"""The dialect of the bundled model, and the one any other model is taught."""
