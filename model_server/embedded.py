"""llama.cpp's server inside this process, on a free loopback port.

The engine of a gateway that was given no other: no process to supervise, no port to choose. It
listens on 127.0.0.1 only and asks for a key made at start, so neither another user's program nor
a page in somebody's browser can use it.
"""

import asyncio
import gc
import os
import secrets
import threading
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

QUIET = -1
"""llama.cpp's log verbosity: nothing, not even its start-up pages."""


START_TIMEOUT = 60.0
"""Seconds from a loaded model to the first answer; it takes milliseconds."""
ANSWERS_PER_PLACE = 8
"""Answers taken for each that is worked on: the last one waits for seven others to end."""
THREADS_PER_ANSWER = 2
"""A thread is held by each answer under way or waiting for a place, and by each small call: without
some to spare a call of the tokenizer would wait for somebody's answer to end."""
BYTES_PER_THREAD = 256 * 1024 * 1024
"""Threads hand over to each other at every layer, spinning: on a busy core each hand-over waits
for the scheduler. A 3 MB model on two busy cores made 1,800 tokens a second with one thread and
21 with two, so a thread must have enough weights of its own to be worth it."""


class ModelMissing(FileNotFoundError):
    """There is no model file to serve."""


def bundled_model() -> Path:
    """The model that comes with Orson.

    Raises:
        ModelMissing: this installation came without it.
    """
    folder = Path(__file__).parent / "bundled"
    found = sorted(folder.glob("*.gguf"))
    if not found:
        raise ModelMissing(f"no .gguf file in {folder}")
    return found[0]


def default_threads(model_bytes: int) -> int:
    """CPU threads for a model of this size: one per BYTES_PER_THREAD, one core each, at most 8."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(1 + model_bytes // BYTES_PER_THREAD, cores or 1, 8)


class EmbeddedServer:
    """One model, served by threads of this process until `stop`.

    Args:
        model: a GGUF file; None takes the bundled one.
        context_window: tokens of one sequence, prompt and output; None is what it was trained on.
        parallel: answers at the same time; more wait for a place.
        threads: of the CPU; None takes as many as the model is large enough for, and we have cores.
        alias: the model's name; None takes the file's.
    """

    def __init__(
        self,
        model: Path | None = None,
        *,
        context_window: int | None = None,
        parallel: int = 4,
        threads: int | None = None,
        alias: str | None = None,
    ) -> None:
        self.model = model or bundled_model()
        self.api_key = secrets.token_urlsafe(24)
        self.base_url = ""
        self._context_window = context_window
        self._parallel = parallel
        self._threads = threads
        self._alias = alias or self.model.stem
        self._server: Any = None
        self.max_answers = ANSWERS_PER_PLACE * parallel
        """Answers to ask for at a time, waiting ones included; of more, some would fail."""
        self._lock = threading.Lock()

    async def start(self) -> str:
        """Load the model, off the event loop, and return the address.

        Raises:
            ModelMissing: there is no such file.
            RuntimeError: llama.cpp can't load it.
        """
        if not self.model.is_file():
            raise ModelMissing(f"no model file at {self.model}")
        self.base_url = await asyncio.to_thread(self._load)
        return self.base_url

    async def stop(self) -> None:
        """End its threads and give back the memory.

        Close the connections to it first: it waits for each answer that somebody still reads.
        """
        await asyncio.to_thread(self._unload)

    def _load(self) -> str:
        # Imported here: its shared library is large, and a gateway on vLLM never needs it.
        import xllamacpp

        with self._lock:
            if self._server is None:
                self._server = xllamacpp.Server(self._params(xllamacpp.CommonParams()))
                self._see_it_work(str(self._server.listening_address))
            return str(self._server.listening_address)

    def _see_it_work(self, url: str) -> None:
        """Return when its work loop has answered: stopped before that loop runs, it never ends."""
        request = Request(f"{url}/metrics", headers={"Authorization": f"Bearer {self.api_key}"})
        # The key is for nobody else: whatever proxy the environment names stays out of it.
        with build_opener(ProxyHandler({})).open(request, timeout=START_TIMEOUT) as reply:
            reply.read()

    def _unload(self) -> None:
        with self._lock:
            self._server = None
            gc.collect()  # the server ends when its last reference goes

    def _params(self, params: Any) -> Any:
        params.model.path = str(self.model)
        params.model_alias = {self._alias}
        params.hostnames = ["127.0.0.1"]
        params.port = 0  # the system picks a free one
        params.api_keys = [self.api_key]
        params.ui = False
        params.cors_origins = ""
        params.endpoint_slots = False  # shows other people's prompts
        params.endpoint_metrics = True
        params.special = True  # prints control tokens: how a stop at a marker is asked for
        params.n_parallel = self._parallel
        # A given context is shared out over the slots; 0 is the trained one for each of them.
        params.n_ctx = (self._context_window or 0) * self._parallel
        params.ctx_shift = False  # an answer that is full ends; it never forgets its beginning
        threads = self._threads or default_threads(self.model.stat().st_size)
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        params.n_threads_http = THREADS_PER_ANSWER * self.max_answers
        params.verbosity = QUIET
        return params
