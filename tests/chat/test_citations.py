"""`[n]` -> citations: offsets right for any chunking, only for passages really injected."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.events import Cited, TextDelta
from app.chat.prose.citations import CitationReader
from app.dialect.results import number
from tests.fakes.engine import ScriptedEngine
from tests.fakes.scene import Scene
from tests.fakes.search import FakeSearch, found, passage

SOURCES = {item.number: item for item in number([passage(str(n)) for n in range(3)], 1)}


def read(pieces, sources=SOURCES) -> tuple[str, list[tuple[int, str]], int]:
    """The answer, each citation's number with the text it covers, and the numbers dropped."""
    reader = CitationReader()
    reader.sources = sources
    events = [event for piece in pieces for event in reader.feed(piece)]
    events += reader.finish()
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert all(event.text for event in events if isinstance(event, TextDelta))
    assert reader.length == len(text)
    cited = [
        (event.source.number, text[event.start : event.end])
        for event in events
        if isinstance(event, Cited)
    ]
    said = 0
    for event in events:  # a citation leaves after the text it covers
        if isinstance(event, TextDelta):
            said += len(event.text)
        else:
            assert event.end <= said
    return text, cited, reader.dropped


CASES = [
    # text, answer, citations, dropped
    ("Ana won [1].", "Ana won [1].", [(1, "[1]")], 0),
    ("Ana won[1].", "Ana won[1].", [(1, "[1]")], 0),
    ("[1] says so.", "[1] says so.", [(1, "[1]")], 0),
    ("Both [1, 2].", "Both [1, 2].", [(1, "[1, 2]"), (2, "[1, 2]")], 0),
    ("Both [1,2].", "Both [1,2].", [(1, "[1,2]"), (2, "[1,2]")], 0),
    ("Both [1][3].", "Both [1][3].", [(1, "[1]"), (3, "[3]")], 0),
    ("Twice [2, 2].", "Twice [2, 2].", [(2, "[2, 2]")], 0),
    ("No [9].", "No.", [], 1),
    ("No [0].", "No.", [], 1),
    ("Half [1, 9].", "Half [1].", [(1, "[1]")], 1),
    ("Half [9, 2, 8] so.", "Half [2] so.", [(2, "[2]")], 2),
    ("Neither [8, 9] so.", "Neither so.", [], 2),
    ("None [8][9].", "None.", [], 2),
    ("[9] So.", "So.", [], 1),
    ("[9] [1] So.", "[1] So.", [(1, "[1]")], 1),
    ("Code `a[1]` ok [1].", "Code `a[1]` ok [1].", [(1, "[1]")], 0),
    ("Code `a[9]`.", "Code `a[9]`.", [], 0),
    ("```\nx[1]\n[9]\n```\n[2]", "```\nx[1]\n[9]\n```\n[2]", [(2, "[2]")], 0),
    ("``a ` [9]`` [1]", "``a ` [9]`` [1]", [(1, "[1]")], 0),
    ("Open ` tick\nthen [1].", "Open ` tick\nthen [1].", [(1, "[1]")], 0),
    ("漢字 🙂 é [2]!", "漢字 🙂 é [2]!", [(2, "[2]")], 0),
    ("[a] [1a] [ 1] [1 [1,] []", "[a] [1a] [ 1] [1 [1,] []", [], 0),
    ("In [1999] so.", "In [1999] so.", [], 0),
    ("In [1998, 1999] so.", "In [1998, 1999] so.", [], 0),
    ("In [1, 1999] so.", "In [1] so.", [(1, "[1]")], 1),
    ("Not [0001].", "Not [0001].", [(1, "[0001]")], 0),
    (
        "All [1, 2, 3, 4, 5, 6, 7, 8, 9].",
        "All [1, 2, 3].",
        [(1, "[1, 2, 3]"), (2, "[1, 2, 3]"), (3, "[1, 2, 3]")],
        6,
    ),
    (f"No [{', '.join(['987'] * 64)}].", "No.", [], 64),
    ("[12345]", "[12345]", [], 0),
    ("End [1", "End [1", [], 0),
    ("End [", "End [", [], 0),
    ("End ", "End ", [], 0),
    (" \n Start", "Start", [], 0),
    ("", "", [], 0),
]
WITHOUT_SEARCH = [
    ("arr[1] and f(x)[2]", "arr[1] and f(x)[2]", [], 0),
    ("m[1][2] = x_[3]", "m[1][2] = x_[3]", [], 0),
    ("[1] First\n[2] Second", "[1] First\n[2] Second", [], 0),
    ("As is known [1].", "As is known.", [], 1),
    ("As is known. [1][2]", "As is known.", [], 2),
    ("`x [1]`", "`x [1]`", [], 0),
]


