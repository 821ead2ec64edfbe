import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search_adapters.terms import terms, tokens

_DATABASE = sqlite3.connect(":memory:", check_same_thread=False)
_DATABASE.execute(
    "CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'unicode61 remove_diacritics 2')"
)


@pytest.fixture(scope="module", autouse=True)
def _closed() -> object:
    yield
    _DATABASE.close()


@given(st.text())
@example('"')
@example("c++ AND col:x NEAR(a b, 3) OR NOT ^x* {a}: -b")
@example("text : x")
@example("\x00\ud7ff\uffff")
@example("👩‍🚀🔭")
def test_no_query_is_a_syntax_error(text: str) -> None:
    words = terms(text).all
    match = " OR ".join(f'"{word}"' for word in words)
    if match:
        _DATABASE.execute("SELECT rowid FROM words WHERE words MATCH ?", (match,)).fetchall()


@given(st.text())
def test_what_is_indexed_is_found_by_its_own_words(text: str) -> None:
    indexed = set(tokens(text, singles=True))
    assert set(tokens(text)) <= indexed
    assert all(word and not set(word) & set(" \"'*^:(){}+-\n\x00") for word in indexed)


@given(st.text(max_size=20), st.sampled_from([str.upper, str.lower, str.title]))
def test_case_does_not_matter_in_ascii(text: str, change: object) -> None:
    plain = text.encode("ascii", "ignore").decode()
    assert tokens(change(plain)) == tokens(plain)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Château", "chateau"),
        ("ＶＥＬＩＡ", "velia"),
        ("Brankovic's", "brankovic"),
        ("Brankovic’s", "Brankovic"),
        ("cities", "city"),
        ("Curies", "Curie"),
        ("churches", "church"),
        ("STRASSE", "straße"),
        ("c++", "C++"),
        ("Ελλάδα", "ελλαδα"),
    ],
)
def test_spellings_of_the_same_word(one: str, other: str) -> None:
    assert tokens(one) == tokens(other) != []


def test_different_words_stay_different() -> None:
    assert len({tokens(text)[0] for text in ("c", "c++", "c#", "cs", "glass", "glas", "bus")}) == 7


def test_unspaced_scripts_are_cut_in_pairs() -> None:
    assert tokens("東京都 2026年") == ["東京", "京都", "2026", "年"]
    assert tokens("東京", singles=True) == ["東", "京", "東京"]


def test_a_question_is_about_its_names() -> None:
    asked = terms("Where was Ada Brankovic born?")
    assert asked.strong == ("ada", "brankovic")
    assert asked.weak == ("born",)
    assert "born" in terms("Ada Brankovic birthplace").weak
    assert terms("where was it?").strong == ()
    assert terms("?!").all == ()


def test_very_long_queries_are_bounded() -> None:
    assert len(terms(" ".join(f"word{n}" for n in range(5000))).all) <= 64


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_fast_way_for_ascii_is_the_same_way(text: str) -> None:
    assert tokens(text) == tokens(text + " ä")[:-1]
