"""`orson search` and `orson adapters`, with the adapters that need no network."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app

KEY = "k3y-of-the-house"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # no .env of the developer's
    for name in ("BRAVE_API_KEY", "BRAVE_BACKEND", "ORSON_SEARCH", "TAVILY_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def orson(*args: str, **variables: str) -> Result:
    environment = {"COLUMNS": "200", "TERM": "dumb", **variables}
    return CliRunner().invoke(app, list(args), env=environment)


def test_one_adapter_by_hand() -> None:
    result = orson("search", "Varn  lighthouse", "--adapter", "mock", "--limit", "2")
    assert result.exit_code == 0, result.output
    assert "[1] Varn lighthouse: an overview" in result.stdout
    assert "2 passages from mock in" in result.stdout


def test_the_first_of_the_settings_is_the_default() -> None:
    result = orson("search", "Varn", "--json", ORSON_SEARCH="mock,local")
    answer = json.loads(result.stdout)
    assert answer["adapter"] == "mock"
    assert {"title", "url", "text", "site", "date"} <= set(answer["passages"][0])


def test_domains_and_days_narrow_it() -> None:
    asked = ("search", "Varn", "--adapter", "mock", "--json")
    answer = json.loads(orson(*asked, "--site", "a.example").stdout)
    assert {passage["site"] for passage in answer["passages"]} == {"a.example"}
    answer = json.loads(orson(*asked, "--not-site", "example.com").stdout)
    assert "example.com" not in {passage["site"] for passage in answer["passages"]}
    assert json.loads(orson(*asked, "--freshness", "2030-01-01..").stdout)["passages"] == []
    assert orson(*asked, "--freshness", "fortnight").exit_code == 2
    assert orson(*asked, "--freshness", "2026-02-01..2026-01-01").exit_code == 2
    assert orson("search", "  ").exit_code == 2


def test_a_failed_search_says_why() -> None:
    result = orson("search", "Varn", "--adapter", "mock", "--json", ORSON_MOCK_FAIL="RateLimited")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["error"] == "rate limited"
    assert "mock: rate limited" in result.stderr


@pytest.mark.parametrize(
    ("name", "told"), [("brave", "BRAVE_API_KEY"), ("altavista", "no search adapter is called")]
)
def test_an_adapter_that_cannot_be_had(name: str, told: str) -> None:
    result = orson("search", "Varn", "--adapter", name)
    assert result.exit_code == 1
    assert told in result.stderr


def test_the_list_says_what_is_configured() -> None:
    entries = json.loads(orson("adapters", "--json", BRAVE_API_KEY=KEY).stdout)
    found = {(entry["adapter"], entry["variant"]): entry for entry in entries}
    assert found["brave", "context"]["configured"]
    assert not found["brave", "web"]["configured"]
    assert found["local", ""]["in_use"]
    tavily = found["tavily", "keyed"]
    assert not tavily["configured"]
    assert tavily["problem"].startswith("TAVILY_API_KEY")
    assert tavily["usd_per_1000"] == 8.0
    assert tavily["cache_seconds"] == 0
    assert KEY not in json.dumps(entries)


def test_the_list_for_people() -> None:
    result = orson("adapters", BRAVE_API_KEY=KEY, BRAVE_BACKEND="web", ORSON_CACHE_BRAVE="7200")
    assert result.exit_code == 0, result.output
    lines = {" ".join(line.split()) for line in result.stdout.splitlines()}
    assert "brave web configured BRAVE_API_KEY snippets 5 2 h" in lines
    assert "brave context not set BRAVE_API_KEY ready 5 no" in lines
    assert "local in use ready 0 any time" in lines
    assert KEY not in result.output
