"""Server-sent events with sequence numbers, as the Responses API has them.

Most of a stream is deltas that differ from one another in number and text alone: those are spliced
into bytes prepared once.
"""

from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode
Frame = tuple[int, bytes]
"""One event for the wire, behind its sequence number."""


class NumberedFrames:
    """The events of one stream; `taken` gives out those not given out yet."""

    def __init__(self, first: int = 0) -> None:
        """`first`: the number of the first one."""
        self._number = first
        self._out: list[Frame] = []
        self._before = b""

    def add(self, type_: str, fields: dict[str, Any]) -> None:
        """One event."""
        body = {"type": type_, "sequence_number": self._number, **fields}
        frame = b"event: %b\ndata: %b\n\n" % (type_.encode(), _encode(body))
        self._out.append((self._number, frame))
        self._number += 1

    def prepare(self, type_: str, fields: dict[str, Any]) -> None:
        """The deltas that follow are of this type and have these fields."""
        kind, rest = type_.encode(), _encode(fields)[1:-1]
        self._before = b'event: %b\ndata: {"type":"%b",%b,"sequence_number":' % (kind, kind, rest)

    def delta(self, text: str) -> None:
        """One event of the prepared type."""
        number = self._number
        frame = b'%b%d,"delta":%b}\n\n' % (self._before, number, _encode(text))
        self._out.append((number, frame))
        self._number = number + 1

    def scored(self, logprobs: list[dict[str, Any]]) -> None:
        """How likely the tokens of the delta just added were; it was prepared with none."""
        number, frame = self._out[-1]
        told = b'"logprobs":' + _encode(logprobs)
        self._out[-1] = (number, frame.replace(b'"logprobs":[]', told, 1))

    def taken(self) -> list[Frame]:
        """What is to be sent now."""
        out, self._out = self._out, []
        return out
