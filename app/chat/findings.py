"""What the queries of one span brought, taken together: passages to number, words for the model."""

from collections.abc import Sequence

from app.chat.ports import Found
from app.dialect.results import NO_RESULTS, search_failed
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


def failure(found: Sequence[Found]) -> str | None:
    """Why the span brought nothing, when every one of its queries failed."""
    failures = [one.failure for one in found if one.failure]
    return failures[0] if len(failures) == len(found) else None
