"""The suite that comes along: whole, and of nothing that trains a model."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from training import attributes, notes, shapes, smalltalk, weave, wordings
from training.evaluation.suite import BUNDLED, load
from training.facts import Attribute
from training.suites import sources

ENCYCLOPEDIA = (
    Path(__file__).resolve().parents[2] / "search_adapters/encyclopedia/articles.jsonl.gz"
)
LEAST = {
    "known": 100,
    "encyclopedia": 100,
    "nobody": 100,
    "known_off": 100,
    "unknown_off": 100,
    "reading": 60,
    "two_hop": 50,
    "own_notes": 60,
    "reading_other": 20,
    "own_notes_other": 10,
    "talk": 10,
}


def folded(text: str) -> str:
    return " ".join(re.findall(r"\w+|\{n\}", text.lower()))


def taught() -> list[Attribute]:
    """Every attribute that training has wordings for."""
    found = [each for each in vars(attributes).values() if isinstance(each, Attribute)]
    return found + [attribute for rows in notes.SCHEMA.values() for attribute, _ in rows]


def trained() -> set[str]:
    """Every question and telling that training draws from, with its slots."""
    texts = [text for a in taught() for text in (*a.questions, *a.held, *a.tellings)]
    texts += [text for row in smalltalk.INTENTS for part in row for text in part.split("|")]
    for table in (wordings.FOLLOW, wordings.HOPS, wordings.HOPS_HELD):
        texts += [text for ways in table.values() for text in ways]
    assert len(texts) > 500
    return set(map(folded, texts))


def test_there_is_enough_of_everything() -> None:
    suite = load("bundled")
    counts = Counter(each.kind for each in suite.questions)
    assert counts.keys() == LEAST.keys()
    assert all(counts[kind] >= least for kind, least in LEAST.items()), counts
    nobody = [each for each in suite.questions if each.kind == "nobody"]
    groups = Counter(each.group for each in nobody)
    assert groups["absent"] >= 40
    assert groups["invented"] + groups["recombined"] >= 60
    assert BUNDLED.stat().st_size < 60_000


def test_every_question_is_whole() -> None:
    suite = load("bundled")
    for each in suite.questions:
        assert "{" not in each.question, each
        assert each.question[0].isupper(), each
        assert each.answers or each.kind in ("nobody", "unknown_off"), each
        assert each.answerable == bool(each.answers)
        assert each.indexed == (each.kind.startswith(("reading", "own_notes")))
    held = "\n".join(text for _, text in suite.files)
    assert len(suite.files) > 100
    assert "{" not in held


@pytest.mark.parametrize("kind", sorted(sources.wordings()))
def test_no_wording_is_one_of_training(kind: str) -> None:
    known = trained()
    for way in sources.wordings()[kind]:
        assert folded(way) not in known, way


def test_no_answer_is_told_as_in_training() -> None:
    """With up to four words in the place of each slot."""
    slot = r"\S+(?: \S+){0,3}"
    tellings = [telling for attribute in taught() for telling in attribute.tellings]
    tellings += [
        *shapes.SHAPES.split("\n"),
        *weave.NAMED,
        *(f"{{n}} {part}" for part in weave.TOLD),
    ]
    told = [
        re.compile(slot.join(map(re.escape, re.split(r"\{\w+\}", telling.rstrip(".")))), re.I)
        for telling in tellings
        if len(re.sub(r"\{\w+\}", "", telling).split()) > 2  # "X has Y" fits everything
    ]
    for text in sources.reading():
        answers = text.questions[0].answers
        for sentence in re.split(r"(?<=[.!?:])\s+", text.body):
            if any(answer in sentence for answer in answers):
                assert not any(way.fullmatch(sentence.rstrip(".!")) for way in told), sentence


def test_what_the_encyclopedia_is_asked_stands_in_it() -> None:
    with gzip.open(ENCYCLOPEDIA, "rt", encoding="utf-8") as lines:
        articles = {row["title"]: row["text"] for row in map(json.loads, lines)}
    for each in load("bundled").questions:
        if each.kind == "encyclopedia":
            assert any(answer in articles[each.title] for answer in each.answers), each
        if each.kind == "nobody" and each.group != "absent":
            assert not any(title in each.question for title in articles if " " in title), each
