"""Events -> Anthropic's Messages format, as a stream and whole. Synchronous, as all formats are.

A stream is `message_start`, a ping, the blocks (see `blocks`), `message_delta` with the
reason and the usage, `message_stop`. An answer that breaks off ends with an `error` event.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from app.chat.events import Event, Failed, Finished, Started, TextDelta, Usage
from app.wire.anthropic.blocks import Blocks, Shown, new_id
from app.wire.anthropic.sources import Step
from app.wire.own_fields import usage_fields
from app.wire.problems import anthropic_error

_encode = msgspec.json.Encoder().encode
PING = b'event: ping\ndata: {"type": "ping"}\n\n'
_AFTER = b"}}\n\n"


class MessageStream:
    """One streamed message."""

    keepalive = PING

    def __init__(
        self,
        model: str,
        shown: Shown,
        *,
        request_id: str | None = None,
        ids: Callable[[str], str] = new_id,
    ) -> None:
        """
        Args:
            model: the name clients ask for.
            shown: which blocks the client has asked to see.
            request_id: told with an error.
            ids: makes the ids of message and searches.
        """
        self.id = ids("msg")
        self._model = model
        self._request_id = request_id
        self._blocks = Blocks(shown, ids)
        self._prepared: int | None = None  # the block that `_before` is for
        self._before = b""

    def frames(self, events: Sequence[Event]) -> bytes:
        """The stream's bytes for one batch of events."""
        blocks = self._blocks
        if (plain := blocks.plain) is not None and all(type(each) is TextDelta for each in events):
            return self._texts(events, plain)
        out: list[bytes] = []
        for event in events:
            if isinstance(event, Started):
                # Fields of our own come at the end: clients keep what the beginning says of them.
                begun = usage_body(Usage(event.prompt_tokens), own=False)
                head = message(self.id, self._model, begun)
                out += (_frame({"type": "message_start", "message": head}), PING)
        out += map(_frame, blocks.take(events))
        match events[-1] if events else None:
            case Finished() as end:
                out.append(_frame({"type": "message_delta", **ending(end)}))
                out.append(_frame({"type": "message_stop"}))
            case Failed(error, _):
                out.append(self.failed(error))
        return b"".join(out)

    def failed(self, error: BaseException) -> bytes:
        """The end of a stream that an error broke off."""
        return _frame(anthropic_error(error, self._request_id))

    def _texts(self, events: Sequence[Event], index: int) -> bytes:
        # A text delta differs from the next in its text alone: splice it into prepared bytes.
        if self._prepared != index:
            self._prepared = index
            delta = {"type": "text_delta", "text": 0}
            step = {"type": "content_block_delta", "index": index, "delta": delta}
            self._before = _frame(step).removesuffix(b"0" + _AFTER)
        out: list[bytes] = []
        for event in events:
            assert type(event) is TextDelta
            self._blocks.wrote(event.text)
            out += (self._before, _encode(event.text), _AFTER)
        return b"".join(out)


class WholeMessage:
    """One message given whole."""

    def __init__(self, model: str, shown: Shown, *, ids: Callable[[str], str] = new_id) -> None:
        self.id = ids("msg")
        self._model = model
        self._blocks = Blocks(shown, ids)
        self._steps: list[Step] = []
        self._end: Finished | Failed | None = None

    def take(self, events: Sequence[Event]) -> None:
        """Add a batch of events."""
        self._steps += self._blocks.take(events)
        if events and isinstance(end := events[-1], Finished | Failed):
            self._end = end

    def body(self) -> dict[str, Any]:
        """The response body, once the answer has ended. Raises the error it ended in, if one."""
        assert self._end is not None
        if isinstance(self._end, Failed):
            raise self._end.error
        told = ending(self._end)
        head = message(self.id, self._model, told["usage"], fold(self._steps))
        return {**head, **told["delta"]}


def message(
    id_: str, model: str, usage: dict[str, Any], content: list[Step] | None = None
) -> dict[str, Any]:
    """A message that has not ended."""
    return {
        "id": id_,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content or [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }


def ending(end: Finished) -> dict[str, Any]:
    """Why the message ended, and what it cost."""
    if end.stop_sequence is not None:
        reason = "stop_sequence"
    elif end.reason == "stop":
        reason = "end_turn"
    else:
        window = "window" in end.usage.spent
        reason = "model_context_window_exceeded" if window else "max_tokens"
    return {
        "delta": {"stop_reason": reason, "stop_sequence": end.stop_sequence},
        "usage": usage_body(end.usage),
    }


def usage_body(usage: Usage, *, own: bool = True) -> dict[str, Any]:
    """Anthropic's usage, in which cached tokens are no part of the input; and fields of our own."""
    return {
        "input_tokens": usage.prompt - usage.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached,
        "output_tokens": usage.generated,
        "output_tokens_details": {"thinking_tokens": usage.reasoning},
        "server_tool_use": {"web_search_requests": usage.searches, "web_fetch_requests": 0},
        **(usage_fields(usage) if own else {}),
    }


def fold(steps: Iterable[Step]) -> list[Step]:
    """The content that the steps of a stream come to."""
    content: list[Step] = []
    parts: dict[str, list[str]] = {}
    for step in steps:
        match step["type"]:
            case "content_block_start":
                content.append(dict(step["content_block"]))
                parts = {}
            case "content_block_delta":
                for name, told in step["delta"].items():
                    if name == "citation":
                        content[-1].setdefault("citations", []).append(told)
                    elif name != "type":
                        parts.setdefault(name, []).append(told)
            case _:
                content[-1] |= {name: "".join(texts) for name, texts in parts.items()}
                if "partial_json" in parts:
                    content[-1]["input"] = msgspec.json.decode(content[-1].pop("partial_json"))
    return content


def _frame(step: Step) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (step["type"].encode(), _encode(step))
