"""Files of one JSON object a line that survive being killed: append only, whole lines only.

A line is written by one call, so a process that is killed leaves at most one torn line, the last.
`Journal` cuts that off when it goes on; `read` leaves it out. A torn line anywhere else is damage,
and is said so.
"""

import gzip
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class Damaged(ValueError):
    """A line can't be read; says which, and why."""


class InUse(RuntimeError):
    """Another process writes this file."""


def read(path: Path, kind: type[T]) -> Iterator[T]:
    """The lines of a file (or a `.gz` of one), each as a `kind`; blank lines count for nothing.

    Raises:
        Damaged: a line is no such object. The last one may be torn if no new line ends it.
        OSError: the file can't be opened.
    """
    decode = msgspec.json.Decoder(kind).decode
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                record = decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                if not line.endswith(b"\n"):
                    return
                raise Damaged(f"{path}, line {number}: {error}") from None
            yield record


def write(path: Path, records: Iterable[object]) -> int:
    """Write a whole file, which appears at its place only when it is complete; lines written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    encode = msgspec.json.Encoder().encode
    count = 0
    try:
        with unfinished.open("wb") as out:
            for record in records:
                out.write(encode(record) + b"\n")
                count += 1
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


class Journal:
    """A file that grows by whole lines, one writer at a time."""

    def __init__(self, path: Path) -> None:
        """Open for appending; a torn last line of an earlier run is cut off.

        Raises:
            InUse: another process writes it.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            self._lock()
            self._mend()
        except BaseException:
            os.close(self._file)
            raise
        self._encode = msgspec.json.Encoder().encode

    def append(self, record: object) -> None:
        """Write one line. Killed after this returns, it is there."""
        line = memoryview(self._encode(record) + b"\n")
        while line:
            line = line[os.write(self._file, line) :]

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _lock(self) -> None:
        try:
            import fcntl
        except ImportError:  # Windows: nothing keeps two runs apart there
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InUse(f"another process is writing {self.path}") from None

    def _mend(self) -> None:
        size = os.fstat(self._file).st_size
        whole, end = size, size
        while end:
            start = max(0, end - (1 << 16))
            block = os.pread(self._file, end - start, start)
            if (newline := block.rfind(b"\n")) >= 0:
                whole = start + newline + 1
                break
            whole = end = start
        if whole < size:
            os.ftruncate(self._file, whole)


def read_if_there(path: Path, kind: type[T]) -> Iterator[T]:
    """As `read`; nothing when there is no such file yet."""
    return read(path, kind) if path.exists() else iter(())


def loose(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of somebody else's JSONL file, whatever their fields."""
    return read(path, dict[str, Any])
