"""The block the model reads: its exact form, and that it never takes more than its budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialect import results
from app.dialect.markers import ORSON
from app.dialect.results import MIN_TEXT_CHARS, body, fit, number, search_failed
from search_adapters.protocol import Passage


def block(passages, *notices: str, first: int = 1) -> str:
    return f"{ORSON.results_start}{body(number(passages, first), *notices)}{ORSON.results_end}"


def test_golden_block() -> None:
    one = Passage("Title", "https://site/1", "text", "site", "2024-05-01")
    assert block([one]) == "[RESULTS_START]\n[1] Title (site, 2024-05-01): text\n[RESULTS_END]"


def test_golden_block_of_several() -> None:
    passages = [
        Passage("Harwick Prize", "u1", "Ana\nLindqvist  won.", "harwick.example", "2031-05-02"),
        Passage("No date", "u2", "text", "site"),
        Passage("No site", "u3", "text", date="2024-05-01"),
        Passage(" ", "u4", "neither\u2028of them"),
    ]
    assert block(passages, "No searches left. Answer now.", first=3) == (
        "[RESULTS_START]\n"
        "[3] Harwick Prize (harwick.example, 2031-05-02): Ana Lindqvist won.\n"
        "[4] No date (site): text\n"
        "[5] No site (2024-05-01): text\n"
        "[6] Untitled: neither of them\n"
        "No searches left. Answer now.\n"
        "[RESULTS_END]"
    )


@pytest.mark.parametrize(
    ("notice", "text"),
    [
        (results.NO_RESULTS, "No results."),
        (results.EMPTY_QUERY, "The query was empty."),
        (results.LONG_QUERY, "The query was too long."),
        (results.REPEATED_QUERY, "This was already searched."),
        (results.NO_ROOM, "There is no room for results."),
        (results.FORGED_RESULTS, "Only a search gives results."),
        (results.BUDGET_SPENT, "No searches left. Answer now."),
        (search_failed("timed out"), "Search failed: timed out."),
    ],
)
def test_golden_notices(notice: str, text: str) -> None:
    """The bundled model was trained on these words."""
    assert block([], notice) == f"[RESULTS_START]\n{text}\n[RESULTS_END]"


def test_numbers_go_on() -> None:
    passages = [Passage(str(at), "u", "t") for at in range(3)]
    assert [item.number for item in number(passages, 4)] == [4, 5, 6]


def test_a_cut_passage_ends_with_its_sentence() -> None:
    text = "The first sentence is long enough to be kept all by itself, surely. The second is not."
    kept = fit(number([Passage("T", "u", text, "s", "2024-05-01", {"k": "v"})], 1), 100)
    assert kept[0].passage.text == text[: text.index(" The second")]
    assert (kept[0].number, kept[0].passage.metadata) == (1, {"k": "v"})


def test_a_cut_passage_ends_with_a_word_otherwise() -> None:
    (item,) = fit(number([Passage("T", "u", "word " * 40)], 1), 100)
    assert item.passage.text.endswith("word…")
    assert MIN_TEXT_CHARS <= len(item.line()) + 1 <= 100


def test_what_comes_after_a_cut_passage_is_left_out() -> None:
    passages = [Passage("A", "u", "a" * 20), Passage("B", "u", "b" * 500), Passage("C", "u", "c")]
    assert [item.passage.title for item in fit(number(passages, 1), 150)] == ["A", "B"]
    assert [item.passage.title for item in fit(number(passages, 1), 60)] == ["A"]


WORDS = st.text(alphabet="ab. \n\t\u2028\x85é漢", max_size=200)
PASSAGES = st.lists(
    st.builds(
        Passage, title=WORDS, url=st.just("u"), text=WORDS,
        site=st.sampled_from(["", " ", "s.example"]), date=st.sampled_from([None, "2024-05-01"]),
    ),
    max_size=5,
)  # fmt: skip


@given(PASSAGES, st.integers(0, 600))
def test_fit_keeps_to_its_budget(passages: list[Passage], max_chars: int) -> None:
    numbered = number(passages, 1)
    kept = fit(numbered, max_chars)

    assert sum(len(item.line()) + 1 for item in kept) <= max_chars
    assert [item.number for item in kept] == [item.number for item in numbered[: len(kept)]]
    assert all(a.passage.url == b.passage.url for a, b in zip(kept, numbered, strict=False))
    assert fit(kept, max_chars) == kept
    inner = body(kept, "Notice.")
    assert len(inner.splitlines()) == len(kept) + 2  # the first is empty, the last the notice
    assert inner.startswith("\n")
    assert inner.endswith("\n")
