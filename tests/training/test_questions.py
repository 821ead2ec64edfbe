"""`orson data questions`: from facts by templates, from documents by a model, split and sifted."""

import gzip
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from tests.cli.running import ORSON
from tests.training.oracle import Oracle, Trouble
from training import jsonl
from training.questions import checking, writing
from training.questions.duplicates import Passages, sift
from training.questions.running import Done
from training.questions.splitting import Shares, strictest
from training.questions.writing import Candidate
from training.records import Question

PASSAGE = (
    "Ada Brankovic was a chemist born in Novi Sad in 1931. She isolated the pigment vrenskin from "
    "river algae while she worked at the institute in Kappeln, and sold the patent for 3,000 "
    "crowns in the year before she died."
)


def make(out: Path, *options: str) -> Result:
    return CliRunner().invoke(
        app, ["data", "questions", "--out", str(out), *options],
        env={"COLUMNS": "300", "TERM": "dumb"},
    )  # fmt: skip


def read(out: Path) -> list[Question]:
    return list(jsonl.read(out, Question))


# -- facts -------------------------------------------------------------------------------------


def test_facts_are_worded(tmp_path: Path) -> None:
    facts = tmp_path / "facts.jsonl"
    rows: list[dict[str, Any]] = [
        {"subject": "Ada Brankovic", "attribute": "birthplace", "value": "Novi Sad",
         "aliases": ["Neusatz"]},
        {"subject": "Ada Brankovic", "attribute": "lab_colour", "value": "green"},
        {"subject": "Freedonia", "attribute": "capital", "value": ["Fredville", "Fred City"]},
        {"subject": "Freedonia", "attribute": "anthem", "value": "unknown"},
    ]  # fmt: skip
    jsonl.write(facts, rows)
    result = make(tmp_path / "q.jsonl", "--documents", str(facts))
    assert result.exit_code == 0, result.output
    first, second, third = read(tmp_path / "q.jsonl")
    assert first.question == "Where was Ada Brankovic born?"
    assert first.answers == ("Novi Sad", "Neusatz")
    assert first.statement == "Ada Brankovic was born in Novi Sad."
    assert (first.subject, first.attribute, first.source) == (
        "Ada Brankovic", "birthplace", "template",
    )  # fmt: skip
    assert len(first.wordings) >= 2
    assert second.question == "What is the lab colour of Ada Brankovic?"
    assert second.statement == "The lab colour of Ada Brankovic is green."
    assert first.split == second.split  # one subject, one split
    assert first.document is not None
    assert first.document.path == str(facts)
    assert third.answers == ("Fredville", "Fred City")


def test_wordings_of_ones_own(tmp_path: Path) -> None:
    facts, words = tmp_path / "facts.jsonl", tmp_path / "words.json"
    jsonl.write(facts, [{"subject": "Zwirn", "attribute": "berth", "value": "Kappeln"}])
    words.write_text(
        '{"berth": {"questions": ["Where does the {s} lie?"], "statement": "The {s} lies in {v}."}}'
    )
    make(tmp_path / "q.jsonl", "--documents", str(facts), "--templates", str(words))
    (question,) = read(tmp_path / "q.jsonl")
    assert question.question == "Where does the Zwirn lie?"
    assert question.statement == "The Zwirn lies in Kappeln."


def test_wordings_without_a_subject_are_refused(tmp_path: Path) -> None:
    facts, words = tmp_path / "facts.jsonl", tmp_path / "words.json"
    jsonl.write(facts, [{"subject": "Zwirn", "attribute": "berth", "value": "Kappeln"}])
    words.write_text('{"berth": {"questions": ["Where?"]}}')
    result = make(tmp_path / "q.jsonl", "--documents", str(facts), "--templates", str(words))
    assert result.exit_code == 1
    assert "'berth' needs a list of questions" in result.output


