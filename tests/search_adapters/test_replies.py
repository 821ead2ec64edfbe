from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_adapters.replies import duration, iso_day, plain, retry_after_header


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-14", "2026-03-14"),
        ("2026-03-14T08:30:00.1234567Z", "2026-03-14"),
        ("Mar 14, 2026", "2026-03-14"),
        ("14 March 2026", "2026-03-14"),
        ("Sat, 14 Mar 2026 08:30:00 GMT", "2026-03-14"),
        ("3 days ago", "2026-03-11"),
        ("1 week ago", "2026-03-07"),
        ("2026-13-40", None),
        ("yesterday or so", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_become_days(written: str | None, day: str | None) -> None:
    assert iso_day(written, today=date(2026, 3, 14)) == day


@given(st.text())
def test_no_text_breaks_a_date(written: str) -> None:
    iso_day(written)


@given(st.text())
def test_no_text_breaks_a_retry_hint(written: str) -> None:
    seconds = retry_after_header({"retry-after": written})
    assert seconds is None or seconds >= 0


def test_retry_hints_are_seconds_or_dates() -> None:
    now = datetime(2026, 3, 14, 8, 0, 0, tzinfo=UTC)
    assert retry_after_header({"retry-after": "120"}) == 120.0
    assert retry_after_header({"retry-after": "Sat, 14 Mar 2026 08:01:30 GMT"}, now) == 90.0
    assert retry_after_header({"retry-after": "Sat, 14 Mar 2026 07:00:00 GMT"}, now) == 0.0
    assert retry_after_header({}) is None
    assert duration("60s") == 60.0
    assert duration("soon") is None


def test_snippets_become_plain_text() -> None:
    assert plain('The <b class="x">Varn</b>&nbsp;light&#39;s\n lens') == "The Varn light's lens"
    assert plain("List<int> where a < b and b > c") == "List<int> where a < b and b > c"
    assert plain("one<br>two\x00three") == "one two three"
    assert plain("&lt;b&gt; is a tag") == "<b> is a tag"
