"""Events -> `response.*` events of the Responses API, and the response that grows with them.

    response.created  response.in_progress
    response.output_item.added                    one item after the other
      message: content_part.added  output_text.delta*  output_text.annotation.added*
               output_text.done  content_part.done
      reasoning: reasoning_summary_part.added  reasoning_summary_text.delta*
                 reasoning_summary_text.done  reasoning_summary_part.done
      search: web_search_call.in_progress         the model is writing its query
              web_search_call.searching           leaves before the search begins
              web_search_call.completed           unless it failed
    response.output_item.done
    response.completed | response.incomplete | response.failed

Text before a search is a message of its own, closed before the search call opens. White space
between two items opens the next message, so that none is empty. For a client that asked for
`orson.search` there are events of Orson's own in between: `orson.search.query.delta` as the model
types its query, `orson.search.started` with the queries, `orson.search.finished` with what came.

Events are numbered, so a renderer is given each event of its answer once.
"""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal

from app.chat.events import (
    Cited,
    Event,
    Failed,
    Finished,
    Logprobs,
    QueryDelta,
    QueryOpened,
    ReasoningDelta,
    SearchFinished,
    SearchStarted,
    Started,
    TextDelta,
    Usage,
)
from app.chat.state import Status
from app.wire.openai.numbered_frames import Frame, NumberedFrames
from app.wire.openai.output import OWN, Item, Kind, Output, shown, shown_body
from app.wire.openai.response_body import error_body, usage_body


