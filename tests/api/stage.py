"""A gateway as it runs for people, in front of a scripted engine: real sockets, real Redis.

Both live on an event loop of their own in a thread, so that a test may be synchronous or not, and
may look at what the engine was asked.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2
import uvicorn
import uvloop
from openai import AsyncOpenAI, OpenAI

from app.engines.vllm_served import PROBE
from app.http.transport.outlet import DirectWriteProtocol
from app.main import create_app
from app.settings import Settings
from model_server.scripted import Answer, Script, ScriptedServer
from model_server.scripted.engine import Seen
from search_adapters.mock import MockAdapter
from search_adapters.protocol import Passage

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds that a condition may take on a busy machine."""


def until(condition: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Wait until `condition` gives something true, and return it."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.005)
    return found


class LoopThread:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self.loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE)
        self.loop.close()


class Engine:
    """A scripted engine, and what it was asked since the last `say`."""

    def __init__(self, thread: LoopThread, **options: Any) -> None:
        self._thread = thread
        self.server = ScriptedServer(**options)
        self.url = ""

    def start(self) -> "Engine":
        port = int(self.url.rpartition(":")[2]) if self.url else 0
        self.url = self._thread.call(self.server.start(port))
        return self

    def stop(self) -> None:
        self._thread.call(self.server.stop())

    def say(self, *answers: Answer | str | tuple[str, ...]) -> None:
        """Follow this script from now on; a text is an answer of one leg."""
        self.server.requests.clear()
        self.go_on(*answers)

    def go_on(self, *answers: Answer | str | tuple[str, ...]) -> None:
        """Follow this script, and remember what was asked under the one before."""
        given = (
            answer
            if isinstance(answer, Answer)
            else Answer((answer,) if isinstance(answer, str) else answer)
            for answer in answers
        )
        self.server.script = Script((Answer(("",), when=PROBE), *given))

    @property
    def legs(self) -> list[Seen]:
        return [leg for leg in self.server.requests if PROBE not in leg.question]

    def running(self) -> float:
        """What its metrics say is running."""
        return _metric(f"{self.url}/metrics", "vllm:num_requests_running")

    def text(self, ids: list[int]) -> str:
        return self.server.tokenizer.decode(ids)


@dataclass
class Gateway:
    """A running gateway."""

    url: str
    search: MockAdapter
    thread: LoopThread
    server: uvicorn.Server
    serving: Any = None
    _clients: dict[str, OpenAI] = field(default_factory=dict)

    def client(self, **options: Any) -> OpenAI:
        """The official client; it does not try again by itself."""
        if known := self._clients.get(str(options)):
            return known
        given = {"api_key": "none", "max_retries": 0, "timeout": PATIENCE, **options}
        client = OpenAI(base_url=f"{self.url}/v1", **given)
        self._clients[str(options)] = client
        return client

    def async_client(self, **options: Any) -> AsyncOpenAI:
        given = {"api_key": "none", "max_retries": 0, "timeout": PATIENCE, **options}
        return AsyncOpenAI(base_url=f"{self.url}/v1", **given)

    def get(self, path: str, **options: Any) -> httpx2.Response:
        return httpx2.get(self.url + path, trust_env=False, timeout=PATIENCE, **options)

    def post(self, path: str, **options: Any) -> httpx2.Response:
        return httpx2.post(self.url + path, trust_env=False, timeout=PATIENCE, **options)

    def metric(self, name: str) -> float:
        return _metric(f"{self.url}/metrics", name)

    def stop(self) -> None:
        for client in self._clients.values():
            client.close()
        self.server.should_exit = True
        self.serving.result(PATIENCE)


class Stage:
    """Opens engines and gateways, and closes them all at the end."""

    def __init__(self, data_dir: Any) -> None:
        self.thread = LoopThread()
        self._data_dir = data_dir
        self._opened = ExitStack()

    def engine(self, **options: Any) -> Engine:
        engine = Engine(self.thread, **options).start()
        self._opened.callback(engine.stop)
        return engine

    def gateway(
        self,
        engine_url: str,
        search: MockAdapter | None = None,
        *,
        listen: str = "127.0.0.1",
        **settings: Any,
    ) -> Gateway:
        """A gateway on a free port; `settings` as in `app.settings`."""
        search = search or MockAdapter()
        given = {
            "engine": "vllm",
            "engine_url": engine_url,
            "search": "mock",
            "data_dir": self._data_dir,
            "search_early": "off",  # guesses would use up what the mock is told to bring
            **settings,
        }
        app = create_app(Settings(_env_file=None, **given), adapters=(search,))
        config = uvicorn.Config(
            app,
            listen,
            0,
            log_level="critical",
            timeout_graceful_shutdown=2,
            http=DirectWriteProtocol,
        )
        gateway = Gateway("", search, self.thread, uvicorn.Server(config))
        gateway.serving = asyncio.run_coroutine_threadsafe(gateway.server.serve(), self.thread.loop)
        until(lambda: gateway.server.started or gateway.serving.done())
        if gateway.serving.done():
            gateway.serving.result()
        port = gateway.server.servers[0].sockets[0].getsockname()[1]
        gateway.url = f"http://{listen}:{port}"
        self._opened.callback(gateway.stop)
        return gateway

    def close(self) -> None:
        self._opened.close()
        self.thread.close()


def passage(number: int, **fields: Any) -> Passage:
    """A passage that says what is asked for."""
    given = {
        "title": f"Page {number}",
        "url": f"https://example.org/{number}",
        "text": f"Fact number {number} stands here.",
        "site": "example.org",
        "date": "2026-01-31",
    }
    return Passage(**{**given, **fields})


def _metric(url: str, name: str) -> float:
    text = httpx2.get(url, trust_env=False, timeout=PATIENCE).text
    lines = [line for line in text.splitlines() if line.split("{")[0].split(" ")[0] == name]
    return sum(float(line.rpartition(" ")[2]) for line in lines)