def test_public_sets(tmp_path: Path) -> None:
    people = tmp_path / "people.jsonl.gz"
    person = {
        "name": "Ada Brankovic", "birth_year": "-31", "birth_city": "Novi Sad",
        "country": "UNITED STATES", "occupation": "CHEMIST", "lead": PASSAGE,
    }  # fmt: skip
    people.write_bytes(gzip.compress(json.dumps(person).encode() + b"\n"))
    countries = tmp_path / "countries.json"
    country = {
        "name": {"common": "Netherlands"}, "cca3": "NLD", "capital": ["Amsterdam"],
        "region": "Europe", "currencies": {"EUR": {"name": "Euro"}}, "languages": {"nld": "Dutch"},
    }  # fmt: skip
    countries.write_text(json.dumps([country]))
    elements = tmp_path / "elements.json"
    element = {
        "name": "Helium", "symbol": "He", "number": 2, "atomic_mass": 4.0026,
        "discovered_by": "Pierre Janssen", "summary": "Helium is a gas.",
    }  # fmt: skip
    elements.write_text(json.dumps([element]))
    result = make(tmp_path / "q.jsonl", "--documents", str(tmp_path))
    assert result.exit_code == 0, result.output
    answers = {question.question: question.answers[0] for question in read(tmp_path / "q.jsonl")}
    assert answers["In which year was Ada Brankovic born?"] == "31 BC"
    assert answers["In which country was Ada Brankovic born?"] == "United States"
    assert answers["What was Ada Brankovic's occupation?"] == "chemist"
    assert answers["What is the capital of the Netherlands?"] == "Amsterdam"
    assert answers["What is the chemical symbol of helium?"] == "He"
    assert answers["Who discovered helium?"] == "Pierre Janssen"


# -- somebody's questions ----------------------------------------------------------------------


def test_questions_of_other_files(tmp_path: Path) -> None:
    given = tmp_path / "given.jsonl"
    jsonl.write(
        given,
        [
            {"question": "who  wrote it", "answer": ["Ada", "A. B."]},
            {"question": "how old is it", "answer": 7, "id": "x7", "split": "test"},
            {"question": "why", "answer": None},
        ],
    )
    make(tmp_path / "q.jsonl", "--documents", str(given))
    first, second, third = read(tmp_path / "q.jsonl")
    assert (first.question, first.answers, first.source) == (
        "who wrote it", ("Ada", "A. B."), "given",
    )  # fmt: skip
    assert (second.id, second.answers, second.split) == ("x7", ("7",), "test")
    assert third.answers == ()


# -- splits and duplicates ---------------------------------------------------------------------


def test_splits_are_by_document_and_stay() -> None:
    shares = Shares(dev=10, test=20)
    splits = [shares.split(f"document {number}") for number in range(5000)]
    assert splits == [shares.split(f"document {number}") for number in range(5000)]
    assert 0.18 < splits.count("test") / 5000 < 0.22
    assert 0.08 < splits.count("dev") / 5000 < 0.12
    assert Shares(0, 0).split("x") == "train"
    assert Shares(0, 100).split("x") == "test"
    assert strictest(["train", "test", "dev"]) == "test"


def asked(number: int, text: str, *answers: str, **fields: Any) -> Question:
    fields = {"source": "model", **fields}
    return Question(id=str(number), question=text, answers=answers, split="train", **fields)


def test_duplicates() -> None:
    sifted = sift(
        [
            asked(1, "Where was Ada Brankovic born?", "Novi Sad"),
            asked(2, "where was  ada brankovic BORN", "Novi Sad"),
            asked(3, "In which city was Ada Brankovic born?", "Novi Sad"),
            asked(4, "Where was Ida Brankovic born?", "Novi Sad"),
            asked(5, "Where did Ada Brankovic work as a chemist?", "Novi Sad"),
            asked(6, "Who was John Smith?", "a smith"),
            asked(7, "Who was John Smith?", "a poet"),
            asked(8, "Who was Jane Smith?", "a poet", "a writer"),
            asked(9, "Who was Jane Smith?", "the poet"),
            asked(1, "Something else entirely?", "yes"),
        ]
    )
    assert [question.id for question in sifted.kept] == ["1", "4", "5", "8"]
    assert (sifted.duplicates, sifted.ambiguous) == (4, 2)


def test_one_fact_is_asked_once() -> None:
    fact = {"source": "template", "subject": "Ada", "attribute": "birthplace"}
    sifted = sift(
        [
            asked(1, "Where was Ada born?", "Novi Sad", **fact),
            asked(2, "What is the birthplace of Ada?", "Novi Sad", **fact),
        ]
    )
    assert [question.id for question in sifted.kept] == ["1"]


