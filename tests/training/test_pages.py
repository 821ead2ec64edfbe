# ruff: noqa: E501
"""Pages written by hand: each holds what it is asked, whatever its slots are filled with."""

import re
from pathlib import Path
from random import Random

import pytest

from search_adapters import passages
from search_adapters.protocol import Passage
from training import jsonl, names, world
from training.chat import SORRY, Said, Searched
from training.pages import handout, parsing
from training.pages.check import faults
from training.pages.drawing import Pages
from training.pages.parsing import SLOT, Malformed, Page
from training.pages.values import KINDS
from training.records import Question

FILES = sorted(parsing.FOLDER.glob("*.txt"))
PAGE = """
=== The {word} Arms
@ drink = cider | stout | perry | mead
? Who runs The {word} Arms? | The {word} Arms landlord? => The {word} Arms is run by [{n}]. ~ {word} Arms landlord
? When did {o} leave? | Until when was {o} there? => {o} left in [{year2}]. ~ {o} left
- What does The {word} Arms charge for a room? => I don't know what a room costs. ~ {word} Arms room
---
{o} came in {year} and left in {year2}.

- landlord: **{n}**
- on tap: {drink}, {drink2}
"""


def written(source: str = PAGE) -> Page:
    (page,) = parsing.parse(source)
    return page


def short(passage: Passage) -> bool:
    return len(passages.sentences(passage.text.replace("\n", " "))) == 1


@pytest.fixture
def pages(data: Path) -> Pages:
    return Pages([written(), *parsing.load()], names.load(data), world.load(data), Random(4))


@pytest.mark.parametrize("file", FILES, ids=lambda each: each.stem)
def test_the_pages_have_no_faults(file: Path) -> None:
    found = parsing.parse(file.read_text(encoding="utf-8"), file.name)
    assert found
    for page in found:
        assert faults(page) == [], (file.name, page.title, page.text[:40])


