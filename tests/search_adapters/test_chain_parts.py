"""The pure parts of the chain: quantiles, breaker, addresses, near-duplicates, fusion."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_adapters import errors
from search_adapters.chain.breaker import COOL_DOWN, LONGEST, THRESHOLD, Breaker
from search_adapters.chain.canonical_url import canonical, site_of
from search_adapters.chain.fusion import PER_SITE, fuse
from search_adapters.chain.latencies import ENOUGH, Latencies
from search_adapters.chain.near_duplicates import alike, shingles
from search_adapters.chain.outcome import hidden
from search_adapters.errors import SearchError
from search_adapters.protocol import Passage

TEXT = "The lighthouse at Varn was built in 1841 by Ana Lindqvist and stands on the north cliff."


@given(st.lists(st.floats(0, 60), min_size=1, max_size=300), st.floats(0, 1, exclude_max=True))
def test_a_quantile_is_that_of_the_latest_calls(seconds: list[float], share: float) -> None:
    latencies = Latencies(window=50)
    for each in seconds:
        latencies.record(each)
    latest = sorted(seconds[-50:])
    expected = latest[int(share * (len(latest) - 1))] if len(latest) >= ENOUGH else None
    assert latencies.quantile(share) == expected


def test_one_failure_is_none_and_some_in_a_row_are_an_outage() -> None:
    breaker = Breaker()
    for _ in range(THRESHOLD - 1):
        assert breaker.failed(errors.TimedOut(), 0.0) == 0.0
    assert breaker.refusal(0.0) is None
    assert breaker.failed(errors.Unavailable(), 0.0) == COOL_DOWN
    assert breaker.refusal(COOL_DOWN - 0.1) == "unavailable"
    assert breaker.refusal(COOL_DOWN) is None


def test_a_success_between_failures_starts_the_count_again() -> None:
    breaker = Breaker()
    for _ in range(10):
        assert breaker.failed(errors.BadReply(), 0.0) == 0.0
        breaker.succeeded()
    # It refused the query, so it is up.
    for _ in range(10):
        assert breaker.failed(errors.TimedOut(), 0.0) == 0.0
        breaker.failed(errors.BadQuery(), 0.0)


def test_after_the_rest_one_call_is_a_trial_and_the_others_wait_for_it() -> None:
    breaker = Breaker()
    breaker.failed(errors.RateLimited(retry_after=3.0), 0.0)
    assert breaker.refusal(3.0) is None
    breaker.begin()
    assert breaker.refusal(3.0) == "rate limited"
    breaker.given_up()
    assert breaker.refusal(3.0) is None
    breaker.begin()
    breaker.succeeded()
    breaker.begin()
    assert breaker.refusal(3.0) is None


def test_an_outage_that_lasts_is_looked_at_less_and_less() -> None:
    breaker, now, rests = Breaker(), 0.0, []
    for _ in range(THRESHOLD - 1):
        breaker.failed(errors.TimedOut(), now)
    for _ in range(8):
        rests.append(breaker.failed(errors.TimedOut(), now))
        now += rests[-1]
        breaker.begin()
    assert rests[:4] == [5.0, 10.0, 20.0, 40.0]
    assert set(rests[4:]) == {LONGEST}
    breaker.succeeded()
    assert breaker.failed(errors.TimedOut(), now) == 0.0


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, *SearchError.__subclasses__()]),
            st.none() | st.floats(allow_nan=True),
            st.floats(0, 1000),
        )
    )
)
def test_whatever_happens_no_rest_is_longer_than_a_day(
    events: list[tuple[type[SearchError] | None, float | None, float]],
) -> None:
    breaker, now = Breaker(), 0.0
    for kind, retry_after, later in events:
        now += later
        breaker.begin()
        if kind is None:
            breaker.succeeded()
            assert breaker.refusal(now) is None
            continue
        seconds = breaker.failed(kind(retry_after=retry_after), now)
        assert math.isfinite(seconds)
        assert 0 <= seconds <= 86_400
        assert breaker.refusal(now + 86_400) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.Example.org/a/", "http://example.org/a"),
        ("https://example.org/a?utm_source=x&fbclid=y", "https://example.org/a"),
        ("https://example.org/?b=2&a=1&gclid=z", "https://example.org?a=1&b=2"),
        ("https://example.org:443/a#top", "https://example.org/a"),
        ("https://example.org./a", "https://example.org/a"),
    ],
)
def test_spellings_of_one_page(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/b"),
        ("https://example.org/a?id=1", "https://example.org/a?id=2"),
        ("https://example.org/A", "https://example.org/a"),
        ("https://example.org:8080/a", "https://example.org/a"),
        ("https://example.org/#!/a", "https://example.org/#!/b"),
        ("https://a.example.org/", "https://b.example.org/"),
        ("notes/a.md", "notes/b.md"),
        ("https://[broken", "https://[broke"),
    ],
)
def test_different_pages(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@given(st.text(max_size=60), st.booleans())
def test_any_text_has_a_canonical_form(text: str, web: bool) -> None:
    url = f"https://example.org/{text}" if web else text
    assert canonical(f" {url}\n") == canonical(url.strip()) or not web
    assert canonical(canonical(url)) == canonical(url)
    site_of(url)


def test_sites() -> None:
    assert site_of("https://news.bbc.co.uk/x") == "bbc.co.uk"
    assert site_of("https://a.github.io/x") == "a.github.io"
    assert site_of("http://localhost:80/") == "localhost"
    assert site_of("file:///notes/a.md") == ""


def test_near_duplicates() -> None:
    marks = shingles(TEXT)
    assert alike(marks, shingles(TEXT.upper().replace(",", "")))
    assert alike(marks, shingles(TEXT + " A museum was opened beside it a hundred years later."))
    assert not alike(marks, shingles("The bridge at Varn was built in 1920 and fell in 1931."))
    assert alike(shingles("瓦恩灯塔建于1841年"), shingles("瓦恩灯塔建于1841年。"))
    assert not alike(shingles("瓦恩灯塔建于1841年"), shingles("瓦恩大桥毁于1931年"))
    assert not alike(shingles("yes"), shingles("no"))


@given(st.text(max_size=300), st.text(max_size=300))
def test_likeness_is_mutual_and_everything_is_like_itself(one: str, other: str) -> None:
    a, b = shingles(one), shingles(other)
    assert alike(a, a)
    assert alike(a, b) == alike(b, a)


def page(number: int, site: str = "", text: str = "") -> Passage:
    host = site or f"site{number}.example"
    text = text or f"{chr(97 + number % 26) * 9} number {number}"
    return Passage(f"Page {number}", f"https://{host}/{number}", text, host)


def test_what_two_agree_on_comes_first() -> None:
    a = [page(1), page(2), page(3)]
    b = [page(4), page(3), page(5)]
    assert [passage.title[5:] for passage in fuse([a, b], 10)] == ["3", "1", "4", "2", "5"]
    assert len(fuse([a, b], 2)) == 2


def test_of_one_page_the_longest_text_is_kept_and_others_if_they_say_more() -> None:
    short = Passage("Varn", "https://varn.example/x", TEXT, "varn.example")
    longer = Passage("Varn", "http://www.varn.example/x?utm_source=b", TEXT + " It is white.", "")
    other = Passage("Varn", "https://varn.example/x", "Tickets cost four crowns on weekdays.", "")
    assert fuse([[short], [longer, other]], 10) == (longer, other)


def test_no_more_than_two_of_a_site_unless_it_is_no_site() -> None:
    same = [page(n, site=f"{chr(97 + n)}.example.org") for n in range(5)]
    assert len(fuse([same], 10)) == PER_SITE
    notes = [Passage(str(n), f"notes/{n}.md", f"{chr(97 + n) * 9} note") for n in range(5)]
    assert len(fuse([notes], 10)) == 5


@given(st.lists(st.lists(st.integers(0, 12), max_size=8, unique=True), max_size=4))
def test_fusion_keeps_every_page_once_and_does_not_fear_order(rankings: list[list[int]]) -> None:
    lists = [[page(n) for n in ranking] for ranking in rankings]
    fused = fuse(lists, 100)
    assert sorted(passage.url for passage in fused) == sorted(
        {passage.url for ranking in lists for passage in ranking}
    )
    if len(lists) == 1:
        assert list(fused) == lists[0]


def test_time_hidden_is_what_the_whole_was_shortened_by() -> None:
    assert hidden([]) == 0.0
    assert hidden([(0.0, 0.3)]) == pytest.approx(0.3)
    # The other wasn't early, and everybody had to wait for it anyway.
    assert hidden([(0.0, 0.3), (0.5, 0.0)]) == 0.0
    assert hidden([(0.1, 0.5), (0.2, 0.1)]) == pytest.approx(0.4)
