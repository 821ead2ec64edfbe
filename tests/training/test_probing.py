"""`orson probe`: verdicts, agreement, judging by a model, going on after a kill."""

import json
import math
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from tests.cli.running import ORSON
from tests.training.oracle import Oracle, Trouble, capitals
from training import jsonl
from training.probing.agreement import agreement, entropy, groups, same
from training.probing.judge import Judge
from training.probing.running import Settings, cost
from training.probing.verdicts import known
from training.records import Question, Verdict


def question(number: int, country: str, *answers: str, wordings: tuple[str, ...] = ()) -> Question:
    return Question(
        id=f"q{number}", question=f"What is the capital of {country}?", answers=answers,
        split="train", source="given", wordings=wordings,
    )  # fmt: skip


QUESTIONS = [
    question(1, "France", "Paris"),
    question(2, "Italy", "Roma", "Rome"),
    question(3, "Peru", "Lima"),
    question(4, "Utopia"),
]


def probed(oracle: Oracle, folder: Path, *options: str) -> Result:
    path = folder / "questions.jsonl"
    if not path.exists():
        jsonl.write(path, QUESTIONS)
    out = folder / "verdicts.jsonl"
    return CliRunner().invoke(
        app,
        ["probe", str(path), "--url", oracle.url, "--out", str(out), *options],
        env={"COLUMNS": "300", "TERM": "dumb"},
    )


def verdicts(folder: Path) -> dict[str, Verdict]:
    return {each.id: each for each in jsonl.read(folder / "verdicts.jsonl", Verdict)}


def test_what_is_known(tmp_path: Path) -> None:
    with Oracle(capitals) as oracle:
        result = probed(oracle, tmp_path)
    assert result.exit_code == 0, result.output
    found = verdicts(tmp_path)
    assert {id_: each.verdict for id_, each in found.items()} == {
        "q1": "knows", "q2": "knows", "q3": "doesn't know", "q4": None,
    }  # fmt: skip
    assert found["q1"].samples == ("It is Paris.",) * 5
    assert found["q1"].greedy == "It is Paris."
    assert found["q3"].right == (False,) * 5
    assert (found["q4"].right, found["q4"].greedy_right) == (None, None)
    assert (found["q4"].agreement, found["q4"].entropy) == (1.0, 0.0)
    assert found["q2"].answers == ("Roma", "Rome")