class ResponseStream:
    """One answer, streamed or whole."""

    def __init__(
        self,
        head: dict[str, Any],
        include: Collection[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            head: the response as it is when nothing was said; `body` grows from it.
            include: what the client wants to see of searches.
            clock: seconds since 1970.
        """
        self.error: BaseException | None = None
        """What the answer broke off with."""
        self._clock = clock
        self._head = head
        self._include = frozenset(include)
        self._output = Output(head["id"])
        self._space = ""  # white space that has no message yet
        self._frames = NumberedFrames()
        self.begun = False
        """Whether anything was shown of it."""

    @property
    def status(self) -> Status:
        """What has become of the answer so far."""
        status: Status = self._head["status"]
        return status

    @property
    def ended(self) -> bool:
        """Whether the last event is here."""
        return self.status not in ("queued", "in_progress")

    @property
    def output(self) -> list[Item]:
        """The complete items, with all that is known of them."""
        return self._output.done

    def record(self) -> dict[str, Any]:
        """The whole response as it stands; `shown_body` makes of it what a client sees."""
        return {**self._head, "output": list(self.output)}

    def body(self) -> dict[str, Any]:
        """The response as this client sees it. Raises the error it broke off with, if one."""
        if self.error is not None:
            raise self.error
        return shown_body(self.record(), self._include)

    def take(self, events: Sequence[Event]) -> None:
        """Add a batch of events, for an answer that is given whole: its frames are let go."""
        self.numbered(events)

    def frames(self, events: Sequence[Event]) -> bytes:
        """The stream's bytes for one batch of events."""
        return b"".join([frame for _, frame in self.numbered(events)])

    def failed(self, error: BaseException) -> bytes:
        """The end of a stream that an unforeseen error broke off."""
        return b"".join([frame for _, frame in self.broke_off(error)])

    def numbered(self, events: Sequence[Event]) -> list[Frame]:
        """The frames not given out yet, those of this batch too, each behind its number."""
        self.feed(events)
        return self._frames.taken()

    def feed(self, events: Sequence[Event]) -> None:
        """Add a batch of events; its frames are given out with the next ones."""
        for event in events:
            if type(event) is TextDelta:
                self._text(event.text)
            else:
                self._rare(event)

    def queued(self) -> list[Frame]:
        """The first frames of an answer that waits for its turn."""
        self._head["status"] = "queued"
        self._respond("created")
        self._respond("queued")
        self.begun = True
        return self._frames.taken()

    def broke_off(self, error: BaseException, usage: Usage | None = None) -> list[Frame]:
        """The last frames of an answer that an error ended."""
        self.fail(error, usage)
        return self._frames.taken()

    def fail(self, error: BaseException, usage: Usage | None = None) -> None:
        """An error ended the answer; the frames that say so are given out with the next ones."""
        if not self.ended:
            self.error = error
            self._finish("failed", usage, error=error_body(error))

    def cancelled(self, usage: Usage | None = None) -> list[Frame]:
        """The last frames of an answer that somebody ended."""
        self.cancel(usage)
        return self._frames.taken()

    def cancel(self, usage: Usage | None = None) -> None:
        """Somebody ended the answer; the frames that say so are given out with the next ones."""
        if not self.ended:
            self._finish("cancelled", usage)

    # -- events ------------------------------------------------------------------------------

    def _text(self, text: str) -> None:
        if self._output.kind != "message":
            text = self._space + text
            if text.isspace():
                self._space = text
                return
            self._open_message()
        self._output.write(text)
        self._frames.delta(text)

    def _reason(self, text: str) -> None:
        if self._output.kind != "reasoning":
            self._open("reasoning")
            self._part("response.reasoning_summary_part.added", summary_index=0)
            self._prepare("response.reasoning_summary_text.delta", summary_index=0)
        self._output.write(text)
        self._frames.delta(text)

    def _rare(self, event: Event) -> None:
        match event:
            case Started():
                self._head["status"] = "in_progress"
                if not self.begun:
                    self._respond("created")
                    self.begun = True
                self._respond("in_progress")
            case ReasoningDelta(text):
                self._reason(text)
            case Logprobs(tokens):
                if told := self._output.score(tokens):
                    self._frames.scored(told)
            case Cited():
                place, annotation = self._output.cite(event)
                self._send(
                    "response.output_text.annotation.added",
                    content_index=0,
                    annotation_index=place,
                    annotation=annotation,
                )
            case QueryOpened():
                self._open("web_search_call")
                self._send("response.web_search_call.in_progress")
            case QueryDelta(_, text):
                self._output.write(text)
                self._own("orson.search.query.delta", delta=text)
            case SearchStarted(_, queries):
                self._output.searching(queries)
                self._send("response.web_search_call.searching")
                self._own("orson.search.started", queries=queries)
            case SearchFinished():
                self._output.found(event)
                if ok := bool(event.passages or event.failure is None):
                    self._send("response.web_search_call.completed")
                assert self._output.item is not None
                self._own("orson.search.finished", search=self._output.item["search"])
                self._close("completed" if ok else "failed")
            case Finished(reason, usage):
                if space := self._space:  # the answer's last, with no text to lead
                    self._open_message()
                    self._output.write(space)
                    self._frames.delta(space)
                full = {"incomplete_details": {"reason": "max_output_tokens"}}
                if reason == "length":
                    self._finish("incomplete", usage, **full)
                else:
                    self._finish("completed", usage)
            case Failed(error, usage):
                self.fail(error, usage)

    # -- items -------------------------------------------------------------------------------

    def _open(self, kind: Kind) -> None:
        self._close("completed")
        item = self._output.open(kind)
        self._send("response.output_item.added", identified=False, item=item)

    def _open_message(self) -> None:
        self._space = ""
        self._open("message")
        self._part("response.content_part.added", content_index=0)
        self._prepare("response.output_text.delta", content_index=0, logprobs=[])

    def _close(self, status: Literal["completed", "incomplete", "failed"]) -> None:
        kind = self._output.kind
        if kind is None:
            return
        if kind == "web_search_call" and "search" not in (self._output.item or {}):
            status = "failed"  # opened, and nothing was searched
        index, item = self._output.index, self._output.close(status)
        if kind == "message":
            part = item["content"][0]
            place = {"item_id": item["id"], "output_index": index, "content_index": 0}
            text = {"text": part["text"], "logprobs": part["logprobs"]}
            self._frames.add("response.output_text.done", place | text)
            self._frames.add("response.content_part.done", {**place, "part": part})
        elif kind == "reasoning":
            part = item["summary"][0]
            place = {"item_id": item["id"], "output_index": index, "summary_index": 0}
            self._frames.add(
                "response.reasoning_summary_text.done", {**place, "text": part["text"]}
            )
            self._frames.add("response.reasoning_summary_part.done", {**place, "part": part})
        seen = shown(item, self._include)
        self._frames.add("response.output_item.done", {"output_index": index, "item": seen})

    def _finish(
        self,
        status: Literal["completed", "incomplete", "failed", "cancelled"],
        usage: Usage | None,
        **fields: Any,
    ) -> None:
        self._close("completed" if status == "completed" else "incomplete")
        self._head |= {"status": status, **fields}
        if status == "completed":
            self._head["completed_at"] = int(self._clock())
        if usage is not None:
            self._head["usage"] = usage_body(usage)
        # The API has no event for a cancelled answer; it is one that stays incomplete.
        self._respond("incomplete" if status == "cancelled" else status)

    # -- frames ------------------------------------------------------------------------------

    def _respond(self, name: str) -> None:
        seen = shown_body(self.record(), self._include)
        self._frames.add(f"response.{name}", {"response": seen})

    def _part(self, type_: str, **place: Any) -> None:
        self._send(type_, part=self._output.part(), **place)

    def _own(self, type_: str, **fields: Any) -> None:
        if OWN in self._include:
            self._send(type_, **fields)

    def _send(self, type_: str, *, identified: bool = True, **fields: Any) -> None:
        assert self._output.item is not None
        place = {"item_id": self._output.item["id"]} if identified else {}
        self._frames.add(type_, {**place, "output_index": self._output.index, **fields})

    def _prepare(self, type_: str, **fields: Any) -> None:
        assert self._output.item is not None
        place = {"item_id": self._output.item["id"], "output_index": self._output.index}
        self._frames.prepare(type_, place | fields)
