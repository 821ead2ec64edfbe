"""`orson keys`, with the gateway running and without; and who may then ask."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from tests.api.stage import Engine, until
from tests.cli.running import Running
from tests.cli.test_serve import quick

Start = Callable[..., Running]


@pytest.fixture
def orson(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("ORSON_DATA_DIR", str(tmp_path / "data"))

    def call(*args: str, **variables: str) -> Result:
        return CliRunner().invoke(app, ["keys", *args], env=variables)

    return call


def made(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def test_made_listed_and_revoked(orson: Callable[..., Result], tmp_path: Path) -> None:
    assert "no keys" in made(orson("list"))
    text = made(orson("add", "ann", "--requests", "10", "--search-usd", "0.5", "--expires", "90d"))
    assert text.startswith("sk-orson-")
    two = json.loads(made(orson("add", "bob", "--scope", "metrics", "--json")))
    assert two["scopes"] == ["metrics"]
    listed = made(orson("list"))
    assert text not in listed
    for told in ("ann", "10 requests/min", "0.5 usd/day", two["id"], "metrics", "never"):
        assert told in listed
    assert "Revoked bob" in made(orson("revoke", two["id"]))
    listed = json.loads(made(orson("list", "--json")))
    ann, bob = sorted(listed, key=lambda key: key["name"])  # both were made in one second
    assert bob["revoked"]
    assert not ann["revoked"]
    assert ann["expires"] - ann["created"] == 90 * 86_400
    assert ann["limits"]["requests_per_minute"] == 10
    # What lies in the file would let nobody in.
    for file in (tmp_path / "data").rglob("*"):
        assert not file.is_file() or text.encode()[-43:] not in file.read_bytes()


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("add", "x", "--scope", "everything"), "no scope 'everything'"),
        (("add", "x", "--expires", "soon"), "'soon'"),
        (("add", "x", "--expires", "2001-01-01"), "no time to come"),
        (("revoke", "nobody"), "no key 'nobody'"),
    ],
)
def test_what_can_t_be_done_is_said(
    orson: Callable[..., Result], args: tuple[str, ...], told: str
) -> None:
    result = orson(*args)
    assert result.exit_code == 1
    assert told in result.stderr


def test_two_of_one_name(orson: Callable[..., Result]) -> None:
    made(orson("add", "twin"))
    made(orson("add", "twin"))
    result = orson("revoke", "twin")
    assert result.exit_code == 1
    assert "key_" in result.stderr


def test_no_redis_there(orson: Callable[..., Result]) -> None:
    result = orson("list", ORSON_REDIS_URL="redis://127.0.0.1:1/0")
    assert result.exit_code == 1
    assert "Redis" in result.stderr
    assert "Traceback" not in result.output


def test_beside_a_running_gateway(
    orson: Callable[..., Result], start: Start, engine: Engine
) -> None:
    engine.say("Yes.")
    running = start("serve", "--port", "0", **quick(engine))
    url = running.address

    def status(key: str = "") -> int:
        body: dict[str, Any] = {"model": "scripted", "messages": [{"role": "user", "content": "?"}]}
        headers = {"authorization": f"Bearer {key}"} if key else {}
        reply = httpx2.post(
            f"{url}/v1/chat/completions", json=body, headers=headers, trust_env=False, timeout=60
        )
        return reply.status_code

    assert status() == 200
    key = made(orson("add", "ann"))
    assert status(key) == 200
    until(lambda: status() == 401)  # within seconds a gateway knows that there are keys now
    assert "Revoked" in made(orson("revoke", "ann"))
    until(lambda: status(key) == 401)
    assert status() == 401  # that the last one is gone opens it to nobody
    running.process.kill()
    running.ended()
    (kept,) = json.loads(made(orson("list", "--json")))  # and a kill loses nothing of it
    assert kept["revoked"]


def test_an_address_that_others_reach(
    orson: Callable[..., Result], start: Start, engine: Engine
) -> None:
    everywhere = {**quick(engine), "ORSON_HOST": "0.0.0.0"}
    refused = start("serve", "--port", "0", **everywhere)
    assert refused.ended() == 2
    assert "orson keys add" in refused.output
    assert "ORSON_OPEN" in refused.output
    assert "Traceback" not in refused.output
    key = made(orson("add", "ann"))
    url = start("serve", "--port", "0", **everywhere).address
    get = lambda **headers: httpx2.get(  # noqa: E731
        f"{url}/v1/models", headers=headers, trust_env=False, timeout=60
    )
    assert get().status_code == 401
    assert get(**{"x-api-key": key}).status_code == 200
