"""The gateway's own part of the system message."""

import pytest

from app.dialect.detector import Span, SpanDetector
from app.dialect.instructions import instructions
from app.dialect.markers import ORSON
from app.dialect.results import BUDGET_SPENT


def test_a_trained_model_needs_one_line() -> None:
    assert instructions(ORSON, "trained", may_search=True, today="2031-06-01") == "Tools: search."
    assert instructions(ORSON, "trained", may_search=False, today="2031-06-01") == "Tools: none."


def test_a_prompted_model_is_taught_by_example() -> None:
    taught = instructions(ORSON, "prompted", may_search=True, today="2031-06-01")
    assert taught.endswith("\nToday is 2031-06-01.")
    assert all(marker in taught for marker in ORSON.markers)
    assert BUDGET_SPENT in taught
    assert "I don't know" in taught
    for example in taught.split("You: ")[2:]:
        detector = SpanDetector(ORSON)
        list(detector.feed(example))
        assert detector.state is Span.CLOSED
        assert detector.query.strip() in ("2031 Harwick Prize winner", "Pelle Grantov")


@pytest.mark.parametrize("may_search", [True, False])
def test_a_new_day_changes_only_the_last_line(may_search: bool) -> None:
    days = [
        instructions(ORSON, "prompted", may_search=may_search, today=day).rpartition("\n")
        for day in ("2031-06-01", "2031-06-02")
    ]
    assert days[0][0] == days[1][0]
    assert days[0][2] != days[1][2]


def test_a_prompted_model_that_may_not_search_sees_no_marker() -> None:
    taught = instructions(ORSON, "prompted", may_search=False, today="2031-06-01")
    assert "2031-06-01" in taught
    assert not any(marker in taught for marker in ORSON.markers)