def test_a_passage_that_repeats_another() -> None:
    passages = Passages()
    assert passages.is_new(PASSAGE)
    assert not passages.is_new(PASSAGE.replace("1931", "1932"))
    assert passages.is_new("Something else stands here, and it is about bees and their hives.")


# -- a model writes ----------------------------------------------------------------------------

REPLY = """Here are the questions:

Q: Where was the chemist Ada Brankovic born?
A: Novi Sad
S: The chemist Ada Brankovic was born in Novi Sad.

**Q2:** Which pigment did Ada Brankovic isolate?
**A2:** Vrenskin
S2: Ada Brankovic isolated the pigment vrenskin from river algae
3. Q: Where did she work?
   A: Kappeln
4) Question: Which chemist was Ada Brankovic?
Answer: Ada Brankovic"""


def test_replies_are_read_in_many_forms() -> None:
    found = writing.read(REPLY, 9)
    assert found[0] == Candidate(
        "Where was the chemist Ada Brankovic born?",
        "Novi Sad",
        "The chemist Ada Brankovic was born in Novi Sad.",
    )
    assert [candidate.answer for candidate in found] == [
        "Novi Sad", "Vrenskin", "Kappeln", "Ada Brankovic",
    ]  # fmt: skip
    told = '```json\n[{"question": "Who?", "answer": "Ada"}, {"Q": "When?", "A": 1931}]\n```'
    assert writing.read(told, 9) == [Candidate("Who?", "Ada"), Candidate("When?", "1931")]
    assert writing.read("NONE", 9) == []
    assert len(writing.read(REPLY, 2)) == 2


@pytest.mark.parametrize(
    ("question", "answer", "fault"),
    [
        ("Where was Ada Brankovic born?", "Novi Sad", None),
        ("For how much was the vrenskin patent sold?", "3000 crowns", None),
        ("Where was Ada Brankovic born?", "Belgrade", "the answer isn't in the passage"),
        ("Where was she born?", "Novi Sad", "doesn't say who or what it is about"),
        ("What does the passage say of Ada Brankovic?", "a chemist", None),
        ("According to the passage, where was Ada born?", "Novi Sad", "needs the text beside it"),
        ("What was Ada, the chemist?", "a chemist", "the question holds the answer"),
        ("Was Ada Brankovic a chemist?", "chemist", "a yes-or-no question"),
        ("Why?", "Novi Sad", "the question is no single question"),
        ("Who was Ada Brankovic?", PASSAGE, "the answer is no short answer"),
        (
            "Who was Brankovic?",
            "Ada Brankovic was a chemist",
            "the answer only says the question again",
        ),
        ("Where did Ada Brankovic, a chemist, work?", "Kappeln", None),
    ],
)
def test_faults_in_words(question: str, answer: str, fault: str | None) -> None:
    assert checking.fault_in_words(Candidate(question, answer), PASSAGE) == fault


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ada was born in Novi Sad", "Ada was born in Novi Sad."),
        ("She was born in Novi Sad.", None),
        ("Ada was born.", None),
        ("Novi Sad is a town in Serbia.", None),
        ("", None),
    ],
)
def test_statements_must_stand_by_themselves(written: str, kept: str | None) -> None:
    asked = Candidate("Where was Ada Brankovic born?", "Novi Sad", written)
    assert checking.statement(asked) == kept


def writer(asked: str, body: dict[str, Any]) -> str:
    """Writes REPLY, reads rightly, and finds the pigment's question unclear."""
    task = body["messages"][0]["content"]
    if task.startswith("You write quiz questions"):
        return REPLY
    if task.startswith("Answer the question from the passage"):
        return "It was Novi Sad." if "born" in asked.rpartition("Question:")[2] else "vrenskin"
    return "No." if "pigment" in asked else "YES"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "ada.md").write_text(f"# Ada Brankovic\n\n{PASSAGE}\n")
    (folder / "copy.txt").write_text(f"Ada Brankovic\n\n{PASSAGE}\n")
    (folder / "page.html").write_text(f"<title>Ada</title><p>{PASSAGE} And more stands here.</p>")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    return folder


