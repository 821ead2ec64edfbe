"""A vLLM that is none: started, waited for, looked into, and ended with all that it started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.engines import vllm_served
from model_server import supported
from model_server.examination import Examiner
from model_server.flags import Command
from model_server.launch import Server, StartFailed
from model_server.stages import stage
from model_server.supported import Unsupported, check
from tests.api.stage import until
from tests.cli.running import alive

SCRIPTED = """
import subprocess, sys, time, pathlib
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
print("Loading weights took 1.5 seconds", flush=True)
sys.argv = ["x", "--port", sys.argv[2]]
from model_server.scripted.__main__ import main
main()
"""


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Heard:
    """What a server says while it starts."""

    def __init__(self, argv: tuple[str, ...], port: int = 1) -> None:
        self.said: list[str] = []
        self.log: list[str] = []
        examiner = Examiner(f"http://127.0.0.1:{port}", None)
        self.server = Server(Command(argv), examiner, self.said.append, self.log.append)


async def test_from_start_to_end(tmp_path: Path) -> None:
    port, pid = free_port(), tmp_path / "pid"
    one = Heard((sys.executable, "-c", SCRIPTED, str(pid), str(port)), port)
    served = await one.server.start(60)
    assert served.models == ("scripted",)
    assert served.context_window > 0
    assert "Loading weights took 1.5 seconds" in one.log
    child = int(pid.read_text())
    assert alive(child)
    await one.server.stop()
    until(lambda: not alive(child))
    await one.server.stop()


async def test_one_that_ends_at_once() -> None:
    one = Heard((sys.executable, "-c", "print('no such model'); raise SystemExit(3)"))
    with pytest.raises(StartFailed, match=r"ended \(3\)[\s\S]*no such model"):
        await one.server.start(60)


LEAVING = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("so long", flush=True)
sys.exit(3)
"""


async def test_one_that_ends_and_leaves_children_that_hold_its_log() -> None:
    one = Heard((sys.executable, "-c", LEAVING))
    with pytest.raises(StartFailed, match=r"ended \(3\)[\s\S]*so long"):
        await one.server.start(60)


async def test_the_end_is_seen_before_that_of_its_children(tmp_path: Path) -> None:
    port, pid = free_port(), tmp_path / "pid"
    one = Heard((sys.executable, "-c", SCRIPTED, str(pid), str(port)), port)
    await one.server.start(60)
    assert one.server.pid is not None
    os.kill(one.server.pid, signal.SIGTERM)
    assert await one.server.ended() == 0
    assert alive(int(pid.read_text()))
    await one.server.stop()
    until(lambda: not alive(int(pid.read_text())))


async def test_one_that_is_never_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_server.launch.TELL", 0.0)
    one = Heard((sys.executable, "-c", "import time; time.sleep(600)"))
    with pytest.raises(StartFailed, match="not ready within 1 s"):
        await one.server.start(1)
    assert one.said
    assert all(line.startswith("vLLM is ") for line in one.said)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("INFO Resolved architecture: LlamaForCausalLM", "reading the model's configuration"),
        ("(EngineCore) Starting to load model m...", "loading the weights"),
        ("Capturing CUDA graphs (decode): 12%", "capturing CUDA graphs"),
        ("INFO: nothing of note", None),
    ],
)
def test_stages(line: str, words: str | None) -> None:
    assert stage(line) == words


@pytest.mark.parametrize("version", ["0.20.0", "0.32.0+cpu", "v0.33.1rc2", "dev"])
def test_versions_that_we_take(version: str) -> None:
    check(version)


@pytest.mark.parametrize("version", ["0.9.2", "0.19.1", "1.0.0"])
def test_versions_that_we_refuse(version: str) -> None:
    with pytest.raises(Unsupported, match=r"supports 0\.20 and newer, below 1\.0"):
        check(version)


def test_gateway_and_model_server_take_the_same_versions() -> None:
    assert (supported.OLDEST, supported.NEWEST) == (vllm_served.OLDEST, vllm_served.NEWEST)


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ORSON_", "MODEL_SERVER_"))}
    return subprocess.run(
        [sys.executable, "-m", "model_server", *arguments],
        env={**kept, **variables}, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


def test_the_command_can_be_seen() -> None:
    shown = run("--print", "--model", "org/m", "--", "--enforce-eager")
    assert shown.returncode == 0
    assert "--model org/m" in shown.stdout
    assert shown.stdout.strip().endswith("--enforce-eager")


def test_a_setting_that_is_wrong() -> None:
    shown = run(MODEL_SERVER_MODEL="m", MODEL_SERVER_PORT="none")
    assert shown.returncode == 2
    assert "MODEL_SERVER_PORT" in shown.stderr
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize("python", [sys.executable, "/nowhere/python"])
def test_no_vllm(python: str) -> None:
    shown = run(MODEL_SERVER_MODEL="m", MODEL_SERVER_PYTHON=python)
    assert shown.returncode == 1
    assert "MODEL_SERVER_PYTHON" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_a_folder_of_gguf_says_what_unpacking_it_needs(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    with_none = {"PYTHONPATH": str(tmp_path / "hides"), "ORSON_DATA_DIR": str(tmp_path / "var")}
    hidden = tmp_path / "hides" / "gguf"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError('no gguf here')")
    (tmp_path / "hides" / "safetensors").mkdir()
    (tmp_path / "hides" / "safetensors" / "__init__.py").write_text("")
    shown = run(MODEL_SERVER_MODEL=str(tmp_path), **with_none)
    assert shown.returncode == 1
    assert "gguf and safetensors" in shown.stderr
    assert "Traceback" not in shown.stderr
