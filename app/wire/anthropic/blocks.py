"""Events -> the blocks of an Anthropic message, as the steps by which a stream tells of them.

    thinking                 what a reasoning model thinks, where the request asked to see it
    text                     the answer; a piece of it ends behind its `[n]`, with the citation
    server_tool_use          a search: its query comes as the model writes it
    web_search_tool_result   what it brought, whole, as soon as it is over

A step is the body of one stream event: `content_block_start`, `content_block_delta`,
`content_block_stop`. A stream sends them and a whole answer folds them (`fold`), so the two can't
tell different stories.

A request without the search tool is from a client that may not know its blocks: then the searches
are not shown, and the answer is one text, with its citations.
"""

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from app.chat.events import (
    Cited,
    Event,
    Failed,
    Finished,
    QueryDelta,
    QueryOpened,
    ReasoningDelta,
    SearchFinished,
    SearchStarted,
    TextDelta,
)
from app.wire.anthropic.sources import Step, brought, citation, failed

Kind = Literal["text", "thinking", "server_tool_use"]

_CLOSING = re.compile(r"[.,;:!?)\]\"'’”»]*")
"""What may stand behind a citation and still belong to the sentence that it ends."""
_CITATION = re.compile(r"\[\d+(?:, ?\d+)*\]")


def new_id(prefix: str) -> str:
    """An id in Anthropic's form."""
    return f"{prefix}_{secrets.token_urlsafe(18)}"


@dataclass(frozen=True, slots=True)
class Shown:
    """Which blocks the client has asked to see."""

    searches: bool = False
    thinking: Literal["none", "whole", "signature"] = "none"
    """`signature`: a block that says that there was thinking, and not what."""
    max_uses: int | None = None
    """Searches that the client allows; says why one was not made."""
    max_query_chars: int | None = None
    """Likewise: a longer query is not searched for."""


