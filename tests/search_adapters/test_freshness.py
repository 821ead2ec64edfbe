"""Words and dates, one made into the other."""

from datetime import date

import pytest

from search_adapters.freshness import as_closed_range, as_range, as_word, google_tbs
from search_adapters.protocol import DateRange, Freshness

TODAY = date(2026, 3, 20)


@pytest.mark.parametrize(
    ("freshness", "word"),
    [
        ("day", "day"),
        (DateRange(since=date(2026, 3, 20)), "day"),
        (DateRange(since=date(2026, 3, 14)), "week"),
        (DateRange(date(2026, 3, 1), date(2026, 3, 2)), "month"),
        (DateRange(since=date(2025, 4, 1)), "year"),
        (DateRange(since=date(2020, 1, 1)), None),
        (DateRange(until=date(2026, 3, 1)), None),
        (DateRange(since=date(2027, 1, 1)), "day"),
    ],
)
def test_dates_become_the_shortest_word_that_covers_them(
    freshness: Freshness, word: str | None
) -> None:
    assert as_word(freshness, TODAY) == word


def test_words_become_dates() -> None:
    assert as_range("week", TODAY) == DateRange(date(2026, 3, 13), None)
    assert as_closed_range("year", TODAY) == (date(2025, 3, 20), TODAY)


@pytest.mark.parametrize(
    "days",
    [
        DateRange(),
        DateRange(since=date(2027, 1, 1)),
        DateRange(until=date(1980, 1, 1)),
        DateRange(date(2026, 3, 1), date(2026, 3, 1)),
    ],
)
def test_a_closed_range_always_holds_a_day(days: DateRange) -> None:
    since, until = as_closed_range(days, TODAY)
    assert since <= until
    assert google_tbs(days, TODAY).startswith("cdr:1,cd_min:")
