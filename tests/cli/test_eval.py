"""`orson eval` against the gateway as a new user has it: a slice of the bundled suite."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from tests.cli.running import Running

METRICS = {
    *("known_correct", "over_search", "search_rate_unknown", "query_hit", "encyclopedia_correct"),
    *("nobody_idk", "invented", "idk_without_search", "false_idk"),
    *("reading_unseen", "two_hop", "own_notes"),
}


def evaluate(*args: str, data: Path) -> Result:
    variables = {"ORSON_DATA_DIR": str(data), "COLUMNS": "140", "TERM": "dumb"}
    return CliRunner().invoke(app, ["eval", *args], env=variables)


def said(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.embedded
def test_a_slice_of_the_bundled_suite(bundled: Running, tmp_path: Path) -> None:
    data = Path(bundled.environment["ORSON_DATA_DIR"])
    out = tmp_path / "replies"
    found = said(
        evaluate(
            *("--suite", "bundled", "--url", bundled.address, "--json"),
            *("--limit", "3", "--out", str(out)),
            data=data,
        )
    )
    assert set(found["metrics"]) == METRICS
    for name, value in found["metrics"].items():
        low, high = found["intervals"][name]
        assert 0 <= low <= value <= high <= 1, name
        assert found["counts"][name]["good"] / found["counts"][name]["of"] == pytest.approx(
            value, abs=1e-4
        )
    assert found["questions"] == 33
    assert found["metrics"]["search_rate_unknown"] > 0
    assert found["general"]["searches_per_answer"]["value"] > 0
    assert not (data / "eval-documents").exists()
    assert [path.name.split("-")[0] for path in out.iterdir()] == ["bundled"]


@pytest.mark.embedded
def test_two_policies_in_a_table(bundled: Running, tmp_path: Path) -> None:
    data = Path(bundled.environment["ORSON_DATA_DIR"])
    mine = tmp_path / "mine.jsonl"
    row = {"question": "When was Alan Turing born?", "answers": ["1912"]}
    mine.write_text(json.dumps(row) + "\n")
    asked = ("--suite", str(mine), "--url", bundled.address, "--policy", "auto")
    result = evaluate(*asked, "--policy", "never", "--failures", "1", data=data)
    assert result.exit_code == 0, result.output
    lines = [line for line in result.stdout.splitlines() if "correct" in line]
    assert "100.0% 1/1" in lines[0]
    assert "0.0% 0/1" in lines[0]
    assert "not good, never" in result.stdout


def test_nobody_at_the_address(tmp_path: Path) -> None:
    result = evaluate("--url", "http://127.0.0.1:9", data=tmp_path)
    assert result.exit_code == 1
    assert "no gateway answers at http://127.0.0.1:9" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("--suite", "nothing.jsonl"), "No such file"),
        (("--kind", "nothing"), "no question is of kind nothing"),
        (("--policy", "sometimes"), "none of auto, always, never"),
        (("--suite", "nothing", "--data", "."), "no set is called"),
    ],
)
def test_what_cant_be_asked(tmp_path: Path, args: tuple[str, ...], why: str) -> None:
    result = evaluate(*args, data=tmp_path)
    assert result.exit_code == 2
    assert why in " ".join(result.output.split())
