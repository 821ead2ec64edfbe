"""Whether a span is the user's own words said again, and no span.

Markers of plain text can stand in what a user writes, and a model may quote it. A span that the
conversation holds word for word, markers included, is such a quotation: it is not searched.
"""

import unicodedata
from collections.abc import Iterable


class Quotations:
    """What the messages of one request say. They are read when the first span asks."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = texts
        self._folded: list[str] | None = None

    def __contains__(self, span: str) -> bool:
        if self._folded is None:
            self._folded = [_fold(text) for text in self._texts]
        return any(_fold(span) in text for text in self._folded)


def _fold(text: str) -> str:
    """Without what a quotation may change: case, width, white space, invisible characters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = (char for char in folded if not char.isspace())
    return "".join(char for char in kept if unicodedata.category(char) != "Cf")