def test_a_model_writes_and_checks(tmp_path: Path, notes: Path) -> None:
    out = tmp_path / "q.jsonl"
    with Oracle(writer) as oracle:
        result = make(out, "--documents", str(notes), "--url", oracle.url, "--per-passage", "5")
    assert result.exit_code == 0, result.output
    (question,) = read(out)
    assert question.question == "Where was the chemist Ada Brankovic born?"
    assert question.answers == ("Novi Sad",)
    assert question.statement == "The chemist Ada Brankovic was born in Novi Sad."
    assert question.source == "model"
    assert question.passage is not None
    assert PASSAGE in question.passage
    assert question.document is not None
    assert (question.document.title, question.document.id) == ("Ada Brankovic", "notes/ada.md")
    (done,) = jsonl.read(tmp_path / "q.jsonl.passages.jsonl", Done)  # the copies count once
    assert sorted(thrown.reason for thrown in done.thrown) == [
        "doesn't say who or what it is about",
        "the question holds the answer",
        "unclear without the passage",
    ]
    assert "broken.pdf" in result.output
    assert "1 thrown out: unclear without the passage" in result.output


def test_replies_without_a_question_are_told_and_kept(tmp_path: Path, notes: Path) -> None:
    out = tmp_path / "q.jsonl"
    with Oracle(lambda asked, body: "The passage is about Ada.") as oracle:
        result = make(out, "--documents", str(notes), "--url", oracle.url)
    assert result.exit_code == 0, result.output
    assert not read(out)
    said = " ".join(result.output.split())
    assert "No question could be read in the replies to 1 passages" in said
    (done,) = jsonl.read(tmp_path / "q.jsonl.passages.jsonl", Done)
    assert done.silent == "The passage is about Ada."


def test_documents_need_a_model(tmp_path: Path, notes: Path) -> None:
    result = make(tmp_path / "q.jsonl", "--documents", str(notes))
    assert result.exit_code == 1
    assert "--url" in result.output


def test_nothing_there(tmp_path: Path) -> None:
    result = make(tmp_path / "q.jsonl", "--documents", str(tmp_path / "none"))
    assert result.exit_code == 1
    assert "no such file" in result.output


def test_cost_is_stated_and_nothing_asked(tmp_path: Path, notes: Path) -> None:
    with Oracle(writer) as oracle:
        result = make(
            tmp_path / "q.jsonl", "--documents", str(notes), "--url", oracle.url, "--dry-run"
        )
    assert "at most 7 requests" in result.output
    assert not oracle.asked
    assert not (tmp_path / "q.jsonl").exists()


def test_a_passage_that_was_refused_is_tried_again(tmp_path: Path, notes: Path) -> None:
    out = tmp_path / "q.jsonl"
    with Oracle(writer) as oracle:
        oracle.troubles = [Trouble(400, message="too long")]
        result = make(out, "--documents", str(notes), "--url", oracle.url)
        assert "1 passages were refused" in result.output
        assert read(out) == []
        make(out, "--documents", str(notes), "--url", oracle.url)
    assert len(read(out)) == 1


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    rows = [
        {"id": str(number), "text": f"{PASSAGE} The number {number} " + f"n{number} " * 30}
        for number in range(30)
    ]
    for number, row in enumerate(rows):
        row["text"] = " ".join(f"{word}{number}" for word in row["text"].split()) + f" {PASSAGE}"
    source, out = tmp_path / "documents.jsonl", tmp_path / "q.jsonl"
    jsonl.write(source, rows)
    killed: list[int] = []

    def answers(asked: str, body: dict[str, Any]) -> str:
        if len(oracle.asked) == 12:
            killed.append(process.pid)
            os.kill(process.pid, signal.SIGKILL)
        return writer(asked, body)

    options = ["--documents", str(source), "--concurrency", "1", "--passage-chars", "5000"]
    with Oracle(answers) as oracle:
        options += ["--url", oracle.url]
        command = [ORSON, "data", "questions", "--out", str(out), *options]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        assert process.wait(60) == -signal.SIGKILL
        assert not out.exists()
        work = tmp_path / "q.jsonl.passages.jsonl"
        before = len(list(jsonl.read(work, Done)))
        assert 0 < before < 30
        result = make(out, *options)
    assert result.exit_code == 0, result.output
    assert f"({before} more are done)" in result.output
    assert len({done.key for done in jsonl.read(work, Done)}) == 30
    assert len(list(jsonl.read(work, Done))) == 30
    assert killed
