"""What may happen while answering, as event streams: every public format is to tell of each."""

from app.chat.events import (
    Cited,
    Event,
    Failed,
    Finished,
    LegUsage,
    QueryDelta,
    QueryOpened,
    ReasoningDelta,
    SearchFinished,
    SearchStarted,
    Started,
    TextDelta,
    Usage,
)
from app.dialect.results import Numbered
from app.errors import EngineUnavailable
from search_adapters.protocol import Passage

ONE = Numbered(
    1, Passage("Ähren & Co", "https://example.org/1", "Born 1911.", "example.org", "2026-01-31")
)
TWO = Numbered(2, Passage("Page 2", "https://example.org/2", "Died 1989.", "example.org", None))
USAGE = Usage(prompt=10, legs=(LegUsage(10, 4, 5, 0),))
SEARCHED = Usage(
    prompt=10,
    legs=(LegUsage(10, 4, 5, 20), LegUsage(35, 32, 6, 0, 1.2345)),
    searches=1,
    dropped_citations=2,
    stray_markers=3,
    reasoning=2,
    hidden=0.0456,
)
DIED = EngineUnavailable("The engine died.")


def search(
    index: int, query: str, *found: Numbered, failure: str | None = None
) -> tuple[Event, ...]:
    """A search, its query written in two pieces."""
    return (
        QueryOpened(index),
        QueryDelta(index, query[:3]),
        QueryDelta(index, query[3:]),
        SearchStarted(index, (query,)),
        SearchFinished(index, (query,), found, "" if failure else "mock", failure, 0.0123),
    )


SCENARIOS: dict[str, tuple[Event, ...]] = {
    "plain": (Started(10), TextDelta("Paris"), TextDelta(" is it."), Finished("stop", USAGE)),
    "nothing said": (Started(10), Finished("stop", USAGE)),
    "searched in mid-sentence": (
        Started(10),
        TextDelta("Let me look. "),
        *search(0, "Orson Kovats", ONE, TWO),
        TextDelta("He was born “1911”"),
        TextDelta(" [1], died [1, 2]."),
        Cited(ONE, 32, 35),
        Cited(ONE, 42, 48),
        Cited(TWO, 42, 48),
        Finished("stop", SEARCHED),
    ),
    "searched at once, twice": (
        Started(10),
        *search(0, "Orson Kovats"),
        TextDelta(" "),
        *search(1, "Kovats, Orson", TWO),
        TextDelta("He died [2]."),
        Cited(TWO, 9, 12),
        Finished("stop", SEARCHED),
    ),
    "a search that failed": (
        Started(10),
        *search(0, "Orson Kovats", failure="timed out"),
        TextDelta("I don't know."),
        Finished("stop", SEARCHED),
    ),
    "a span that was never searched": (
        Started(10),
        TextDelta("It is "),
        QueryOpened(0),
        QueryDelta(0, "again"),
        TextDelta("so."),
        QueryOpened(1),
        Finished("stop", USAGE),
    ),
    "thought first": (
        Started(10),
        ReasoningDelta("Who"),
        ReasoningDelta(" is he? "),
        *search(0, "Orson Kovats", ONE),
        ReasoningDelta("I see."),
        TextDelta("\n\n"),
        TextDelta("Born in 1911 [1]."),
        Cited(ONE, 15, 18),
        Finished("stop", SEARCHED),
    ),
    "cut by the budget": (Started(10), TextDelta("It was a"), Finished("length", USAGE)),
    "white space at the end": (
        Started(10),
        TextDelta("So."),
        *search(0, "Kovats"),
        TextDelta("\n"),
        Finished("stop", SEARCHED),
    ),
    "the engine died in mid-word": (Started(10), TextDelta("It was a"), Failed(DIED, USAGE)),
    "the engine died in a search": (
        Started(10),
        QueryOpened(0),
        QueryDelta(0, "Kovats"),
        SearchStarted(0, ("Kovats",)),
        Failed(DIED, USAGE),
    ),
    "text that JSON and SSE must escape": (
        Started(10),
        TextDelta('"\\\n\r\u2028\x00🙂'),
        TextDelta("[1]"),
        Finished("stop", USAGE),
    ),
}
