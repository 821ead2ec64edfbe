"""`orson serve` as a process: where it says to go, and that nothing is left after it."""

import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.stores.embedded_redis import EmbeddedRedis
from tests.api.stage import Engine, LoopThread, until
from tests.cli.running import Running, alive

Start = Callable[..., Running]


def quick(engine: Engine) -> dict[str, str]:
    """Variables for a gateway that starts in a moment."""
    return {"ORSON_ENGINE": "vllm", "ORSON_ENGINE_URL": engine.url, "ORSON_SEARCH": "mock"}


def get(url: str, timeout: float = 60) -> httpx2.Response:
    return httpx2.get(url, trust_env=False, timeout=timeout)


def free(url: str) -> bool:
    """Whether the gateway's port can be had again."""
    port = int(url.rpartition(":")[2])
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def test_the_end_of_a_service(start: Start, engine: Engine) -> None:
    running = start("serve", "--port", "0", **quick(engine))
    url = running.address
    assert get(f"{url}/readyz").json()["status"] == "ready"
    children = running.children()
    assert children, "the embedded Redis"
    running.process.terminate()
    assert running.ended() == -signal.SIGTERM
    assert not any(map(alive, children))
    assert free(url)
    assert "Traceback" not in running.output


def test_ctrl_c_in_the_middle_of_an_answer(start: Start, main_stage: Any) -> None:
    slow = main_stage.engine(rate=20)
    # How long SIGTERM lets answers go on; Ctrl-C does not.
    running = start("serve", "--port", "0", ORSON_DRAIN_SECONDS="600", **quick(slow))
    url = running.address
    children = running.children()
    body = {"model": "scripted", "stream": True, "messages": [{"role": "user", "content": "?"}]}
    with httpx2.stream(
        "POST", f"{url}/v1/chat/completions", json=body, trust_env=False, timeout=60
    ) as reply:
        next(reply.iter_bytes())
        running.process.send_signal(signal.SIGINT)
        assert running.ended() == 0
    assert "Traceback" not in running.output, running.output
    assert not any(map(alive, children))
    until(lambda: slow.running() == 0)


def test_killed_without_a_chance_it_leaves_no_redis(start: Start, engine: Engine) -> None:
    running = start("serve", "--port", "0", **quick(engine))
    assert running.address
    children = running.children()
    assert children
    running.process.kill()
    running.ended()
    until(lambda: not any(map(alive, children)))


def test_the_port_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(
            app, ["serve", "--port", port], env={"ORSON_SEARCH": "mock", "COLUMNS": "300"}
        )
    assert result.exit_code == 2
    assert f"127.0.0.1:{port}: Address already in use" in result.stderr
    assert "--port" in result.stderr


def test_two_gateways_on_one_data_folder(start: Start, engine: Engine, tmp_path: Path) -> None:
    thread = LoopThread()
    redis = EmbeddedRedis(tmp_path / "data")
    thread.call(redis.start())
    try:
        second = start("serve", "--port", "0", **quick(engine))
        assert second.ended() == 2
        assert "ORSON_DATA_DIR" in second.output
        assert "Traceback" not in second.output
    finally:
        thread.call(redis.stop())
        thread.close()


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"ORSON_SEARCH": "bing"}, "BING_API_KEY"),
        ({"ORSON_SEARCH": "nonsense"}, "nonsense"),
        ({"ORSON_ENGINE": "vllm"}, "ORSON_ENGINE_URL"),
        ({"ORSON_ENGINE_URL": "localhost:80"}, "ORSON_ENGINE_URL"),
        ({"ORSON_MODEL": "/no/such.gguf"}, "ORSON_MODEL"),
        ({"ORSON_REDIS_URL": "nonsense"}, "ORSON_REDIS_URL"),
        ({"ORSON_PORT": "many"}, "ORSON_PORT"),
        ({"ORSON_DIALECT": "klingon"}, "ORSON_DIALECT"),
        ({"ORSON_TOKENIZER": "/no/such.json"}, "ORSON_TOKENIZER"),
        ({"ORSON_ENGINE_API_KEY": "schlüssel"}, "ORSON_ENGINE_API_KEY: "),
    ],
    ids=str,
)
def test_what_can_t_be_started_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["serve"], env={"COLUMNS": "300", **variables})
    assert result.exit_code == 2, result.output
    assert "Orson can't start" in result.stderr
    assert says in result.stderr
