"""Domains and days: what an operator says of them, and what is let through afterwards."""

from datetime import date

import pytest

from search_adapters.domains import fit, only_allowed, plain_domains, with_sites
from search_adapters.protocol import DateRange, Freshness, Passage, Query


def passage(url: str, day: str | None = None, site: str = "") -> Passage:
    return Passage("Varn", url, "Varn is a town.", site, day)


PAGES = (
    passage("https://www.example.com/a", "2026-03-14"),
    passage("https://towns.example.com/b", "2025-01-02"),
    passage("https://example.org/c"),
    passage("file:///notes/varn.md", "2026-03-15", site="notes"),
)


@pytest.mark.parametrize(
    ("allowed", "denied", "kept"),
    [
        ((), (), "abcv"),
        (("example.com",), (), "ab"),
        (("towns.example.com", "notes"), (), "bv"),
        ((), ("example.com",), "cv"),
        ((), ("https://Towns.Example.com/x", "notes"), "ac"),
        (("example.com",), ("towns.example.com",), "a"),
        (("example.com",), ("example.com",), ""),
        ((), ("", " "), "abcv"),
        ((" ",), (), ""),
        ((), ("ample.com",), "abcv"),
    ],
)
def test_allowed_and_denied_domains(
    allowed: tuple[str, ...], denied: tuple[str, ...], kept: str
) -> None:
    query = Query("varn", allowed_domains=allowed, denied_domains=denied)
    assert "".join(p.url.rsplit("/", 1)[1][0] for p in only_allowed(PAGES, query)) == kept


@pytest.mark.parametrize(
    ("freshness", "kept"),
    [
        (None, "abcv"),
        ("day", "abcv"),  # a wish: the provider's own notion of new is not second-guessed
        (DateRange(since=date(2026, 1, 1)), "acv"),
        (DateRange(until=date(2025, 1, 2)), "bc"),
        (DateRange(date(2026, 3, 14), date(2026, 3, 14)), "ac"),
        (DateRange(), "abcv"),
    ],
)
def test_a_date_range_is_a_rule_and_a_word_is_a_wish(freshness: Freshness, kept: str) -> None:
    query = Query("varn", freshness=freshness)
    assert "".join(p.url.rsplit("/", 1)[1][0] for p in only_allowed(PAGES, query)) == kept


def test_a_range_without_a_day_is_no_range() -> None:
    with pytest.raises(ValueError, match="2026-03-15"):
        DateRange(date(2026, 3, 15), date(2026, 3, 14))


@pytest.mark.parametrize(
    ("allowed", "denied", "text"),
    [
        ((), (), "varn light"),
        (("Example.com",), (), "varn light site:example.com"),
        (("a.example", "b.example"), (), "varn light (site:a.example OR site:b.example)"),
        ((), ("*.a.example", "b.example"), "varn light -site:a.example -site:b.example"),
        (("a.example",), ("b.a.example",), "varn light site:a.example"),
        ((), ("a.example OR site:b.example",), "varn light"),
        ((), tuple(f"d{number}.example" for number in range(9)), "varn light"),
    ],
)
def test_operators(allowed: tuple[str, ...], denied: tuple[str, ...], text: str) -> None:
    query = Query("varn light", allowed_domains=allowed, denied_domains=denied)
    assert with_sites(query, 400) == text


def test_operators_stay_within_the_limits() -> None:
    long = Query("varn " * 100, allowed_domains=("a.example", "b.example"))
    by_words = with_sites(long, 4000, 50)
    assert len(by_words.split()) == 50
    assert by_words.endswith("varn (site:a.example OR site:b.example)")
    by_chars = with_sites(long, 101)
    assert len(by_chars) <= 101
    assert by_chars.endswith("varn (site:a.example OR site:b.example)")
    assert with_sites(Query("varn", allowed_domains=("a" * 60,)), 100) == "varn"


def test_text_is_cut_at_a_word() -> None:
    assert fit("the lighthouse of Varn", 15) == "the lighthouse"
    assert fit("the lighthouse of Varn", 400, 2) == "the lighthouse"
    assert fit("x" * 50, 20) == "x" * 20


def test_domains_for_a_providers_own_filter() -> None:
    domains = ("https://www.Example.com/a", "example.com", "*.b.example", "", "c d", "e,f")
    assert plain_domains(domains) == ["example.com", "b.example"]
