"""A suite put to a gateway: what is sent, what is kept, and that a run cut short goes on."""

import asyncio
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from search_adapters.indexing import index_paths
from search_adapters.local import LocalAdapter
from search_adapters.protocol import Query
from tests.training.fake_gateway import FakeGateway, completion, search
from training.evaluation import placing, report, sets
from training.evaluation.asking import NoGateway, Target
from training.evaluation.judge import Judge
from training.evaluation.running import Place, Run, run, told_apart
from training.evaluation.suite import BadSuite, Question, Suite, load

CITIES = {"Ada": "Ulm", "Bela": "Lyon", "Cleo": "Oslo", "Dario": "Turin"}
QUESTIONS = tuple(
    Question(name, f"Where was {name} born?", (city,), "encyclopedia", known=False)
    for name, city in CITIES.items()
)
PLAIN = Suite("cities", QUESTIONS)


def knows(body: dict[str, Any]) -> dict[str, Any]:
    """Answers from a search where it may, says that it doesn't know where it may not."""
    name = body["messages"][-1]["content"].split()[2]
    if body["search"].get("policy") == "never":
        return completion(f"I don't know where {name} was born.")
    url = f"https://e/{name}"
    found = search(f"{name} birthplace", (name, url, f"{name} was born in {CITIES[name]}."))
    return completion(f"{name} was born in {CITIES[name]} [1].", found, cited=(url,))


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    fake = FakeGateway(knows)
    yield fake
    fake.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "eval", tmp_path / "data", tmp_path / "data" / "notes.db")


async def test_what_is_sent_and_what_is_said(gateway: FakeGateway, place: Place) -> None:
    target = Target(gateway.url, "here", policy="auto", max_searches=2)
    done = await run(PLAIN, target, place)
    assert [mark.grade for mark in done.marks] == ["correct"] * 4
    assert done.model == "fake"
    sent = gateway.asked[0]
    assert sent["temperature"] == 0
    assert sent["search"] == {"policy": "auto", "max_searches": 2}
    assert sent["model"] == "fake"
    said = report.body(done)
    assert said["metrics"]["correct"] == 1.0
    assert said["metrics"]["citation_precision"] == 1.0
    assert said["metrics"]["searches_per_answer"] == 1.0
    assert json.loads(json.dumps(said)) == said


async def test_a_run_cut_short_goes_on(gateway: FakeGateway, place: Place) -> None:
    target = Target(gateway.url, "here")
    gateway.breaks_after = 2
    with pytest.raises(NoGateway, match="broken down"):
        await run(PLAIN, target, place, concurrency=1)
    (part,) = place.replies.glob("*.part.jsonl")
    with part.open("ab") as file:
        file.write(b'{"id":"Cleo","te')  # killed in the middle of a line
    gateway.breaks_after = None
    done = await run(PLAIN, target, place, concurrency=1)
    assert done.resumed == 2
    assert len(gateway.asked) == 4, "each was asked once"
    assert [mark.grade for mark in done.marks] == ["correct"] * 4
    assert not list(place.replies.glob("*.part.jsonl"))
    again = await run(PLAIN, target, place)
    assert again.resumed == 0
    assert len(gateway.asked) == 8, "a complete run is measured anew"


async def test_fresh_starts_over(gateway: FakeGateway, place: Place) -> None:
    gateway.breaks_after = 2
    with pytest.raises(NoGateway):
        await run(PLAIN, Target(gateway.url, "here"), place, concurrency=1)
    gateway.breaks_after = None
    done = await run(PLAIN, Target(gateway.url, "here"), place, fresh=True)
    assert done.resumed == 0
    assert len(gateway.asked) == 6


async def test_a_busy_gateway_is_asked_again(gateway: FakeGateway, place: Place) -> None:
    gateway.busy = 1
    done = await run(Suite("one", QUESTIONS[:1]), Target(gateway.url, "here"), place)
    assert done.marks[0].correct


async def test_nobody_there(place: Place) -> None:
    with pytest.raises(NoGateway, match="no gateway answers at"):
        await run(PLAIN, Target("http://127.0.0.1:9", "nobody"), place)


async def test_several_are_named_by_their_models_where_these_differ(
    gateway: FakeGateway, place: Place
) -> None:
    one = await run(PLAIN, Target(gateway.url, "127.0.0.1:1"), place)
    other = replace(one, target=replace(one.target, name="127.0.0.1:2"), model="tuned")
    assert [each.target.name for each in told_apart([one, other])] == ["fake", "tuned"]
    assert told_apart([one]) == [one]
    assert told_apart([one, one]) == [one, one]


async def test_policies_side_by_side(gateway: FakeGateway, place: Place) -> None:
    runs = [
        await run(PLAIN, Target(gateway.url, policy, policy=policy), place)
        for policy in ("auto", "never")
    ]
    both = report.bodies(runs)
    assert [each["metrics"]["correct"] for each in both["targets"]] == [1.0, 0.0]
    assert [each["metrics"]["not_attempted"] for each in both["targets"]] == [0.0, 1.0]


async def test_a_judge_model_decides_what_words_leave_open(
    gateway: FakeGateway, place: Place
) -> None:
    gateway.answer = lambda body: completion("In the city with the tallest church.")
    judge = FakeGateway(lambda body: completion("INCORRECT? No: CORRECT."))
    try:
        async with Judge(f"{judge.url}/v1") as asked:
            done = await run(PLAIN, Target(gateway.url, "here"), place, judge=asked)
        assert [mark.grade for mark in done.marks] == ["correct"] * 4
        prompt = judge.asked[0]["messages"][0]["content"]
        assert "Where was Ada born?" in prompt
        assert "tallest church" in prompt
    finally:
        judge.close()


