"""Which tokens a piece of the answer was made of, and how likely the engine found each.

An engine tells of every token it samples: markers, queries, thoughts and citations that are taken
out again are among them, and text is held back meanwhile. A client wants to know of the tokens of
the answer's text. So tokens are collected as they come and claimed by the text as it leaves:

    sampled   " It" " is" "[SEARCH_START]" " q" "[SEARCH_END]"   " so" " [7]" "."
    shown     " It is"                                           " so."
    claimed   " It" " is"                                        " so" "."

Only answers for which they were asked pay for it.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.chat.events import (
    Event,
    Logprobs,
    QueryOpened,
    ReasoningDelta,
    SearchFinished,
    SearchStarted,
    TextDelta,
)
from app.chat.token_logprob import TokenLogprob

PARTIAL = "\N{REPLACEMENT CHARACTER}"
"""What a token is written as that has a part of a character only."""
AHEAD = 512
"""Characters that may have been taken out in front of what is shown: a citation has 384 at most."""


@dataclass(slots=True)
class _Said:
    """A token with text, and those before it that had a part of its first character only."""

    tokens: tuple[TokenLogprob, ...]
    left: int
    """Characters that no text has passed yet."""
    told: bool = False


class Claims:
    """The tokens of one answer that its text has not claimed yet."""

    def __init__(self) -> None:
        self._said: deque[_Said] = deque()
        self._raw = ""  # the text of `_said`, as far as it is left
        self._partial: list[TokenLogprob] = []
        self._asking = False  # what is left is a query, or has been claimed

    def leg(self) -> None:
        """Another leg begins: what is left of a query will not be shown."""
        if self._asking:
            self._drop()

    def sampled(self, tokens: Sequence[TokenLogprob]) -> None:
        """The engine has sampled these."""
        for token in tokens:
            if not token.token or PARTIAL in token.token:
                self._partial.append(token)
                continue
            self._said.append(_Said((*self._partial, token), len(token.token)))
            self._raw += token.token
            self._partial.clear()

    def told(self, events: Sequence[Event]) -> list[Event]:
        """A batch of events, each text followed by its tokens."""
        out: list[Event] = []
        for event in events:
            out.append(event)
            match event:
                case TextDelta(text):
                    self._asking = False
                    if tokens := tuple(self._claim(text)):
                        out.append(Logprobs(tokens))
                case ReasoningDelta(text):
                    self._asking = False
                    for _ in self._claim(text):
                        pass
                case QueryOpened():
                    self._asking = True
                case SearchStarted() | SearchFinished():
                    self._drop()
                case _:
                    pass
        return out

    def _claim(self, text: str) -> Iterator[TokenLogprob]:
        raw = self._raw[: AHEAD + len(text)]
        at = raw.find(text)
        # Else something was taken out of it, or a token's text alone differs from it in context.
        blocks = [(at, len(text))] if at >= 0 else _blocks(raw, text)
        if not blocks:
            yield from self._partial
            self._partial.clear()
        position = 0
        for start, size in blocks:
            self._pass(start - position)
            yield from self._pass(size, claimed=True)
            position = start + size

    def _pass(self, count: int, *, claimed: bool = False) -> list[TokenLogprob]:
        """Go past so many characters; the tokens that are claimed by that."""
        tokens: list[TokenLogprob] = []
        self._raw = self._raw[count:]
        while count:
            first = self._said[0]
            if claimed and not first.told:
                first.told = True
                tokens += first.tokens
            step = min(count, first.left)
            first.left -= step
            count -= step
            if not first.left:
                self._said.popleft()
        return tokens

    def _drop(self) -> None:
        self._said.clear()
        self._partial.clear()
        self._raw = ""


def _blocks(raw: str, text: str) -> list[tuple[int, int]]:
    """Where in `raw` the pieces of `text` stand, and how long they are."""
    blocks: list[tuple[int, int]] = []
    for at, _, size in SequenceMatcher(None, raw, text, autojunk=False).get_matching_blocks():
        # What is taken out goes with the space before it, so the one behind it is what is left.
        while blocks and size and blocks[-1][1] and _last(raw, blocks[-1]) == raw[at - 1] == " ":
            blocks[-1] = (blocks[-1][0], blocks[-1][1] - 1)
            at, size = at - 1, size + 1
        if size:
            blocks.append((at, size))
    return blocks


def _last(raw: str, block: tuple[int, int]) -> str:
    return raw[sum(block) - 1]
