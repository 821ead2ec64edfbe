"""Events -> `chat.completion` and `chat.completion.chunk`. Synchronous, so testable as a table.

A stream is a role chunk, content chunks, one chunk with the annotations, the finish chunk, usage
when asked for, `[DONE]`. Reasoning is in `reasoning_content`, where DeepSeek's API has it. Searches
are shown as they happen in a field of our own, `search`, on chunks whose delta is empty; clients
that don't know it see nothing.
"""

import secrets
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from app.chat.events import (
    Cited,
    Event,
    Failed,
    Finished,
    FinishReason,
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
from app.wire.openai.logprobs import tokens_body
from app.wire.own_fields import finished_body, usage_fields
from app.wire.problems import openai_error

_encode = msgspec.json.Encoder().encode
DONE = b"data: [DONE]\n\n"
_NONE = b'"logprobs":null'
KEEPALIVE = b": keep-alive\n\n"


def new_id() -> str:
    """An id in OpenAI's form."""
    return f"chatcmpl-{secrets.token_urlsafe(18)}"


class Chunks:
    """One streamed answer."""

    def __init__(
        self, model: str, *, include_usage: bool = False, completion_id: str | None = None
    ) -> None:
        self.id = completion_id or new_id()
        self._head = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }
        self._include_usage = include_usage
        self._annotations: list[dict[str, Any]] = []
        # A content chunk differs from the next in its text alone: splice it into prepared bytes.
        frame = self._chunk({"content": 0})
        before, after = frame.split(b'"content":0', 1)
        self._before, self._after = before + b'"content":', after

    def frames(self, events: Sequence[Event]) -> bytes:
        """The stream's bytes for one batch of events."""
        out: list[bytes] = []
        for event in events:
            if type(event) is TextDelta:
                out += (self._before, _encode(event.text), self._after)
            elif type(event) is Logprobs:
                told = {"content": tokens_body(event.tokens), "refusal": None}
                after = self._after.replace(_NONE, b'"logprobs":' + _encode(told), 1)
                out[-1] = after  # of the text just before
            else:
                out.append(self._rare(event))
        return b"".join(out)

    def failed(self, error: BaseException) -> bytes:
        """The end of a stream that an unforeseen error broke off."""
        return b"data: " + _encode(openai_error(error)) + b"\n\n" + DONE

    def _rare(self, event: Event) -> bytes:
        match event:
            case Started():
                return self._chunk({"role": "assistant", "content": "", "refusal": None})
            case ReasoningDelta(text):
                return self._chunk({"reasoning_content": text})
            case Cited():
                self._annotations.append(annotation(event))
                return b""
            case QueryOpened() | SearchStarted() | SearchFinished():
                return self._chunk({}, search=search_event(event))
            case Finished(reason, usage):
                out = self._chunk({"annotations": self._annotations}) if self._annotations else b""
                out += self._chunk({}, finish_reason=reason)
                if self._include_usage:
                    body = {**self._head, "choices": [], "usage": usage_body(usage)}
                    out += b"data: " + _encode(body) + b"\n\n"
                return out + DONE
            case Failed(error, _):
                out = self._chunk({"annotations": self._annotations}) if self._annotations else b""
                return out + self.failed(error)
            case _:
                return b""

    def _chunk(
        self, delta: dict[str, Any], *, finish_reason: str | None = None, **fields: Any
    ) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        body = {**self._head, "choices": [choice], **fields}
        if self._include_usage:
            body["usage"] = None
        return b"data: " + _encode(body) + b"\n\n"


class Completion:
    """One answer given whole, or kept as a record."""

    def __init__(
        self, model: str, *, completion_id: str | None = None, logprobs: bool = False
    ) -> None:
        self.id = completion_id or new_id()
        self._model = model
        self._tokens: list[dict[str, Any]] | None = [] if logprobs else None
        self._created = int(time.time())
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._annotations: list[dict[str, Any]] = []
        self._searches: list[dict[str, Any]] = []
        self._end: Finished | Failed | None = None
        self.begun = False

    @property
    def ended(self) -> bool:
        """Whether the last event is here."""
        return self._end is not None

    def take(self, events: Sequence[Event]) -> None:
        """Add a batch of events."""
        self.begun = True
        for event in events:
            match event:
                case TextDelta(text):
                    self._text.append(text)
                case ReasoningDelta(text):
                    self._reasoning.append(text)
                case Cited():
                    self._annotations.append(annotation(event))
                case SearchFinished():
                    self._searches.append(search_event(event))
                case Logprobs(tokens) if self._tokens is not None:
                    self._tokens += tokens_body(tokens)
                case Finished() | Failed():
                    self._end = event
                case _:
                    pass

    def body(self) -> dict[str, Any]:
        """The response body, once the answer has ended. Raises the error it ended in, if one."""
        assert self._end is not None
        if isinstance(self._end, Failed):
            raise self._end.error
        return self._body(self._end.reason, self._end.usage)

    def record(self, spent: Usage) -> dict[str, Any]:
        """What is stored: the body, with what became of it in `status` and `error`.

        Args:
            spent: the cost of an answer that was cut off before it could say so itself.
        """
        match self._end:
            case Finished(reason, usage):
                return {**self._body(reason, usage), "status": "completed"}
            case Failed(error, usage):
                return {**self._body(None, usage), "status": "failed", **openai_error(error)}
            case _:
                return {**self._body(None, spent), "status": "cancelled"}

    def _body(self, finish_reason: FinishReason | None, usage: Usage) -> dict[str, Any]:
        message: dict[str, Any] = {
            "role": "assistant",
            "content": "".join(self._text),
            "refusal": None,
            "annotations": self._annotations,
        }
        if self._reasoning:
            message["reasoning_content"] = "".join(self._reasoning)
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None
            if self._tokens is None
            else {"content": self._tokens, "refusal": None},
            "finish_reason": finish_reason,
        }
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": self._created,
            "model": self._model,
            "choices": [choice],
            "usage": usage_body(usage),
            "search": self._searches,
        }


def annotation(event: Cited) -> dict[str, Any]:
    """A citation in OpenAI's nested form; offsets in code points of the content."""
    passage = event.source.passage
    return {
        "type": "url_citation",
        "url_citation": {
            "start_index": event.start,
            "end_index": event.end,
            "title": passage.title,
            "url": passage.url,
        },
    }


def search_event(
    event: QueryOpened | QueryDelta | SearchStarted | SearchFinished,
) -> dict[str, Any]:
    """What happens in a search, in our own field."""
    match event:
        case QueryOpened(index):
            return {"type": "opened", "index": index}
        case QueryDelta(index, text):
            return {"type": "query", "index": index, "text": text}
        case SearchStarted(index, queries):
            return {"type": "searching", "index": index, "queries": queries}
        case SearchFinished(index):
            return {"type": "finished", "index": index, **finished_body(event)}


def usage_body(usage: Usage) -> dict[str, Any]:
    """OpenAI's usage; generated, injected and cached tokens apart in fields of our own."""
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.generated,
        "total_tokens": usage.prompt + usage.generated,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
        **usage_fields(usage),
    }
