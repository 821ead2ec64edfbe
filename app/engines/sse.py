"""Server-sent events, as bytes arrive: feed what was read, get the `data` of every whole event.

Lines end at `\\n` (a `\\r` before it is dropped) and nowhere else: U+2028 and U+0085 are ordinary
characters inside JSON, and `str.splitlines` would cut there. Comments, `event`, `id` and `retry`
are skipped; no engine we speak to gives them meaning.
"""

MAX_EVENT_BYTES = 8 * 1024 * 1024
"""No honest engine sends more in one event; whoever does is stopped before it fills our memory."""

RETURN = ord("\r")


class EventTooLarge(ValueError):
    """An event grew past MAX_EVENT_BYTES without ending."""


class EventSplitter:
    """Bytes of a text/event-stream in, payloads of its events out. Does no IO."""

    __slots__ = ("_data", "_held", "_line")

    def __init__(self) -> None:
        self._line: list[bytes] = []  # pieces of a line that has not ended
        self._data: list[bytes] = []  # data lines of an event that has not ended
        self._held = 0

    def feed(self, received: bytes) -> list[bytes]:
        """Payloads of the events that `received` completes, in order; often none or several.

        An event of several `data` lines gives one payload with the lines joined by a newline.
        """
        end = len(received) - 2
        if (
            received.find(b"\n") == end
            and received.endswith(b"\n")
            and received.startswith(b"data: ")
            and not (self._line or self._data or received[end - 1] == RETURN)
        ):
            return [received[6:end]]  # one whole event: most reads are
        lines = received.split(b"\n")
        rest = lines.pop()
        if lines and self._line:
            lines[0] = b"".join((*self._line, lines[0]))
            self._line.clear()
        payloads: list[bytes] = []
        data = self._data
        for line in lines:
            if line.endswith(b"\r"):
                line = line[:-1]
            if line.startswith(b"data: "):
                data.append(line[6:])
            elif not line:
                if data:
                    payloads.append(data[0] if len(data) == 1 else b"\n".join(data))
                    data.clear()
            elif line.startswith(b"data:"):
                data.append(line[5:])
        if lines:
            self._held = sum(map(len, data)) if data else 0
        if rest:
            self._line.append(rest)
            self._held += len(rest)
        if self._held > MAX_EVENT_BYTES:
            raise EventTooLarge(f"an event of more than {MAX_EVENT_BYTES} bytes")
        return payloads
