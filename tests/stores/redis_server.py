"""A redis-server of a test's own, which can be frozen, killed and started again."""

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError

from app.stores.embedded_redis import _executable

PATIENCE = 60.0


def free_port() -> int:
    """A port whose number leaves room for a cluster's second one, 10,000 above."""
    while True:
        port = random.randrange(15_000, 30_000)
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
        return port


class RedisServer:
    """One redis-server on loopback."""

    def __init__(self, folder: Path, *flags: str, executable: str | None = None) -> None:
        # In CI's Redis suite the system's, like the one that is given there.
        given = os.environ.get("ORSON_TEST_REDIS_URL")
        executable = executable or (shutil.which("redis-server") if given else _executable())
        assert executable, "no redis-server"
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._command = [executable, "--port", str(self._port), "--bind", "127.0.0.1"]
        self._command += ["--dir", str(folder), "--save", "", *flags]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "RedisServer":
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        with Redis(port=self._port) as client:
            while True:
                try:
                    client.ping()
                    return self
                except (ConnectionError, OSError):
                    assert time.monotonic() < end
                    assert self._process.poll() is None
                    time.sleep(0.01)

    def freeze(self) -> None:
        """It takes connections and answers nobody."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """As by `kill -9`."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None
