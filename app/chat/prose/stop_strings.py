"""The client's `stop` strings, looked for in the answer's prose and nowhere else.

They are not sent to the engine: it would find them inside markers and queries too, where `]` or a
line's end says nothing about the answer. So the prose is read here, behind the detector and before
citations, and the engine's stream is closed at a match.

- Held back is one character less than the longest stop string, as engines do it.
- The match that ends first counts, and of two that end together the longer: what is cut depends on
  the text alone, never on the pieces it came in.
- A span or the end of the answer releases what is held: no match goes across a search.
- White space that opens an answer is not part of it, so no stop string is found there.
"""

from collections.abc import Sequence


class StopStrings:
    """Cuts one answer's prose at the first of its stop strings."""

    __slots__ = ("_held", "_hold", "_opened", "_stops", "match", "matched")

    def __init__(self, stops: Sequence[str]) -> None:
        self.matched = False
        """A stop string was met: the answer has ended, and further text is ignored."""
        self.match: str | None = None
        """Which."""
        self._stops = stops
        self._hold = max(map(len, stops), default=1) - 1
        self._held = ""
        self._opened = False

    def feed(self, text: str) -> str:
        """What of the prose may be shown, now that `text` has come."""
        if not self._stops:
            return text
        if self.matched:
            return ""
        if not self._opened:
            text = text.lstrip()
            self._opened = bool(text)
        text = self._held + text
        found = [(at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.matched, self._held = True, ""
            end, at = min(found)
            self.match = text[at:end]
            return text[:at]
        keep = max(0, len(text) - self._hold)
        self._held = text[keep:]
        return text[:keep]

    def finish(self) -> str:
        """Release what was held back."""
        held, self._held = self._held, ""
        return held
