"""Which words fetch candidates, and which candidates are relevant."""

import pytest

from search_adapters.local_index import Hit
from search_adapters.ranking import BUDGET, PER_DOCUMENT, Match, ranked, weights, worth_matching
from search_adapters.terms import terms, tokens

SIZE = 1_000_000


def hit(title: str, text: str, *, document: int = 0, position: int = 0) -> Hit:
    words = tuple(tokens(title))
    return Hit(
        title=title,
        url="",
        site="",
        date=None,
        text=text,
        position=position,
        document=("file", document),
        title_phrase=words,
        title_words=frozenset(words),
        text_words=frozenset(tokens(text)),
        bm25=-1.0,
    )


def titles(query: str, *hits: Hit, **held: int) -> list[str]:
    asked = terms(query)
    found = ranked(asked, weights(asked, held or dict.fromkeys(asked.all, 10), SIZE), hits)
    return [each.title for each in found]


@pytest.mark.parametrize(
    ("query", "held", "match"),
    [
        ("Varn ferry", {"varn": 10, "ferry": 900}, Match(("varn", "ferry"))),
        # Only as many as can be paid for, the rarest first; a relation comes last.
        ("Varn ferry", {"varn": 10, "ferry": BUDGET}, Match(("varn",))),
        ("Where was Varn born", {"varn": 10, "born": 90_000}, Match(("varn",))),
        ("Varn born", {"varn": 2_000, "born": 10}, Match(("varn", "born"))),
        # One word always; those that are too frequent only where they stand together.
        ("german film", {"german": 90_000, "film": 80_000}, Match(("film",))),
        (
            "first german film studio",
            {"first": 99_000, "german": 90_000, "film": 80_000, "studio": 30},
            Match(("studio",), ("film", "german", "first")),
        ),
        # In a fifth of all passages: not even that.
        ("german film", {"german": 90_000, "film": 300_000}, Match(("german",))),
        ("where was he born", {"born": 300_000}, Match(("born",), in_titles=True)),
    ],
)
def test_candidates_cost_no_more_than_can_be_paid(
    query: str, held: dict[str, int], match: Match
) -> None:
    found = worth_matching(terms(query), held, SIZE)
    assert (found.any_of, set(found.all_of), found.in_titles) == (
        match.any_of,
        set(match.all_of),
        match.in_titles,
    )


def test_a_name_is_found_whole_or_not_at_all() -> None:
    kovats = hit("Kovats", "Kovats is a village in the hills.")
    assert titles("Ferdinand Orson Kovats", kovats) == []
    assert titles("Kovats", kovats) == ["Kovats"]
    assert titles("Kovats village hills", kovats) == ["Kovats"]


def test_one_word_of_a_name_does_not_answer_for_the_whole_name() -> None:
    venus = hit("Venus", "Venus is a planet.")
    assert titles("Who is Venus Lasala?", venus, venus=900, lasala=1) == []
    assert titles("Who is Venus Lasala?", hit("Venus", "Venus was painted by Lasala.")) == ["Venus"]
    assert titles("Venus surface", venus, venus=2_000, surface=3_000) == ["Venus"]


@pytest.mark.parametrize("query", ["France language", "France Continent", "the currency of France"])
def test_a_common_title_answers_what_is_asked_of_it(query: str) -> None:
    france = hit("France", "France is a country in Europe. Its people speak French.")
    other = hit("Malta", "The language, the currency and the continent of Malta.", document=1)
    found = titles(query, france, other, france=9_000, language=90, continent=90, currency=90)
    assert found[0] == "France"


def test_a_long_question_need_not_be_covered_by_half() -> None:
    answer = hit("Super Bowl 50", "The Panthers gave up just 308 points, sixth in the league.")
    question = "How many points did the Panthers defense surrender during that season altogether?"
    assert titles(question, answer) == ["Super Bowl 50"]
    assert titles(question, hit("Points", "Points are counted.")) == []


def test_a_document_does_not_fill_the_results() -> None:
    pages = [hit("Velia", f"Velia, page {at}.", position=at) for at in range(9)]
    assert len(titles("Velia", *pages)) == PER_DOCUMENT
