"""`orson fetch`: refusals say why and end with 3. Nothing here reaches a network."""

import json

import pytest
from typer.testing import CliRunner

from app.cli import app


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1/", "not public"),
        ("http://2852039166/latest/meta-data/", "not public"),
        ("http://[::1]/", "not public"),
        ("http://127.0.0.1:6379/", "port 6379"),
        ("file:///etc/passwd", "http"),
        ("http://user:password@127.0.0.1/", "user name"),
    ],
)
def test_refusals(url: str, reason: str) -> None:
    said = CliRunner().invoke(app, ["fetch", url])
    assert said.exit_code == 3
    assert "refused" in said.output
    assert reason in said.output
    assert "password" not in said.output
    said = CliRunner().invoke(app, ["fetch", url, "--json"])
    assert said.exit_code == 3
    assert reason in json.loads(said.stdout.splitlines()[0])["refused"]


def test_the_operators_domains_hold_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORSON_DENIED_DOMAINS", "127.0.0.1")
    said = CliRunner().invoke(app, ["fetch", "http://127.0.0.1/"])
    assert said.exit_code == 3
    assert "domain" in said.output