class Blocks:
    """The content of one message, as it grows."""

    def __init__(self, shown: Shown, ids: Callable[[str], str] = new_id) -> None:
        self._shown = shown
        self._new_id = ids
        self._index = -1
        self._open: Kind | None = None
        self._at = 0  # code points of the answer so far
        self._between = ""  # white space that has no block yet: one of nothing else is not allowed
        self._cited = False  # the open text cites; what follows is another piece
        self._claim: list[str] = []  # the text since the last citation
        self._claimed = ""
        self._thought = hashlib.sha256()
        self._tool_id = ""
        self._query = ""
        self._space = ""  # of the query; held back, since its end is stripped
        self._spans = 0
        self._searching = False

    @property
    def plain(self) -> int | None:
        """Index of the open text block, if more text is nothing but a delta to it."""
        parted = self._cited and self._shown.searches
        return self._index if self._open == "text" and not parted else None

    def wrote(self, text: str) -> None:
        """More of the answer's text; told of by the caller where it saw that it was `plain`."""
        self._at += len(text)
        self._claim.append(text)

    def take(self, events: Sequence[Event]) -> Iterator[Step]:
        """What a batch of events adds. The events' own order is kept."""
        position, count = 0, len(events)
        while position < count:
            event = events[position]
            position += 1
            match event:
                case TextDelta(text):
                    cited = []
                    while position < count and isinstance(behind := events[position], Cited):
                        cited.append(behind)
                        position += 1
                    yield from self._text(text, cited)
                case Cited():  # of a text that came in an earlier batch
                    yield from self._cite(event)
                case ReasoningDelta(text):
                    yield from self._thinking(text)
                case Finished() | Failed():
                    yield from self._end()
                case _:
                    if self._shown.searches:
                        yield from self._search(event)

    # -- text --------------------------------------------------------------------------------

    def _text(self, text: str, cited: Sequence[Cited]) -> Iterator[Step]:
        begins = self._at
        for event in cited:
            told = self._at - begins
            yield from self._piece(text[told : max(told, event.end - begins)])
            yield from self._cite(event)
        yield from self._piece(text[self._at - begins :])

    def _piece(self, text: str) -> Iterator[Step]:
        self.wrote(text)
        if self.plain is None and self._open == "text" and _says_something(text):
            ends = len(_CLOSING.match(text)[0])  # type: ignore[index]  # it matches nothing, too
            if ends:
                yield self._delta({"type": "text_delta", "text": text[:ends]})
            text = text[ends:]
            yield from self._close()
        if self._open != "text":
            text, self._between = self._between + text, ""
            if not text.strip():
                self._between = text
                return
            yield from self._begin("text", {"type": "text", "text": ""})
        if text:
            yield self._delta({"type": "text_delta", "text": text})

    def _cite(self, event: Cited) -> Iterator[Step]:
        if self._open != "text":
            yield from self._begin("text", {"type": "text", "text": ""})
        self._cited = True
        claim, self._claim = "".join(self._claim), []
        if _says_something(claim):  # else it is the same claim's second source
            self._claimed = claim
        cited = citation(event.source, self._claimed)
        yield self._delta({"type": "citations_delta", "citation": cited})

    # -- thinking ----------------------------------------------------------------------------

    def _thinking(self, text: str) -> Iterator[Step]:
        if self._shown.thinking == "none":
            return
        if self._open != "thinking":
            block = {"type": "thinking", "thinking": "", "signature": ""}
            yield from self._begin("thinking", block)
        self._thought.update(text.encode())
        if self._shown.thinking == "whole":
            yield self._delta({"type": "thinking_delta", "thinking": text})

    # -- searches ----------------------------------------------------------------------------

    def _search(self, event: Event) -> Iterator[Step]:
        match event:
            case QueryOpened():
                yield from self._close()  # it may be another search, with an id of its own
                self._tool_id, self._query, self._space = self._new_id("srvtoolu"), "", ""
                block = {"type": "server_tool_use", "id": self._tool_id, "name": "web_search"}
                yield from self._begin("server_tool_use", {**block, "input": {}})
                yield self._input('{"query": "')
            case QueryDelta(_, text):
                yield from self._wrote(text)
            case SearchStarted(_, queries):
                if not self._query:
                    yield from self._wrote("\n".join(queries))
                self._spans += 1
                self._searching = True
                yield from self._close()
            case SearchFinished():
                self._searching = False
                yield from self._result(brought(event))
            case _:
                pass

    def _wrote(self, text: str) -> Iterator[Step]:
        text = self._space + text
        if not self._query:
            text = text.lstrip()
        shown = text.rstrip()
        self._space = text[len(shown) :]
        if shown:
            self._query += shown
            yield self._input(msgspec.json.encode(shown).decode()[1:-1])

    def _result(self, content: list[Step] | Step) -> Iterator[Step]:
        block = {"type": "web_search_tool_result", "tool_use_id": self._tool_id}
        self._index += 1
        start = {"type": "content_block_start", "index": self._index}
        yield {**start, "content_block": {**block, "content": content}}
        yield {"type": "content_block_stop", "index": self._index}

    def _why_not(self) -> str:
        """Why a search that was asked for is not made, as far as that is known."""
        shown = self._shown
        if shown.max_uses is not None and self._spans >= shown.max_uses:
            return "max_uses_exceeded"
        if shown.max_query_chars is not None and len(self._query) >= shown.max_query_chars:
            return "query_too_long"
        return "invalid_tool_input"

    # -- opening and closing -----------------------------------------------------------------

    def _begin(self, kind: Kind, block: Step) -> Iterator[Step]:
        yield from self._close()
        self._index += 1
        self._open, self._cited, self._thought = kind, False, hashlib.sha256()
        yield {"type": "content_block_start", "index": self._index, "content_block": block}

    def _close(self) -> Iterator[Step]:
        kind = self._open
        if kind == "thinking":
            signature = b64encode(self._thought.digest()).decode()
            yield self._delta({"type": "signature_delta", "signature": signature})
        elif kind == "server_tool_use":
            yield self._input('"}')
        if kind is not None:
            yield self._stop()
        if kind == "server_tool_use" and not self._searching:
            yield from self._result(failed(self._why_not()))

    def _end(self) -> Iterator[Step]:
        yield from self._close()
        if self._searching:
            self._searching = False
            yield from self._result(failed("unavailable"))

    def _stop(self) -> Step:
        self._open = None
        return {"type": "content_block_stop", "index": self._index}

    def _delta(self, delta: Step) -> Step:
        return {"type": "content_block_delta", "index": self._index, "delta": delta}

    def _input(self, part: str) -> Step:
        return self._delta({"type": "input_json_delta", "partial_json": part})


def _says_something(text: str) -> bool:
    """Whether there is more than citations, and what stands between and behind them."""
    return any(char.isalnum() for char in _CITATION.sub("", text))
