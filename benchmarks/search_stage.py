"""What the search layer is measured with: a slow provider, and a gateway over it and an engine."""

import json
import os
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.processes import Process, free_port

MODEL = "scripted"
DISTINCT = 20
"""Questions, and as many queries."""
ANSWERS = [
    {
        "when": f"town {number:02}",
        "legs": [
            f"Let me look.[SEARCH_START] the old town {number:02}[SEARCH_END]",
            " It was built near the river [1].",
        ],
    }
    for number in range(DISTINCT)
]


class Calls:
    """How many searches have reached a provider."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self) -> int:
        with urllib.request.urlopen(f"{self._url}/state", timeout=10) as reply:
            return int(json.load(reply)["calls"])


@contextmanager
def provider() -> Iterator[str]:
    """The slow provider; its address."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.slow_provider", "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    process = Process(command, url=url, health="/state", cores=_cores()[1])
    try:
        yield url
    finally:
        process.stop()


@contextmanager
def gateway(
    settings: Mapping[str, str], rate: float | None = None
) -> Iterator[tuple[str, str, Calls]]:
    """A gateway over the slow provider and a scripted engine; their addresses."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="orson-bench-")))
        slow = stack.enter_context(provider())
        script, engine_port, port = folder / "answers.json", free_port(), free_port()
        script.write_text(json.dumps(ANSWERS))
        command = [sys.executable, "-m", "model_server.scripted", "--port", str(engine_port)]
        command += ["--script", str(script), "--model", MODEL]
        command += ["--rate", str(rate)] if rate else []
        engine_url = f"http://127.0.0.1:{engine_port}"
        engine = Process(command, url=engine_url, health="/health", cores=_cores()[1])
        stack.callback(engine.stop)
        orson = Process(
            [sys.executable, "-m", "app.cli", "serve", "--port", str(port)],
            url=f"http://127.0.0.1:{port}",
            health="/readyz",
            cores=_cores()[0],
            environment={
                "ORSON_ENGINE": "vllm",
                "ORSON_ENGINE_URL": engine_url,
                "ORSON_SEARCH": "http",
                "ORSON_DATA_DIR": str(folder / "data"),
                "ORSON_TEACHING": "trained",
                **adapter(slow),
                **settings,
            },
        )
        stack.callback(orson.stop)
        yield orson.url, engine_url, Calls(slow)


def adapter(url: str) -> dict[str, str]:
    """The settings by which the `http` adapter asks it."""
    return {
        "HTTP_SEARCH_URL": f"{url}/search?q={{query}}",
        "HTTP_SEARCH_RESULTS": "results",
        "HTTP_SEARCH_PASSAGES": "on",
        "NO_PROXY": "127.0.0.1",
    }


def _cores() -> tuple[frozenset[int], frozenset[int]]:
    """One for the gateway, the rest for those it talks to."""
    cores = sorted(os.sched_getaffinity(0))
    return frozenset(cores[:1]), frozenset(cores[1:] or cores)