def test_no_page_is_taken_from_what_measures_the_model() -> None:
    def six(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\{\}|[a-z0-9']+", SLOT.sub("{}", text.lower()))
        return {tuple(words[at : at + 6]) for at in range(len(words) - 5)}

    suites = parsing.FOLDER.parent / "suites/bundled"
    measured = {
        gram
        for name in ("reading.txt", "notes.txt")
        for line in (suites / name).read_text(encoding="utf-8").splitlines()
        if not line.startswith(("//", "?"))
        for gram in six(re.sub(r"\{[a-z.]+\}", "{}", line))
    }
    assert len(measured) > 2500
    assert not measured & {gram for page in parsing.load() for gram in six(page.text)}


def test_one_head_may_have_several_texts_which_tell_different_things() -> None:
    one, other = parsing.parse(
        "=== {n}\n@ home : town\n"
        "? Where was {n} born? | {n}'s birthplace? => {n} was born in [{town}]. ~ {n} birthplace\n"
        "? Where does {n} live? | {n}'s home? => {n} lives in [{home}]. ~ {n} home\n"
        "- How tall is {n}? => I don't know how tall {n} is. ~ {n} height\n"
        "---\nA child of {town}.\n--- The {n.last} story\nCame from {town}, lives in {home}.\n"
    )
    assert (one.title, other.title) == ("{n}", "The {n.last} story")
    assert [each.value for each in one.asked] == ["{town}", ""]
    assert [each.value for each in other.asked] == ["{town}", "{home}", ""]
    assert faults(one) == faults(other) == []


def test_there_are_many_pages_and_no_two_alike() -> None:
    every = parsing.load()
    assert len(every) > 350
    assert len({page.text for page in every}) == len(every)


def test_what_is_told_stands_in_a_passage_and_is_cited(pages: Pages) -> None:
    for _ in range(300):
        read = pages.draw(told=1.0)
        found = re.search(r" \[(\d)\]\.$", read.answer)
        assert found, read
        assert read.value.lower() in read.passages[int(found[1]) - 1].text.lower()
        assert read.value.lower() in read.answer.lower()
        assert not SLOT.search(" ".join((read.question, read.query, read.answer)))
        assert not any(SLOT.search(each.title + each.text) for each in read.passages)


def test_what_nothing_tells_is_not_known(pages: Pages) -> None:
    answers = set()
    for _ in range(200):
        read = pages.draw(told=0.0)
        answers.add(read.answer)
        assert read.value == ""
        assert read.answer.startswith("I don't know")
    assert SORRY in answers
    assert len(answers) > 50


def test_some_searches_bring_single_sentences_with_and_without_an_answer(pages: Pages) -> None:
    for told in (0.0, 1.0):
        drawn = [pages.draw(told=told, most=0) for _ in range(300)]
        alone = [each for each in drawn if each.passages and short(each.passages[0])]
        assert 0.1 < len(alone) / len(drawn) < 0.7


def test_a_page_may_lack_the_very_sentence_that_tells(pages: Pages) -> None:
    page = written()
    (asked,) = (each for each in page.asked if each.value == "{n}")
    for _ in range(50):
        filled = pages.fill(page)
        value = filled.said(asked.value)
        lacking = pages.lacking(filled, value)
        assert lacking is not None
        assert lacking.text
        assert value not in lacking.text


def test_a_reading_is_a_turn_with_one_search(pages: Pages) -> None:
    search, said = pages.draw(told=1.0).turn("No searches left. Answer now.").parts
    assert isinstance(search, Searched)
    assert isinstance(said, Said)
    assert search.block.endswith("\nNo searches left. Answer now.\n")


def test_a_page_is_told_anew_each_time_and_years_come_in_order(pages: Pages) -> None:
    seen = set()
    for _ in range(50):
        filled = pages.fill(written())
        assert filled.slots["year"] < filled.slots["year2"]
        assert filled.slots["drink"] != filled.slots["drink2"]
        assert filled.slots["n"] != filled.slots["o"]
        seen.add(filled.said("{n.last} of The {word} Arms"))
    assert len(seen) > 45


def test_some_pages_are_kept_for_measuring(data: Path) -> None:
    every, made, real = parsing.load(), names.load(data), world.load(data)
    shown = Pages(every, made, real, Random(1)).pages
    kept = Pages(every, made, real, Random(1), test=True).pages
    assert len(shown) + len(kept) == len(every)
    assert 0.02 < len(kept) / len(every) < 0.09


def test_every_kind_of_slot_can_be_drawn(pages: Pages) -> None:
    assert set(pages.values.kinds) == KINDS
    assert all(pages.values.draw(kind).strip() for kind in KINDS)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("by [{n}]", "by [{m}]", "not in the text"),
        ("[{year2}]", "[{year3}]", "not in the text"),
        ("| stout | perry | mead", "| stout", "fewer than three"),
        ("{drink2}", "{beer}", "unknown slot"),
        ("on tap", "on {tap", "no slot"),
        (" | The {word} Arms landlord?", "", "two wordings"),
    ],
)
def test_a_faulty_page_is_found(old: str, new: str, fault: str) -> None:
    assert faults(written()) == []
    assert any(fault in each for each in faults(written(PAGE.replace(old, new))))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("\n---\n", "\n", "no line '---'"),
        ("@ drink", "drink", "must begin with"),
        ("~ {o} left", "", "wordings => answer"),
        ("[{n}]", "{n}", "brackets"),
        ("=> I don't know what", "=> Nobody knows what", "I don't know"),
    ],
)
def test_a_page_that_cannot_be_read_says_where(old: str, new: str, why: str) -> None:
    with pytest.raises(Malformed, match=re.escape(why)) as caught:
        parsing.parse(PAGE.replace(old, new), "inns.txt")
    assert "inns.txt === The {word} Arms" in str(caught.value)


def test_pages_are_handed_out_as_documents_with_questions_that_they_answer(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "sys.argv", ["", "--data", str(data), "--out", str(tmp_path), "--each", "2"]
    )
    handout.main()
    documents = {file.name: file.read_text("utf-8") for file in (tmp_path / "documents").iterdir()}
    questions = list(jsonl.read(tmp_path / "questions.jsonl", Question))
    assert f"{len(documents)} documents, {len(questions)} questions" in capsys.readouterr().out
    assert {each.split for each in questions} == {"train", "test"}
    told = [each for each in questions if each.answers]
    assert len(questions) > len(told) > len(questions) / 2
    for each in told:
        assert each.document is not None
        text = " ".join(documents[each.document.id].split()).lower()
        assert each.answers[0].lower() in text, each


def test_questions_that_any_page_could_answer_are_not_handed_out() -> None:
    page = written(PAGE.replace("When did {o} leave? |", "When did the landlord leave? |"))
    assert [handout.telling(page, way) for way in page.asked[1].wordings] == [False, True]
