"""What the queries of one span brought, taken together: passages to number, words for the model."""

from collections.abc import Sequence
from typing import Literal

from app.chat.events import SearchFinished
from app.chat.ports import Found
from app.dialect.results import NO_RESULTS, Numbered, search_failed
from search_adapters.protocol import Passage


def merged(found: Sequence[Found]) -> tuple[Passage, ...]:
    """The passages of all queries, the best of each first, none of them twice."""
    passages: dict[tuple[str, str], Passage] = {}
    for rank in range(max((len(one.passages) for one in found), default=0)):
        for one in found:
            for passage in one.passages[rank : rank + 1]:
                passages.setdefault((passage.url, passage.text), passage)
    return tuple(passages.values())


def notices(found: Sequence[Found]) -> tuple[str, ...]:
    """What the model is told when the queries of a span brought no passage."""
    if any(one.passages for one in found):
        return ()
    failures = [one.failure for one in found if one.failure]
    return (search_failed(failures[0]) if failures else NO_RESULTS,)


def cached(found: Sequence[Found]) -> Literal["", "fresh", "stale"]:
    """Whether all of it was found before; stale if any of it is."""
    if not all(one.cached for one in found):
        return ""
    return "stale" if any(one.cached == "stale" for one in found) else "fresh"


def hidden(found: Sequence[Found]) -> float:
    """Seconds that the span's search would have taken longer, had none been begun early.

    They are made side by side, so only what shortens the longest counts.
    """
    whole = max((one.elapsed + one.hidden for one in found), default=0.0)
    return whole - max((one.elapsed for one in found), default=0.0)


def failure(found: Sequence[Found]) -> str | None:
    """Why the span brought nothing, when every one of its queries failed."""
    failures = [one.failure for one in found if one.failure]
    return failures[0] if len(failures) == len(found) else None


def told(
    index: int,
    queries: tuple[str, ...],
    found: Sequence[Found],
    shown: tuple[Numbered, ...],
    elapsed: float,
) -> SearchFinished:
    """What the client is told of a span's search; `shown` are the passages that were injected."""
    return SearchFinished(
        index=index,
        queries=queries,
        passages=shown,
        provider=next((one.provider for one in found if one.provider), ""),
        failure=failure(found),
        elapsed=elapsed,
        cached=cached(found),
        hidden=hidden(found),
        hedged=any(one.hedged for one in found),
        usd=sum(one.usd for one in found),
    )
