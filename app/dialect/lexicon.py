"""The markers of a dialect as a detector looks for them: each with the part it plays.

Also which of them the model really said. A marker that is one token of the vocabulary is written by
sampling that token; the same characters spelled in ordinary tokens are a quotation. The ids decide,
and `Sampled` reads them.
"""

import enum
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.dialect.markers import Dialect


class Role(enum.Enum):
    """What a literal means where it stands."""

    SEARCH = "search"
    SEARCH_END = "search end"
    RESULTS = "results"
    RESULTS_END = "results end"
    THINK = "think"
    THINK_END = "think end"
    BARE = "bare"
    """The beginning of a call without a start marker; part of the call."""
    START = "start"
    CHANNEL = "channel"
    BODY = "body"
    END = "end"
    ANSWER_END = "answer end"
    WRAPPER = "wrapper"
    STRAY = "stray"
    """Means nothing wherever it stands: left out, and counted."""


MESSAGES = frozenset({Role.START, Role.CHANNEL, Role.BODY, Role.END})
"""The parts of messages."""
MAX_HEADER = 256
"""Characters of a message's header; the longest that gpt-oss writes has 60."""
QUOTATION = frozenset("\"'“‘«「")
"""Marks behind which a marker of plain text is a quotation."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The literals of a dialect, compiled."""

    roles: Mapping[str, Role]
    marker: re.Pattern[str]
    """Any of the literals."""
    begin: re.Pattern[str]
    """What any of them may begin with, a backtick with them: the text that needs a closer look."""
    longest: int


@lru_cache(maxsize=64)
def lexicon(dialect: Dialect, drop: frozenset[str] = frozenset()) -> Lexicon:
    """The lexicon of `dialect`; literals in `drop` that play no part in it are left out."""
    roles = dict.fromkeys(drop, Role.STRAY)
    roles[dialect.results_end] = Role.RESULTS_END
    roles |= dict.fromkeys(dialect.wrappers, Role.WRAPPER)
    roles |= dict.fromkeys(dialect.bare, Role.BARE)
    if dialect.reasoning is not None:
        roles |= dict(zip(dialect.reasoning, (Role.THINK, Role.THINK_END), strict=True))
    roles[dialect.results_start] = Role.RESULTS
    roles[dialect.search_end] = Role.SEARCH_END
    roles[dialect.answer_end] = Role.ANSWER_END
    if dialect.headers is None:
        roles[dialect.search_start] = Role.SEARCH
    else:
        parts = (Role.START, Role.CHANNEL, Role.BODY, Role.END)
        roles |= dict(zip(dialect.headers.literals, parts, strict=True))
    roles.pop("", None)
    literals = sorted(roles, key=len, reverse=True)
    begins = {literal[0] for literal in literals} | {"`"}
    return Lexicon(
        roles={literal: roles[literal] for literal in literals},
        marker=re.compile("|".join(map(re.escape, literals))),
        begin=re.compile(f"[{re.escape(''.join(sorted(begins)))}]"),
        longest=len(literals[0]),
    )


class Sampled:
    """The markers that the model sampled in one leg. Ids are read when a literal turns up."""

    def __init__(self, singles: Mapping[str, int], ids: Sequence[int] = (), start: int = 0) -> None:
        """
        Args:
            singles: the literals that are one token, with its id.
            ids: the sequence, which grows while it is read.
            start: where in it the leg begins.
        """
        self._singles = singles
        self._literals = {id_: literal for literal, id_ in singles.items()}
        self._ids = ids
        self._at = start
        self._counts: Counter[str] = Counter()

    def __contains__(self, literal: str) -> bool:
        """Whether ids decide about this literal."""
        return literal in self._singles

    def takes(self, literal: str, further: int) -> bool:
        """Whether the `literal` in the text is one that was sampled.

        Text may come several tokens at a time, and some of it spelled: then the last ones count.
        `further` is how often the literal stands behind this one in the text that is here.
        """
        for id_ in self._ids[self._at :]:
            if id_ in self._literals:
                self._counts[self._literals[id_]] += 1
        self._at = len(self._ids)
        if self._counts[literal] <= further:
            return False
        self._counts[literal] -= 1
        return True

    def ended_at(self, literal: str) -> bool:
        """Whether the leg ended with that token; engines that stop on text can't tell."""
        return self._singles[literal] in self._ids[-4:]
