# ruff: noqa: E501
"""Real articles under invented names, and answers in the words of the question."""

import gzip
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from training import article_facts as tells
from training import articles as art
from training import attributes as a
from training.names import Names
from training.reading import restated

NAMES = Names(("Zuki",), ("Morrow",), ("Test",), ("Only",))
LEAD = (
    "Ada Jane Brankovic (/ˈbræn/; 3 May 1901 – 9 June 1980) was a Serbian chemist and writer. Brankovic was born"
    " in Novi Sad and grew up in Trieste, where her father, Ivan Petrović, repaired clocks. She studied at the"
    " University of Vienna and married the singer Olga Maric in 1930. In 1951 she won the Balzan Prize. She died"
    " in Lisbon."
)
FILM = (
    "Night Boats is a 1962 American drama film directed by Sam Oke and starring Lena Wray. It was written by Ruth"
    " Ames, based on the novel Tides by H. Low. It was distributed by Paramount Pictures."
)  # fmt: skip


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    person = {"name": "Ada Brankovic", "lead": LEAD, "birth_year": "1901", "occupation": "CHEMIST"}
    kovats = {**person, "name": "Ana Kovats", "lead": LEAD.replace("Brankovic", "Kovats")}
    _write(tmp_path / "people.jsonl.gz", [person, kovats])
    _write(tmp_path / "movies.jsonl.gz", [{"title": "Night Boats", "extract": FILM}])
    (tmp_path / "2wikimultihopqa_corpus.json.gz").write_bytes(gzip.compress(b"[]"))
    return tmp_path


def test_facts_are_found_and_the_name_is_gone(data: Path) -> None:
    drawn = art.Articles(data, NAMES, Random(1)).subject("city", "Zuki Morrow")
    told = {fact.attribute.key: fact.value for fact in drawn.facts}
    assert told == {
        "born": "1901",
        "died": "1980",
        "job": "chemist",
        "who": "chemist",
        "city": "Novi Sad",
        "grew_up": "Trieste",
        "father": "Ivan Petrović",
        "school": "University of Vienna",
        "spouse": "Olga Maric",
        "prize": "Balzan Prize",
        "death_place": "Lisbon",
    }
    assert "Brankovic" not in drawn.text()
    assert drawn.lines[0].startswith("Zuki Morrow (3 May 1901 – 9 June 1980) was a Serbian")
    assert drawn.lines[1].startswith("Morrow was born in Novi Sad")
    for fact in drawn.facts:
        assert fact.value in fact.sentence
        assert fact.sentence in drawn.lines
    open_ = {attribute.key for attribute in drawn.missing}
    assert {"height", "hobby"} <= open_
    assert not open_ & {*told, "home"}  # hinted at, if not told


def test_films_too(data: Path) -> None:
    drawn = art.Articles(data, NAMES, Random(1)).subject("director")
    assert {fact.attribute.key: fact.value for fact in drawn.facts} == {
        "director": "Sam Oke",
        "star": "Lena Wray",
        "released": "1962",
        "writer": "Ruth Ames",
        "basis": "the novel Tides by H",
        "distributor": "Paramount Pictures",
        "by whom": "Paramount Pictures",
    }
    assert "Night Boats" not in drawn.text()


def test_nobody_learns_of_the_person_whom_nobody_may_have_heard_of(data: Path) -> None:
    assert len(art.Articles(data, NAMES, Random(1)).people) == 1


def test_an_answer_is_in_the_words_of_the_question(data: Path) -> None:
    drawn = art.Articles(data, NAMES, Random(1)).subject("city", "Zuki Morrow")
    said = {fact.attribute.key: restated(drawn, fact) for fact in drawn.facts}
    assert said["city"] == "Zuki Morrow was born in Novi Sad."
    assert said["who"] == "Zuki Morrow was a chemist."
    assert said["spouse"] == "Zuki Morrow is married to Olga Maric."
    assert said["born"] == "Zuki Morrow was born in 1901."


def test_what_an_article_leaves_open_has_a_pattern() -> None:
    for attribute in (*tells.LEFT_OPEN, *tells.FILMS_LEFT_OPEN):
        assert attribute.key in tells.TOUCHED, attribute.key
    assert a.HEIGHT in tells.LEFT_OPEN
