"""The steps before training, against a real vLLM: questions, probe, conversations in its ids."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from training import jsonl
from training.records import Conversation, Question, Verdict

URL = os.environ.get("ORSON_TEST_VLLM_URL", "")
pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif(not URL, reason="no vLLM: set ORSON_TEST_VLLM_URL"),
]
COUNTRIES = {"France": "Paris", "Italy": "Rome", "Spain": "Madrid", "Atlantis": "Poseidonis",
             "Freedonia": "Fredville", "Sylvania": "Sylvaniaville"}  # fmt: skip


def orson(folder: Path, *arguments: str) -> str:
    environment = {"ORSON_DATA_DIR": str(folder / "data"), "COLUMNS": "200", "TERM": "dumb"}
    result = CliRunner().invoke(app, arguments, env=environment)
    assert result.exit_code == 0, result.output
    return result.output


def test_facts_to_conversations(tmp_path: Path) -> None:
    facts, notes = tmp_path / "facts.jsonl", tmp_path / "notes"
    jsonl.write(
        facts,
        [{"subject": s, "attribute": "capital", "value": v} for s, v in COUNTRIES.items()],
    )
    notes.mkdir()
    for country, capital in COUNTRIES.items():
        text = f"# {country}\n\nThe capital of {country} is {capital}."
        (notes / f"{country}.md").write_text(text)
    questions, verdicts = tmp_path / "questions.jsonl", tmp_path / "verdicts.jsonl"
    talks = tmp_path / "conversations.jsonl"

    orson(tmp_path, "data", "questions", "--documents", str(facts), "--out", str(questions))
    assert len(list(jsonl.read(questions, Question))) == 6

    orson(
        tmp_path, "probe", str(questions), "--url", URL, "--system", "Tools: none.",
        "--out", str(verdicts),
    )  # fmt: skip
    found = {each.subject: each for each in jsonl.read(verdicts, Verdict)}
    assert len(found) == 6
    assert all(len(each.samples) == 5 and each.greedy for each in found.values())
    assert found["Freedonia"].verdict == "doesn't know"
    assert found["France"].greedy_right

    orson(
        tmp_path, "data", "compose", str(verdicts), "--documents", str(notes), "--count", "40",
        "--engine-url", URL, "--results", "3", "--results-tokens", "400", "--out", str(talks),
    )  # fmt: skip
    made = list(jsonl.read(talks, Conversation))
    assert {"known", "found"} <= {each.kind for each in made}
    bundled = Path(__file__).parents[2] / "model_server" / "bundled"
    end = json.loads((bundled / "config.json").read_text())["eos_token_id"]
    for each in made:
        assert each.ids == tuple(id_ for piece in each.segments for id_ in piece.ids or ())
        assert each.mask == tuple(
            int(piece.origin == "model") for piece in each.segments for _ in piece.ids or ()
        )
        assert each.ids[-1] == end
