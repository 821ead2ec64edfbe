"""`orson serve` as a process of its own."""

import os
import queue
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

ORSON = str(Path(sys.executable).with_name("orson"))
PATIENCE = 100.0
"""Seconds for a start on a busy machine."""


class Running:
    """A process whose output is read as it comes."""

    def __init__(self, *args: str, folder: Path, **variables: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ORSON_")}
        self.environment = {**kept, "ORSON_DATA_DIR": str(folder / "data"), **variables}
        self.process = subprocess.Popen(
            [ORSON, *args],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.output = ""
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self._lines.put(line)
        self._lines.put(None)

    def until(self, pattern: str) -> str:
        """Read on until the output holds `pattern`; what its first group matched."""
        end = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self.output)) is None:
            line = self._lines.get(timeout=end - time.monotonic())
            assert line is not None, f"ended without {pattern!r}:\n{self.output}"
            self.output += line
        return found[1]

    @property
    def address(self) -> str:
        """Where it says it is; waits until it says so."""
        return self.until(r"ready at (http://\S+)")

    def children(self) -> list[int]:
        """Processes it started."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for task in tasks for pid in task.read_text().split()]

    def ended(self, seconds: float = PATIENCE) -> int:
        """Wait for its end; the exit status."""
        status = self.process.wait(seconds)
        self._reader.join(seconds)
        while (line := self._lines.get(timeout=1)) is not None:
            self.output += line
        return status

    def kill(self) -> None:
        """Whatever the test did, nothing is left."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(5)


def alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
