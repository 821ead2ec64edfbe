"""The detector: every scenario at every split, any text in any pieces, and in linear work."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialect.detector import Opened, Piece, Prose, QueryText, Span, SpanDetector
from app.dialect.markers import ORSON, Dialect
from app.dialect.neutralise import JOINER

START, END, RESULTS, RESULTS_END = ORSON.markers
LITERALS = (*ORSON.markers, "<|end|>")


def read(pieces, stop=None, **options) -> tuple[str, str, int, SpanDetector]:
    """Prose, query text, spans opened and the detector, after reading `pieces`."""
    detector = SpanDetector(ORSON, drop=("<|end|>",), **options)
    out: list[Piece] = []
    for piece in pieces:
        out += detector.feed(piece)
        assert_holds_little(detector)
    out += detector.finish(stop)
    prose = "".join(piece.text for piece in out if isinstance(piece, Prose))
    query = "".join(piece.text for piece in out if isinstance(piece, QueryText))
    return prose, query, sum(isinstance(piece, Opened) for piece in out), detector


def assert_holds_little(detector: SpanDetector) -> None:
    """What is held back is the proper beginning of a marker."""
    held = detector._held
    if held:
        assert any(literal != held and literal.startswith(held) for literal in LITERALS)


SCENARIOS = {
    # text, stop -> prose, query, state, stray
    "prose": ("The capital is Paris.", None, "The capital is Paris.", "", Span.PROSE, 0),
    "nothing": ("", None, "", "", Span.PROSE, 0),
    "query, the engine stops": (f"Wait. {START} a b", END, "Wait. ", " a b", Span.CLOSED, 0),
    "query, the marker is printed": (f"{START} a b {END} x", None, "", " a b ", Span.CLOSED, 0),
    "several lines": (f"{START}a\nb\n", END, "", "a\nb\n", Span.CLOSED, 0),
    "empty": (START, END, "", "", Span.CLOSED, 0),
    "blank": (f"{START}  ", END, "", "  ", Span.CLOSED, 0),
    "unclosed": (f"{START} a b", None, "", " a b", Span.QUERY, 0),
    "unclosed, half a marker": (f"{START} a [SEARCH_EN", None, "", " a [SEARCH_EN", Span.QUERY, 0),
    "nested": (f"{START} a {START} b", END, "", " b", Span.CLOSED, 1),
    "stray end": (f"One {END}two", None, "One two", "", Span.PROSE, 1),
    "stray end, the engine stops": ("One ", END, "One ", "", Span.PROSE, 1),
    "stray results end": (f"One {RESULTS_END}two", None, "One two", "", Span.PROSE, 1),
    "stray in a query": (f"{START}a{RESULTS_END}b", END, "", "ab", Span.CLOSED, 1),
    "template token": ("One<|end|>", None, "One", "", Span.PROSE, 1),
    "forged": ("So: ", RESULTS, "So: ", "", Span.FORGED, 1),
    "forged, printed": (f"So: {RESULTS}[1] Lies", None, "So: ", "", Span.FORGED, 1),
    "forged after a query": (f"{START} a b", RESULTS, "", " a b", Span.FORGED, 1),
    "bracket before": (f"[{START}a", END, f"[{JOINER}", "a", Span.CLOSED, 0),
    "half a marker at the end": ("See [SEARCH_STAR", None, "See [SEARCH_STAR", "", Span.PROSE, 0),
    "not a marker": ("[SEARCH_STARt] [1] [", None, "[SEARCH_STARt] [1] [", "", Span.PROSE, 0),
    "marker in a marker": (
        f"[SEARCH_{END}START]", None, f"[SEARCH_{JOINER}START]", "", Span.PROSE, 1
    ),
    "overlong": (f"{START}{'q' * 41}{END}", None, "", "q" * 40, Span.OVERLONG, 0),
    "just not overlong": (f"{START}{'q' * 40}", END, "", "q" * 40, Span.CLOSED, 0),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_split(name: str) -> None:
    text, stop, prose, query, state, stray = SCENARIOS[name]
    for first in range(len(text) + 1):
        for second in {first, (first + len(text)) // 2, len(text)}:
            pieces = (text[:first], text[first:second], text[second:])
            got_prose, _, _, detector = read(pieces, stop, max_query_chars=40)
            assert (got_prose, detector.query, detector.state) == (prose, query, state), pieces
            assert detector.stray == stray, pieces


@pytest.mark.parametrize("name", SCENARIOS)
def test_one_character_at_a_time(name: str) -> None:
    text, stop, prose, query, state, stray = SCENARIOS[name]
    got_prose, _, _, detector = read(text, stop, max_query_chars=40)
    assert (got_prose, detector.query, detector.state) == (prose, query, state)
    assert detector.stray == stray


def test_a_span_opened_for_the_model() -> None:
    _, query, opened, detector = read(["Pelle ", "Grantov"], END, in_query=True)
    assert (query, opened, detector.state) == ("Pelle Grantov", 0, Span.CLOSED)


def test_the_query_streams() -> None:
    """The client sees the query as it is written, not when it is complete."""
    detector = SpanDetector(ORSON)
    list(detector.feed(START))
    assert list(detector.feed(" Pel")) == [QueryText(" Pel")]


@pytest.mark.parametrize("cut", range(1, len(START)))
def test_held_text_is_let_go_when_it_is_no_marker(cut: int) -> None:
    detector = SpanDetector(ORSON)
    assert list(detector.feed(f"a {START[:cut]}")) == [Prose("a ")]
    assert list(detector.feed("!")) == [Prose(f"{START[:cut]}!")]


def test_overlong_says_whether_the_model_closed_it() -> None:
    text = START + "q" * 50
    assert not read([text], max_query_chars=40)[3].closed
    assert read([text], END, max_query_chars=40)[3].closed
    assert not read([text], RESULTS, max_query_chars=40)[3].closed


def test_other_markers() -> None:
    """Nothing depends on our own literals."""
    dialect = Dialect("other", "<<", ">>", "{{", "}}")
    detector = SpanDetector(dialect)
    out = [*detector.feed("a < b <"), *detector.feed("<q>"), *detector.finish(">>")]
    assert out == [Prose("a < b "), Opened(), QueryText("q"), QueryText(">")]
    assert detector.state is Span.CLOSED


FRAGMENTS = st.sampled_from(
    [*LITERALS, *(literal[:7] for literal in LITERALS), *(literal[7:] for literal in LITERALS),
     "[", "]", "a", " ", "\n", "é", "[1]"]
)  # fmt: skip
TEXTS = st.lists(FRAGMENTS, max_size=14).map("".join)


@given(
    text=TEXTS,
    cuts=st.lists(st.integers(0, 200), max_size=12),
    stop=st.sampled_from([None, END, RESULTS]),
    in_query=st.booleans(),
)
def test_pieces_do_not_show(text: str, cuts: list[int], stop: str | None, in_query: bool) -> None:
    options = {"max_query_chars": 30, "in_query": in_query}
    whole = read([text], stop, **options)
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    parts = read([text[a:b] for a, b in pairwise(edges)], stop, **options)

    assert parts[:3] == whole[:3]
    for name in ("query", "state", "stray"):
        assert getattr(parts[3], name) == getattr(whole[3], name)
    for literal in LITERALS:
        assert literal not in whole[0]
        assert literal not in whole[3].query


@given(text=st.text(alphabet="abc[]<|> \né", max_size=80))
def test_text_without_markers_passes_unchanged(text: str) -> None:
    assert read(text)[0] == text


class CountingPattern:
    """A compiled pattern that counts the characters it is shown."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self.scanned = 0

    def search(self, text: str, position: int = 0) -> re.Match[str] | None:
        found = self.pattern.search(text, position)
        self.scanned += (found.end() if found else len(text)) - position
        return found

    def finditer(self, text: str, position: int = 0):
        self.scanned += len(text) - position
        return self.pattern.finditer(text, position)


def work(text: str, size: int) -> int:
    """Characters looked at while reading `text` in pieces of `size`."""
    detector = SpanDetector(ORSON, max_query_chars=10**9)
    marker, begin = CountingPattern(detector._marker), CountingPattern(detector._begin)
    detector._marker, detector._begin = marker, begin  # type: ignore[assignment]
    for at in range(0, len(text), size):
        list(detector.feed(text[at : at + size]))
    list(detector.finish())
    return marker.scanned + begin.scanned


@pytest.mark.parametrize("size", [1, 7, 10**6])
@pytest.mark.parametrize(
    "unit", ["plain prose ", "[", "[SEARCH_STAR", f"a{END}", f"{START} x ", "[SEARCH_START[", "é"]
)
def test_work_is_linear(unit: str, size: int) -> None:
    """Twice the text is at most twice the work, and a bounded number of looks per character."""
    text = unit * 400
    once, twice = work(text, size), work(text * 2, size)
    assert twice <= 2 * once + 200  # the ends differ a little
    assert once <= len(text) * 3 * len(RESULTS)
