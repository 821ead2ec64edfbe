"""Starting what is measured, and reading what it costs, from /proc. Linux only."""

import contextlib
import os
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

START_TIMEOUT = 60.0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Process:
    """A server under measurement, pinned to some cores."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        url: str,
        health: str,
        cores: frozenset[int],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.url = url
        self._log = tempfile.NamedTemporaryFile(prefix="bench-", suffix=".log")  # noqa: SIM115
        self._popen = subprocess.Popen(
            command,
            env={**os.environ, **(environment or {})},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
        self._wait_for(url + health)

    def _wait_for(self, url: str) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            # A 503 while it starts is an URLError, which is an OSError.
            with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):
                return
            if self._popen.poll() is not None or time.monotonic() > deadline:
                said = Path(self._log.name).read_text()[-3000:]
                self.stop()
                raise RuntimeError(f"{url} does not answer:\n{said}")
            time.sleep(0.05)

    def cpu_seconds(self) -> float:
        """CPU time of the process and its children, to the nanosecond."""
        return sum(_schedstat(pid, 0) for pid in self._tree()) / 1e9

    def cpu_wait_seconds(self) -> float:
        """How long it was ready to run while others had the core."""
        return _schedstat(self._popen.pid, 1) / 1e9

    def memory_kb(self) -> float:
        """Memory of the process alone that is its own (private pages)."""
        text = Path(f"/proc/{self._popen.pid}/smaps_rollup").read_text()
        return float(
            sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_"))
        )

    def stop(self) -> None:
        self._popen.terminate()
        try:
            self._popen.wait(15)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._log.close()

    def _tree(self) -> Iterator[int]:
        pids = [self._popen.pid]
        while pids:
            pid = pids.pop()
            yield pid
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    pids += map(int, (task / "children").read_text().split())


def _schedstat(pid: int, column: int) -> int:
    """Nanoseconds over all threads: on a core (column 0), or waiting for one (1)."""
    total = 0
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError, IndexError):
                total += int((task / "schedstat").read_text().split()[column])
    return total
