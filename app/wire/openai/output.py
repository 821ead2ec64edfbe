"""What an answer has put out so far, as Responses items: messages, reasoning, search calls.

An item is kept whole, with all that a search found; `shown` leaves out what a client did not ask
for with `include`. Ids follow from the response's id and the item's place, so a later request that
names an item says by that in which response it stands.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal

from app.chat.events import Cited, SearchFinished
from app.chat.token_logprob import TokenLogprob
from app.wire.openai.logprobs import tokens_body, whole_bytes
from app.wire.own_fields import finished_body

Item = dict[str, Any]
Kind = Literal["message", "reasoning", "web_search_call"]
PREFIX: dict[Kind, str] = {"message": "msg", "reasoning": "rs", "web_search_call": "ws"}

SOURCES = "web_search_call.action.sources"
RESULTS = "web_search_call.results"
OWN = "orson.search"
"""What `include` may name of a search: its sources, its results, and all that Orson says of it."""
LOGPROBS = "message.output_text.logprobs"
"""... and of a message: how likely its tokens were, where that was asked for when it was made."""


class Output:
    """The items of one answer. At most one is open, and it is the last."""

    def __init__(self, response_id: str) -> None:
        self._part = response_id.partition("_")[2]
        self.done: list[Item] = []
        """Those that are complete."""
        self.item: Item | None = None
        """The one that is open."""
        self._texts: list[str] = []
        self._logprobs: list[Item] = []  # of white space that has no message yet
        self._said = 0
        self._before = 0

    @property
    def index(self) -> int:
        """The place of the open item, or of the next one."""
        return len(self.done)

    @property
    def kind(self) -> Kind | None:
        """What is open."""
        return self.item["type"] if self.item else None

    def open(self, kind: Kind) -> Item:
        """Begin an item."""
        assert self.item is None
        id_ = f"{PREFIX[kind]}_{self._part}{self.index:02x}"
        self.item = {"id": id_, "type": kind, "status": "in_progress"}
        match kind:
            case "message":
                self.item |= {"role": "assistant", "content": []}
                self._before = self._said
            case "reasoning":
                self.item |= {"summary": []}
            case "web_search_call":
                self.item |= {"action": {"type": "search", "query": "", "queries": []}}
        return self.item

    def write(self, text: str) -> None:
        """More text of the open item."""
        self._texts.append(text)
        if self.kind == "message":
            self._said += len(text)

    def cite(self, event: Cited) -> tuple[int, Item]:
        """An annotation of the open message, and its place; offsets are the message's own."""
        part = self.part()
        annotations: list[Item] = part["annotations"]
        annotations.append(
            {
                "type": "url_citation",
                "start_index": event.start - self._before,
                "end_index": event.end - self._before,
                "url": event.source.passage.url,
                "title": event.source.passage.title,
            }
        )
        return len(annotations) - 1, annotations[-1]

    def score(self, tokens: Sequence[TokenLogprob]) -> list[Item]:
        """How likely the text just written was; empty as long as it has no message."""
        self._logprobs += whole_bytes(tokens_body(tokens))
        if self.kind != "message":
            return []
        told, self._logprobs = self._logprobs, []
        self.part()["logprobs"] += told
        return told

    def part(self) -> Item:
        """The one part of the open message or reasoning; made when first asked for."""
        assert self.item is not None
        message = self.kind == "message"
        parts: list[Item] = self.item["content" if message else "summary"]
        if not parts:
            empty: Item = {"type": "summary_text", "text": ""}
            if message:
                empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
            parts.append(empty)
        return parts[0]

    def searching(self, queries: Iterable[str]) -> None:
        """The open call's search begins."""
        assert self.item is not None
        named = list(queries)
        self.item["status"] = "searching"
        self.item["action"] |= {"query": named[0], "queries": named}

    def found(self, event: SearchFinished) -> None:
        """The open call's search is over."""
        assert self.item is not None
        self.item["search"] = finished_body(event)

    def close(self, status: Literal["completed", "incomplete", "failed"]) -> Item:
        """The open item is complete, or gets no further."""
        assert self.item is not None
        item, text = self.item, "".join(self._texts)
        item["status"] = status
        if item["type"] != "web_search_call":
            self.part()["text"] = text
        elif not item["action"]["queries"] and text.strip():
            item["action"] |= {"query": text.strip(), "queries": [text.strip()]}
        self._texts.clear()
        self.done.append(item)
        self.item = None
        return item


def shown(item: Item, include: Collection[str]) -> Item:
    """An item as a client sees it that asked for `include`."""
    if item["type"] == "message" and LOGPROBS not in include:
        scored = any(part.get("logprobs") for part in item["content"])
        parts = [{**part, "logprobs": []} for part in item["content"]] if scored else None
        return {**item, "content": parts} if parts else item
    if item["type"] != "web_search_call" or "search" not in item:
        return item
    search = item["search"]
    out = {name: value for name, value in item.items() if name != "search"}
    if SOURCES in include:
        urls = dict.fromkeys(result["url"] for result in search["results"])
        out["action"] = {**item["action"], "sources": [{"type": "url", "url": u} for u in urls]}
    if RESULTS in include:
        out["results"] = search["results"]
    if OWN in include:
        out["search"] = search
    return out


def shown_body(body: dict[str, Any], include: Collection[str]) -> dict[str, Any]:
    """A whole response as such a client sees it."""
    return {**body, "output": [shown(item, include) for item in body["output"]]}
