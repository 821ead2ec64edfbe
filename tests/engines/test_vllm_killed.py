"""A real vLLM of the test's own: full, then killed in mid-answer, then started again."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.chat.request import Sampling, SearchOptions
from app.chat.steady import Patience
from app.engines.vllm import VllmEngine
from model_server.examination import Examiner
from model_server.flags import command
from model_server.launch import Server
from model_server.settings import ModelServerSettings
from search_adapters.mock import MockAdapter
from search_adapters.protocol import Passage, Query
from tests.api.stage import Gateway, Stage, until
from tests.engines.live import STREAM_INTERVAL, Told, Watched, play, requests_running
from tests.model_server.test_launch import free_port

PYTHON = os.environ.get("ORSON_TEST_VLLM_PYTHON", "")
START = 600.0
"""Seconds that a start may take: one, on two idle cores; several minutes on busy ones."""
pytestmark = [
    pytest.mark.vllm,
    pytest.mark.timeout(3 * START),
    pytest.mark.skipif(not PYTHON or STREAM_INTERVAL > 1, reason="no vLLM may be started here"),
]
ASKED: dict[str, Any] = {
    "model": "orson-nano",
    "messages": [{"role": "user", "content": "Who is Orson Kovats?"}],
    "temperature": 0,
    "extra_body": {"search": {"policy": "always", "max_searches": 1}},
}


class OwnVllm:
    """Started, killed and started again at one address. It takes two answers at a time."""

    def __init__(self) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        settings = ModelServerSettings(
            model="build/bundled",  # unpacked by .ci/with-vllm
            name="orson-nano",
            device="cpu",
            dtype="float32",
            cpu_cache_gb=1,
            port=port,
            max_queued=2,
        )
        self._command = command(settings, python=PYTHON, more=("--enforce-eager",))
        self._server: Server | None = None

    async def start(self) -> None:
        self._server = Server(self._command, Examiner(self.url, None), print, lambda line: None)
        await self._server.start(START)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Its front goes on, what decodes stands still: an answer that has begun does not end."""
        assert self._server is not None
        pid = self._server.pid
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        children = [int(child) for task in tasks for child in task.read_text().split()]
        assert children
        for child in children:
            os.kill(child, signal.SIGSTOP)
        try:
            yield
        finally:
            for child in children:
                os.kill(child, signal.SIGCONT)

    def kill(self) -> None:
        """All its processes at once, without a chance to say anything."""
        assert self._server is not None
        assert self._server.pid is not None
        os.killpg(self._server.pid, signal.SIGKILL)

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop()


class Held(MockAdapter):
    """Brings its results when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go = threading.Event(), threading.Event()

    async def search(self, query: Query) -> tuple[Passage, ...]:
        self.asked.set()
        await asyncio.to_thread(self.go.wait, START)
        return await super().search(query)


@pytest.fixture
async def vllm(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OwnVllm]:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    one = OwnVllm()
    try:
        await one.start()
        yield one
    finally:
        await one.stop()


async def test_full_then_killed_then_back(vllm: OwnVllm, tmp_path: Path) -> None:
    search, stage = Held(), Stage(tmp_path)
    try:
        gateway = stage.gateway(
            vllm.url, search, results_tokens=100, answer_reserve=64, results_per_query=1,
            teaching="trained", search_timeout=START, search_deadline=START,
            engine_restart_patience=START,
        )  # fmt: skip
        await asyncio.to_thread(refused_while_full, vllm, gateway)

        searching = asyncio.create_task(asyncio.to_thread(streamed, gateway))
        assert await asyncio.to_thread(search.asked.wait, START)
        told = await killed_in_mid_answer(vllm)
        told.assert_token_exact()
        before, after = told.legs
        assert list(after.prompt) == [*before.prompt, *told.outputs[0]]
        assert 0 < len(told.outputs[0]) < before.max_tokens
        assert len(told.outputs[0]) + len(told.outputs[1]) == before.max_tokens
        assert [leg.retried for leg in told.finished.usage.legs] == [True]

        search.go.set()
        chunks = await searching
        said = "".join(c.choices[0].delta.content or "" for c in chunks)
        assert said.strip()
        (finish,) = [c.choices[0].finish_reason for c in chunks if c.choices[0].finish_reason]
        assert finish in ("stop", "length")
    finally:
        search.go.set()
        await asyncio.to_thread(stage.close)


async def killed_in_mid_answer(vllm: OwnVllm) -> Told:
    """An answer that may not end before its last token, and whose engine dies at its fifth."""
    real = VllmEngine(vllm.url)
    await real.ready()
    engine, dead = Watched(real), asyncio.Event()

    def at_chunk() -> None:
        if len(engine.chunks[0]) == 5 and not dead.is_set():
            vllm.kill()
            dead.set()

    try:
        # Nothing that could end a leg: what is asked for is one long one.
        ends = [await engine.encode(mark) for mark in ("<|end|>", "[SEARCH_END]")]
        engine.forbidden = tuple(id_ for ids in ends for id_ in ids)
        engine.at_chunk = at_chunk
        answering = asyncio.create_task(
            play(
                engine,
                "Tell me about the river.",
                sampling=Sampling(temperature=0.0, max_tokens=300),
                search=SearchOptions(policy="never"),
                patience=Patience(real, START),
            )
        )
        dying = asyncio.create_task(dead.wait())
        await asyncio.wait({dying, answering}, timeout=START, return_when=asyncio.FIRST_COMPLETED)
        assert dead.is_set(), await answering
        await vllm.stop()
        assert not answering.done()
        await vllm.start()
        return await asyncio.wait_for(answering, START)
    finally:
        await real.aclose()


def refused_while_full(vllm: OwnVllm, gateway: Gateway) -> None:
    """Somebody else's long answers have both places: a new one is refused at once."""
    held = {"model": "orson-nano", "prompt": "The river", "stream": True, "max_tokens": 400}
    asked = {**ASKED, "search": {"policy": "never"}}
    del asked["extra_body"]
    # The gateway has learned what it must know of the engine before that stands still.
    assert gateway.post("/v1/chat/completions", json=asked).status_code == 200
    with ExitStack() as both:
        both.enter_context(vllm.frozen())
        for _ in range(2):
            stream = both.enter_context(
                httpx2.stream(
                    "POST", f"{vllm.url}/v1/completions", json=held, trust_env=False, timeout=60
                )
            )
            assert stream.status_code == 200
        reply = gateway.post("/v1/chat/completions", json=asked)
    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "engine_overloaded"
    assert int(reply.headers["retry-after"]) >= 1
    until(lambda: requests_running(vllm.url) == 0, START)


def streamed(gateway: Gateway) -> list[Any]:
    """All chunks of one answer."""
    completions = gateway.client(timeout=3 * START).chat.completions
    with completions.create(**ASKED, stream=True) as stream:
        return list(stream)