@pytest.mark.parametrize(("text", "answer", "cited", "dropped"), CASES)
def test_with_results(text, answer, cited, dropped) -> None:
    check(text, SOURCES, (answer, cited, dropped))


@pytest.mark.parametrize(("text", "answer", "cited", "dropped"), WITHOUT_SEARCH)
def test_without_a_search(text, answer, cited, dropped) -> None:
    check(text, {}, (answer, cited, dropped))


def check(text, sources, expected) -> None:
    assert read([text], sources) == expected
    assert read(text, sources) == expected
    for cut in range(len(text) + 1):
        assert read([text[:cut], text[cut:]], sources) == expected, cut


def test_a_passage_under_a_number_of_four_digits() -> None:
    sources = {item.number: item for item in number([passage("far")], 1999)}
    check("See [1999], [1998].", sources, ("See [1999], [1998].", [(1999, "[1999]")], 0))


def test_what_is_held_back_is_bounded() -> None:
    reader = CitationReader()
    given = "A [" + "1234, " * 500
    shown = "".join(
        event.text for char in given for event in reader.feed(char) if isinstance(event, TextDelta)
    )
    assert shown == given[:-1]  # the last is a space
    assert list(reader.feed("x")) == [TextDelta(" x")]
    whole = "A [" + "1234, " * 63 + "1234"
    assert [*reader.feed(whole)] == [TextDelta("A")]
    assert len(whole) - 1 == 384


FRAGMENTS = st.sampled_from(
    ["[1]", "[2]", " [9]", "[1999]", "[1, 2]", " [1, 9]", "[", "]", "`", "``", "```", "\n", " ",
     "a", "🙂", ",", "1", "[SEARCH_", "START]", "f(x)"]
)  # fmt: skip


@given(
    text=st.lists(FRAGMENTS, max_size=16).map("".join),
    cuts=st.lists(st.integers(0, 80), max_size=10),
    searched=st.booleans(),
)
def test_pieces_do_not_show(text: str, cuts: list[int], searched: bool) -> None:
    sources = SOURCES if searched else {}
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    whole = read([text], sources)
    assert read([text[a:b] for a, b in pairwise(edges)], sources) == whole
    for cited, covered in whole[1]:
        assert covered.startswith("[")
        assert covered.endswith("]")
        assert str(cited) in covered
    assert "[SEARCH_START]" not in whole[0] or "[SEARCH_START]" in text


def test_plain_text_is_not_held_back() -> None:
    reader = CitationReader()
    assert list(reader.feed("Plain text.")) == [TextDelta("Plain text.")]
    assert list(reader.feed(" More, [x] <y>")) == [TextDelta(" More, [x] <y>")]
    assert list(reader.feed(" [1")) == []
    assert list(reader.feed("2x]")) == [TextDelta(" [12x]")]


def test_taking_a_citation_out_makes_no_marker() -> None:
    text, _, dropped = read(["[SEARCH_ [9]START]"])
    assert dropped == 1
    assert "[SEARCH_START]" not in text


async def test_offsets_count_the_whole_answer_over_its_legs() -> None:
    engine = ScriptedEngine(
        "🙂 Wait. [SEARCH_START] q[SEARCH_END]", "Ana [1] and [7], [2].", piece=2
    )
    outcome = await Scene(engine, FakeSearch(found("A.", "B."))).play()

    assert outcome.text == "🙂 Wait. Ana [1] and, [2]."
    assert [(e.source.number, outcome.text[e.start : e.end]) for e in outcome.cited] == [
        (1, "[1]"),
        (2, "[2]"),
    ]
    assert outcome.usage.dropped_citations == 1


async def test_a_citation_before_its_search_is_dropped() -> None:
    engine = ScriptedEngine("So I say [1]. [SEARCH_START] q[SEARCH_END]", "Yes [1].")
    outcome = await Scene(engine, FakeSearch(found("A."))).play()
    assert outcome.text == "So I say. Yes [1]."
    assert (len(outcome.cited), outcome.usage.dropped_citations) == (1, 1)
