"""How new results should be, in the notations providers have for it.

Most know four words and a pair of dates, spelt differently; some know only the one or the other.
A word becomes dates by counting back from today; dates become the shortest word that covers them,
and what the word lets through beyond them is left out afterwards (`domains.only_allowed`).
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from search_adapters.protocol import DateRange, Freshness

Word = Literal["day", "week", "month", "year"]
Clock = Callable[[], date]

DAYS: dict[Word, int] = {"day": 1, "week": 7, "month": 31, "year": 365}
"""How far back a word reaches; Brave documents these numbers, the others count alike."""

_EARLIEST = date(1990, 1, 1)
"""Before the web: an open beginning for providers that want two dates."""


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


def as_range(freshness: Freshness, now: date) -> DateRange:
    """The days that `freshness` means, for providers that know dates."""
    if isinstance(freshness, DateRange):
        return freshness
    return DateRange(now - timedelta(days=DAYS[freshness]), None)


def as_closed_range(freshness: Freshness, now: date) -> tuple[date, date]:
    """The same with two ends, for providers that want both."""
    days = as_range(freshness, now)
    until = days.until or max(now, days.since or now)
    return days.since or min(_EARLIEST, until), until


def as_word(freshness: Freshness, now: date) -> Word | None:
    """The shortest word that covers `freshness`, for providers that know no dates."""
    if not isinstance(freshness, DateRange):
        return freshness
    if freshness.since is None:
        return None
    age = (now - freshness.since).days
    return next((word for word, days in DAYS.items() if age <= days), None)


def google_tbs(freshness: Freshness, now: date) -> str:
    """Google's own `tbs` parameter, which Serper and SerpApi pass on."""
    if not isinstance(freshness, DateRange):
        return f"qdr:{freshness[0]}"
    since, until = as_closed_range(freshness, now)
    return f"cdr:1,cd_min:{american(since)},cd_max:{american(until)}"


def american(day: date) -> str:
    """`3/14/2026`."""
    return f"{day.month}/{day.day}/{day.year}"