def test_samples_go_through_the_wordings(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    ways = ("The capital of France?", "Name the capital of France.")
    jsonl.write(path, [question(1, "France", "Paris", wordings=ways)])
    with Oracle(capitals) as oracle:
        probed(oracle, tmp_path)
    assert sorted(oracle.questions()) == sorted(
        ["What is the capital of France?"] * 3 + [ways[0]] * 2 + [ways[1]]
    )


def test_cost_is_stated_before_anything_is_asked(tmp_path: Path) -> None:
    with Oracle(capitals) as oracle:
        result = probed(oracle, tmp_path, "--dry-run", "--price-in", "100", "--price-out", "1000")
    assert "24 answers" in result.output
    assert "at most 1,152 output tokens" in result.output
    prompt = int(re.findall(r"about ([\d,]+) prompt tokens", result.output)[0].replace(",", ""))
    assert f"at most {prompt * 1e-4 + 1.152:.2f}" in result.output
    assert not oracle.asked
    assert not (tmp_path / "verdicts.jsonl").exists()


def test_cost_of_a_judge() -> None:
    takes = cost(QUESTIONS, Settings(samples=3), judge=True)
    assert (takes.answers, takes.judged) == (16, 3 * 4 + 4 * 3)


def test_nothing_is_asked_twice(tmp_path: Path) -> None:
    with Oracle(capitals) as oracle:
        probed(oracle, tmp_path)
        asked = len(oracle.asked)
        result = probed(oracle, tmp_path)
    assert len(oracle.asked) == asked
    assert "0 questions (4 more have their verdict)" in result.output


def test_other_settings_need_another_file(tmp_path: Path) -> None:
    with Oracle(capitals) as oracle:
        probed(oracle, tmp_path)
        result = probed(oracle, tmp_path, "--samples", "7")
        assert result.exit_code == 1
        assert "samples was 5, is 7" in result.output
        again = probed(oracle, tmp_path, "--samples", "7", "--restart")
    assert again.exit_code == 0
    assert {len(each.samples) for each in verdicts(tmp_path).values()} == {7}


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    path, out = tmp_path / "questions.jsonl", tmp_path / "verdicts.jsonl"
    jsonl.write(path, [question(number, "France", "Paris") for number in range(40)])
    killed: list[int] = []

    def answers(asked: str, body: dict[str, Any]) -> str:
        if len(oracle.asked) == 100:
            killed.append(process.pid)
            os.kill(process.pid, signal.SIGKILL)
        return capitals(asked, body)

    command = ["probe", str(path), "--url", "URL", "--out", str(out), "--concurrency", "4"]
    with Oracle(answers, gives_many=False) as oracle:
        command[3] = oracle.url
        process = subprocess.Popen([ORSON, *command], stdout=subprocess.DEVNULL)
        assert process.wait(60) == -signal.SIGKILL
        with out.open("a") as torn:
            torn.write('{"id":"q39","quest')  # what a kill in the middle of a line would leave
        before = {each.id for each in jsonl.read(out, Verdict)}
        assert 0 < len(before) < 40
        asked = len(oracle.asked)
        result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    every = list(jsonl.read(out, Verdict))
    assert sorted(each.id for each in every) == sorted(f"q{number}" for number in range(40))
    assert len(oracle.asked) - asked <= 6 * (40 - len(before)) + 4  # n is tried by each worker
    assert killed


def test_one_question_that_is_refused_does_not_end_the_run(tmp_path: Path) -> None:
    with Oracle(capitals) as oracle:
        oracle.troubles = [Trouble(400, message="too long")]
        result = probed(oracle, tmp_path, "--concurrency", "1")
        assert result.exit_code == 0
        assert "1 questions could not be asked" in result.output
        assert len(verdicts(tmp_path)) == 3
        probed(oracle, tmp_path, "--concurrency", "1")
    assert len(verdicts(tmp_path)) == 4


def test_a_wrong_key_ends_it(tmp_path: Path) -> None:
    with Oracle(capitals) as oracle:
        oracle.troubles = [Trouble(401, message="wrong key")] * 50
        result = probed(oracle, tmp_path)
    assert result.exit_code == 1
    assert "wrong key" in result.output
    assert "run the same command again" in result.output


def test_a_judge_settles_what_words_leave_open(tmp_path: Path) -> None:
    def judge(asked: str, _: dict[str, Any]) -> str:
        return "CORRECT" if "capital of the Incas' coast" in asked else "INCORRECT"

    def model(asked: str, body: dict[str, Any]) -> str:
        return "The capital of the Incas' coast" if "Peru" in asked else capitals(asked, body)

    with Oracle(model) as oracle, Oracle(judge) as judging:
        probed(oracle, tmp_path, "--judge-url", judging.url)
    found = verdicts(tmp_path)
    assert found["q3"].verdict == "knows"
    assert len(judging.asked) == 1  # six equal answers, asked about once; Paris needs no judge


async def test_a_judge_joins_groups_of_one_meaning() -> None:
    with Oracle(lambda *_: "Yes, the same.") as judging:
        from training.served.model import ServedModel

        model = ServedModel(judging.url, model="oracle")
        found = await Judge(model).meanings(QUESTIONS[2], ["Lima", "City of Kings", "I don't know"])
        await model.aclose()
    assert found == [[0, 1], [2]]


@pytest.mark.parametrize(
    ("greedy", "right", "verdict"),
    [
        (True, [True] * 5, "knows"),
        (False, [True] * 5, "unsure"),
        (True, [True] * 4 + [False], "unsure"),
        (True, [False] * 5, "unsure"),
        (False, [False] * 5, "doesn't know"),
    ],
)
def test_verdicts(greedy: bool, right: list[bool], verdict: str) -> None:
    assert known(greedy, right) == verdict


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("Paris", "Paris, France", True),
        ("She was born in Paris.", "Paris", True),
        ("Paris", "Lyon", False),
        ("1958", "August 29, 1958", True),
        ("in 1958", "in 1959", False),
        ("29/8/1958", "August 29, 1958", True),
        ("I don't know", "I'm not sure.", True),
        ("I don't know", "Paris", False),
        ("Ada was born there", "Ada was born here", False),
    ],
)
def test_meaning(one: str, other: str, equal: bool) -> None:
    assert same(one, other, "Where was Ada born?") is equal


def test_groups_need_no_truth() -> None:
    found = groups(["Paris", "Lyon", "Paris, France", "It is Paris", "Nice"])
    assert found == [[0, 2, 3], [1], [4]]
    assert agreement(found) == 0.6
    assert math.isclose(entropy(found), 1.370950594, rel_tol=1e-6)


def test_a_long_answer_does_not_make_two_others_equal() -> None:
    assert len(groups(["Paris", "Paris or Lyon", "Lyon"])) == 2


def test_the_settings_stand_beside_the_file(tmp_path: Path) -> None:
    with Oracle(capitals) as oracle:
        probed(oracle, tmp_path)
    kept = json.loads((tmp_path / "verdicts.jsonl.made_with.json").read_text())
    assert kept["model"] == "oracle"
    assert kept["samples"] == 5
