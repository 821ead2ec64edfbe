"""A few processes that take pages apart, each of which may be killed at any moment.

A job has its seconds from when a process takes it. When they are over the process is killed and
another is started; only that page is lost. A caller who stops waiting leaves the job to its end,
so that a deadline of a search costs no process. Starting, writing and waiting block nothing here.
"""

import asyncio
import logging
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from search_adapters.pages.refusal import Refused
from search_adapters.pages.wire import LENGTH, MAX_ANSWER, Job, Page, pack_job, unpack_page

logger = logging.getLogger(__name__)

COUNT = 2
SECONDS = 1.0
"""For one page: two hundred times what an average one takes."""
JOBS = 500
"""After as many a process is replaced, whatever its libraries have let leak."""
_START = 30.0
"""Seconds for a process to come up, on a machine that has other things to do."""
_ROOT = Path(__file__).parents[2]


class _Worker:
    """One process and the socket to it."""

    def __init__(self, process: subprocess.Popen[bytes], ours: socket.socket) -> None:
        self.process = process
        self.jobs = 0
        self._socket = ours
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    async def work(self, job: Job, body: bytes) -> Page | str:
        """What the process makes of a job. Raises ValueError or OSError when it makes nothing."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(sock=self._socket)
        assert self._reader is not None
        self.jobs += 1
        self._writer.writelines(pack_job(job, body))
        await self._writer.drain()
        try:
            (size,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
            if size > MAX_ANSWER:
                raise ValueError("too long an answer")
            return unpack_page(await self._reader.readexactly(size), job.words)
        except asyncio.IncompleteReadError:
            raise ValueError("it died") from None

    async def kill(self) -> None:
        """End the process, whatever it is doing, and forget it."""
        self.process.kill()
        if self._writer is not None:
            self._writer.transport.abort()
        else:
            self._socket.close()
        await asyncio.to_thread(self.process.wait)


class Workers:
    """Takes pages apart, `count` at a time."""

    def __init__(self, count: int = COUNT, *, seconds: float = SECONDS) -> None:
        self._places = asyncio.Semaphore(count)
        self._count = count
        self._seconds = seconds
        self._idle: list[_Worker] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self.killed = 0
        """Processes that had to be."""

    async def prepare(self) -> None:
        """Start the processes, so that no search waits for one."""
        self._idle += await asyncio.gather(*(self._start() for _ in range(self._count)))

    async def read(self, job: Job, body: bytes) -> Page:
        """The page in `body`. Raises Refused when it holds none, or takes too long."""
        task = asyncio.create_task(self._read(job, body), name="read a page")
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    async def aclose(self) -> None:
        """End the processes."""
        self._closed = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        idle, self._idle = self._idle, []
        await asyncio.gather(*(worker.kill() for worker in idle))

    def _forget(self, task: asyncio.Task[Page]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen: nobody may be waiting for it any more

    async def _read(self, job: Job, body: bytes) -> Page:
        async with self._places:
            worker = self._idle.pop() if self._idle else await self._start()
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await worker.work(job, body)
            except BaseException as error:
                self.killed += 1
                await worker.kill()
                if not self._closed:
                    self._idle.append(await self._start())
                if isinstance(error, TimeoutError):
                    raise Refused("it takes too long to read") from None
                if isinstance(error, ValueError | OSError):
                    raise Refused("it broke its reader") from None
                raise
            if worker.jobs < JOBS:
                self._idle.append(worker)
            else:
                await worker.kill()
        if isinstance(answer, str):
            raise Refused(answer)
        return answer

    async def _start(self) -> _Worker:
        worker = await asyncio.to_thread(_spawn)
        try:
            # The first job loads the libraries.
            async with asyncio.timeout(_START):
                page = await worker.work(Job("text/html", "", "", True, ()), b"<p>Hello there</p>")
                if isinstance(page, str):
                    raise ValueError(page)
        except BaseException as error:
            await worker.kill()
            if isinstance(error, TimeoutError | ValueError | OSError):
                logger.error("a process for reading pages does not come up")
                raise Refused("no process to read it") from None
            raise
        return worker


def _spawn() -> _Worker:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "search_adapters.pages.worker"],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PYTHONPATH": str(_ROOT), "PATH": os.defpath},  # no keys in it
            start_new_session=True,  # Ctrl-C is for the gateway, which ends its processes
        )
    return _Worker(process, ours)
