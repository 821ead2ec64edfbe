"""Which queries want something new, as a table: what they ask, and what only looks like it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.request import SearchOptions
from app.chat.searching.queries import query
from app.chat.searching.timeliness import wish
from search_adapters.protocol import DateRange, Query

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("Varn ferry strike today", "day"),
        ("today’s weather in Leeds", "day"),
        ("What is on TV tonight?", "day"),
        ("breaking news Varn", "day"),
        ("Wetter heute Graz", "day"),
        ("résultats aujourd'hui", "day"),
        ("noticias de hoy", "day"),
        ("東京の今日の天気", "day"),
        ("今天的新闻", "day"),
        ("who won yesterday", "week"),
        ("latest news on the Varn election", "week"),
        ("concerts this week", "week"),
        ("LATEST iPhone", "month"),
        ("most recent eruption of Etna", "month"),
        ("neueste Version von Python", "month"),
        ("最新ニュース", "month"),
        ("current president of France", "year"),
        ("Who is currently the pope?", "year"),
        ("elections this year", "year"),
        ("2026 Nobel Prize in Physics", "year"),
        ("world cup 2027 host", "year"),
        ("aktueller Bundeskanzler", "year"),
    ],
)
def test_what_wants_something_new(asked: str, wanted: str) -> None:
    assert wish(asked, TODAY) == wanted


@pytest.mark.parametrize(
    "asked",
    [
        "Who was Ada Brankovic?",
        "capital of France",
        "USA Today founder",
        "cast of the Today Show",
        "Apocalypse Now director",
        "electric current",
        "what is current?",
        "current density unit",
        "voltage and current in a series circuit",
        'lyrics of "Yesterday"',
        "latest news of 1969",
        "2019 World Cup winner",
        "most recent emperor before 1900",
        "todays",  # no word we know
        "Todaybook",
        "world cup 2030",
        "ISO 2026-1",
        "RFC 20261",
        "phone 555-2026",
        "Nowitzki",
        "",
    ],
)
def test_what_does_not(asked: str) -> None:
    assert wish(asked, TODAY) is None


def test_the_year_is_the_clocks() -> None:
    assert wish("2031 Harwick Prize", date(2031, 6, 1)) == "year"
    assert wish("2031 Harwick Prize", TODAY) is None
    assert wish("2026 Harwick Prize", date(2031, 6, 1)) is None


@given(st.text(max_size=200))
def test_any_text_can_be_asked(text: str) -> None:
    assert wish(text, TODAY) in ("day", "week", "month", "year", None)


def test_long_queries_are_read_in_no_time() -> None:
    for piece in ("today", "current ", '"', "最", "2026 ", "this  "):
        assert wish(piece * 5000, TODAY) in ("day", "month", "year", None)


MARCH = DateRange(date(2026, 3, 1), date(2026, 3, 14))


@pytest.mark.parametrize(
    ("options", "freshness"),
    [
        (SearchOptions(), "day"),
        (SearchOptions(freshness="any"), None),
        (SearchOptions(freshness="year"), "year"),
        (SearchOptions(freshness=MARCH), MARCH),
    ],
)
def test_a_request_has_the_last_word(options: SearchOptions, freshness: object) -> None:
    asked = query("Varn today", options, limit=3, today=TODAY)
    assert asked == Query("Varn today", limit=3, freshness=freshness)  # type: ignore[arg-type]