FILES = (("notes/ada.md", "# Ada\n\nAda of Quorvane was born in Ulm.\n"),)


async def found(index: Path) -> list[str]:
    adapter = LocalAdapter({"ORSON_LOCAL_INDEX": str(index), "ORSON_ENCYCLOPEDIA": "off"})
    try:
        return [each.title for each in await adapter.search(Query("Quorvane Ada"))]
    finally:
        await adapter.aclose()


async def test_files_are_there_while_asked_about_and_no_longer(place: Place) -> None:
    mine = place.data_dir / "mine.md"
    mine.parent.mkdir()
    mine.write_text("# Quorvane\n\nQuorvane Ada is mine and stays.\n")
    index_paths([mine], place.index_file)
    with placing.placed(FILES, place.data_dir, place.index_file):
        assert sorted(await found(place.index_file)) == ["Ada", "Quorvane"]
    assert await found(place.index_file) == ["Quorvane"]
    assert not (place.data_dir / placing.FOLDER).exists()


async def test_what_a_killed_run_left_is_forgotten(place: Place) -> None:
    left = placing.placed(FILES, place.data_dir, place.index_file)
    left.__enter__()  # and killed here
    with placing.placed((), place.data_dir, place.index_file):
        assert await found(place.index_file) == []


def test_a_file_outside_the_folder_is_refused(place: Place) -> None:
    with (
        pytest.raises(OSError, match="outside"),
        placing.placed((("../x.md", "x"),), place.data_dir, place.index_file),
    ):
        pass


def bundled() -> Suite:
    rows = [
        Question("k", "Where was Ada born?", ("Ulm",), "known", known=True),
        Question("r", "Where was Bela born?", ("Lyon",), "reading", indexed=True),
    ]
    return Suite("bundled", tuple(rows), FILES)


async def test_documents_a_gateway_does_not_see(gateway: FakeGateway, place: Place) -> None:
    done = await run(bundled(), Target(gateway.url, "here"), place)
    said = report.body(done)
    assert said["metrics"]["reading_unseen"] is None
    assert "another index" in said["reasons"]["reading_unseen"]
    assert said["metrics"]["over_search"] == 1.0


async def test_documents_and_a_gateway_elsewhere(place: Place) -> None:
    assert placing.is_here("http://localhost:8000")
    assert not placing.is_here("https://orson.example.org")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no questions"),
        ('{"answers": ["x"]}\n', "line 1: `question` is missing"),
        ("[1]\n", "line 1"),
        ('{"question": "a?", "id": 1}\n{"question": "b?", "id": 1}\n', "have the id '1'"),
    ],
)
def test_what_is_no_suite(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "x.jsonl").write_text(text)
    with pytest.raises(BadSuite, match=why):
        load(tmp_path / "x.jsonl")
    with pytest.raises(BadSuite, match="No such file"):
        load(tmp_path / "y.jsonl")


def test_a_suite_of_ones_own(tmp_path: Path) -> None:
    """Also lines as the pipeline writes them."""
    lines = [
        {"question": "Where?", "answers": ["Ulm", "Ulm, Germany"], "kind": "place"},
        {"question": "How many?", "answer": 7, "known": True},
        {"question": "Who?", "answers": [], "answerable": False, "policy": "never"},
        {"id": "d", "question": "When?", "answers": ["1900"], "split": "test", "source": "model",
         "attribute": "born", "document": {"id": "x", "title": "Ada"}},
    ]  # fmt: skip
    (tmp_path / "mine.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    place, many, who, when = load(tmp_path / "mine.jsonl").questions
    assert (place.id, place.kind, place.answers) == ("1", "place", ("Ulm", "Ulm, Germany"))
    assert (many.answers, many.known) == (("7",), True)
    assert (who.answerable, who.policy) == (False, "never")
    assert (when.title, when.group, when.answerable) == ("Ada", "born", True)


def test_a_part_is_spread_over_the_whole() -> None:
    part = load("bundled").part(("known", "nobody"), 10)
    assert len(part.questions) == 20
    assert part.digest != load("bundled").digest
    assert len({each.group for each in part.questions}) > 6


def test_sets_from_a_data_folder(data: Path, tmp_path: Path) -> None:
    popular = sets.load("popqa", data)
    assert len(popular.questions) > 250
    assert {each.group for each in popular.questions} >= {"rank 1-100", "rank 101-300"}
    assert len(sets.load("simpleqa", with_answers(tmp_path)).questions) == 1
    aware = sets.load("selfaware", with_answers(tmp_path)).questions
    assert [each.answerable for each in aware] == [False, True]
    with pytest.raises(BadSuite, match="no set is called"):
        sets.load("nothing", data)
    with pytest.raises(BadSuite, match="selfaware"):
        sets.load("selfaware", data)


def with_answers(folder: Path) -> Path:
    (folder / "simpleqa.jsonl").write_text(
        '{"question": "Who?", "answer": "Ada", "topic": "Art"}\n'
    )
    (folder / "selfaware.jsonl").write_text(
        '{"question": "Why?", "answer": null, "answerable": false}\n'
        '{"question": "Who grew grapes?", "answer": ["noah"], "answerable": true}\n'
    )
    return folder


def test_tables(gateway: FakeGateway, place: Place) -> None:
    runs: list[Run] = [asyncio.run(run(bundled(), Target(gateway.url, "here"), place))]
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(report.table(runs, failures=1))
    text = console.export_text()
    assert "known_correct" in text
    assert "another index" in text
