"""Running vLLM: started, watched until it is ready, and ended with everything it started.

vLLM is several processes. They get a session of their own, so that Ctrl-C reaches us alone; we ask
the first to end, wait for it, and then end whatever of the session is left. Where we are killed
without a chance, the kernel ends vLLM (Linux).
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable

from model_server.examination import Examiner, Served
from model_server.flags import Command
from model_server.stages import stage

GRACE = 30.0
"""Seconds for answers under way when we are asked to end."""
LOOK = 0.5
TELL = 5.0
"""Seconds between two looks at the port, and between two lines of progress."""
SOON = 0.05
"""Seconds between two looks at whether it has ended."""
KEPT = 40
"""Lines of the log that a failure shows."""

Say = Callable[[str], None]


class StartFailed(Exception):
    """vLLM ended or was not ready in time; the message holds the end of its log."""


class Server:
    """vLLM, from `start` to `stop`.

    Args:
        command: what to run.
        examiner: asks it whether it is up, and what it can do.
        say: is told of the progress, a line at a time.
        log: is given each line of vLLM's own.
    """

    def __init__(self, command: Command, examiner: Examiner, say: Say, log: Say) -> None:
        self._command, self._examiner = command, examiner
        self._say, self._log = say, log
        self._stage = "being loaded"
        self._last: deque[str] = deque(maxlen=KEPT)
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    async def start(self, within: float) -> Served:
        """Start it, and return what it serves when it is ready.

        Raises:
            StartFailed: it ended, or was not ready in time. It is stopped.
            Unsupported: it is up and can't do what we need. It is stopped.
        """
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command.argv,
                env={**os.environ, **self._command.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_ends_with_its_parent(),
            )
            self._reader = asyncio.create_task(self._read(), name="read vLLM's log")
            await self._ready(time.monotonic() + within, within)
            return await asyncio.to_thread(self._examiner.examine)
        except BaseException:
            await self.stop()
            raise

    @property
    def pid(self) -> int | None:
        """Of vLLM's first process, which leads the session of the others."""
        return None if self._process is None else self._process.pid

    async def ended(self) -> int:
        """Wait until it ends by itself; its exit status."""
        assert self._process is not None
        return await _ended(self._process)

    async def stop(self) -> None:
        """End it, and whatever it started."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_ended(process), GRACE)
        _end_session(process)
        await process.wait()
        if self._reader is not None:
            await self._reader

    async def _ready(self, deadline: float, within: float) -> None:
        assert self._process is not None
        began = told = time.monotonic()
        while not await asyncio.to_thread(self._examiner.healthy):
            now = time.monotonic()
            if self._process.returncode is not None:
                assert self._reader is not None
                _end_session(self._process)  # the log ends when nobody is left to write it
                await self._reader
                raise StartFailed(self._failure(f"vLLM ended ({self._process.returncode})"))
            if now > deadline:
                raise StartFailed(self._failure(f"vLLM was not ready within {within:g} s"))
            if now - told >= TELL:
                told = now
                self._say(f"vLLM is {self._stage}, {now - began:.0f} s")
            await asyncio.sleep(LOOK)

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in _lines(self._process.stdout):
            self._last.append(line)
            self._stage = stage(line) or self._stage
            self._log(line)

    def _failure(self, what: str) -> str:
        return "\n".join([f"{what}, {self._stage}. The end of its log:", *self._last])


async def _ended(process: asyncio.subprocess.Process) -> int:
    """Wait until it has ended; its exit status.

    `Process.wait` waits for its log's end as well, which may be in the hands of its children.
    """
    while process.returncode is None:  # noqa: ASYNC110 - only the process itself tells
        await asyncio.sleep(SOON)
    return process.returncode


def _end_session(process: asyncio.subprocess.Process) -> None:
    """End it and all that it started, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Its lines, however long; a progress bar's carriage return ends one, too."""
    rest = b""
    while received := await stream.read(65536):
        *whole, rest = (rest + received).replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            if line.strip():
                yield line.decode("utf-8", "replace").rstrip()
    if rest.strip():
        yield rest.decode("utf-8", "replace").rstrip()


def _ends_with_its_parent() -> Callable[[], None] | None:
    """What the child does first, on Linux: ask to be ended when we are killed without a chance."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    set_death_signal = 1  # PR_SET_PDEATHSIG
    return lambda: prctl(set_death_signal, signal.SIGTERM)
