"""`orson index PATH...`: brings an index file up to date with files and folders.

Every run compares what it finds with what the file holds, so running it again is cheap:

    unchanged   same size and time, or same content            nothing is done
    added, changed                                             its passages are replaced
    removed     known from an earlier run, gone from a folder  its passages are deleted
    skipped     not a type we read, broken, or no text in it   said with the reason, never fatal

Each file is one transaction: an interrupted run leaves whole files, and the next one goes on.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from search_adapters.documents import Document, read_file
from search_adapters.index_writer import IndexWriter, Stamp
from search_adapters.unreadable import Unreadable

State = Literal["added", "changed", "unchanged", "removed", "skipped"]


@dataclass(frozen=True, slots=True)
class FileIndexed:
    """What became of one file. Reported as it happens."""

    path: Path
    state: State
    passages: int = 0
    """How many passages were written."""
    reason: str = ""
    """Why the file was skipped."""
    done: int = 0
    total: int = 0
    """This is file `done` of `total`; both 0 for removed files, which nobody could count before."""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a whole run did."""

    counts: dict[State, int] = field(default_factory=dict)
    passages: int = 0
    skipped: tuple[FileIndexed, ...] = ()


def index_paths(
    paths: Iterable[Path | str],
    index_file: Path | str,
    progress: Callable[[FileIndexed], None] | None = None,
) -> IndexReport:
    """Bring `index_file` up to date with `paths`, files or folders; made when it isn't there.

    Folders are read with their sub-folders; hidden files and folders are left out. A path that
    doesn't exist (any more) is removed from the index, or reported as skipped if it never was in.

    Raises:
        WrongVersion: `index_file` is something else.
    """
    roots = [Path(path).absolute() for path in paths]
    writer = IndexWriter(Path(index_file))
    counts: Counter[State] = Counter()
    skipped: list[FileIndexed] = []
    passages = 0
    try:
        for event in _run(writer, roots, Path(index_file).absolute()):
            counts[event.state] += 1
            passages += event.passages
            if event.state == "skipped":
                skipped.append(event)
            if progress is not None:
                progress(event)
        if counts["added"] + counts["changed"] + counts["removed"]:
            writer.optimise()
    finally:
        writer.close()
    return IndexReport(dict(counts), passages, tuple(skipped))


def _run(writer: IndexWriter, roots: list[Path], index_file: Path) -> Iterator[FileIndexed]:
    sites = {file: site for root in roots for file, site in _files(root)}
    for own in (index_file, *(Path(f"{index_file}{end}") for end in ("-wal", "-shm"))):
        sites.pop(own, None)
    for done, (file, site) in enumerate(sites.items(), start=1):
        try:
            state, passages = _update(writer, file, site)
            yield FileIndexed(file, state, passages, done=done, total=len(sites))
        except (Unreadable, OSError) as error:
            # What it said before is no longer what the file says.
            if writer.stamp(str(file)):
                with writer.transaction():
                    writer.remove(str(file))
            reason = error.strerror if isinstance(error, OSError) else str(error)
            yield FileIndexed(
                file, "skipped", reason=reason or "can't be read", done=done, total=len(sites)
            )
    yield from _forget(writer, roots, sites)


def _forget(
    writer: IndexWriter, roots: list[Path], present: dict[Path, str]
) -> Iterator[FileIndexed]:
    """Remove what an earlier run found below `roots` and this one didn't."""
    missing = {root for root in roots if not root.exists()}
    for key in writer.all_keys():
        file = Path(key)
        if file in present or not any(root == file or root in file.parents for root in roots):
            continue
        with writer.transaction():
            writer.remove(key)
        missing -= {file, *file.parents}
        yield FileIndexed(file, "removed")
    for root in sorted(missing):
        yield FileIndexed(root, "skipped", reason="no such file or folder")


def _files(root: Path) -> Iterator[tuple[Path, str]]:
    """The files to index below `root`, in a stable order, each with the name of its collection."""
    if root.is_file():
        yield root, "notes"
        return
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(folder, name), root.name or "notes"


def _update(writer: IndexWriter, file: Path, site: str) -> tuple[State, int]:
    key, status = str(file), file.stat()
    known = writer.stamp(key)
    if known and (known.size, known.mtime_ns) == (status.st_size, status.st_mtime_ns):
        return "unchanged", 0
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    stamp = Stamp(digest, status.st_size, status.st_mtime_ns)
    if known and known.digest == digest:
        with writer.transaction():
            writer.touch(key, stamp)
        return "unchanged", 0
    title, text = read_file(file)
    day = datetime.fromtimestamp(status.st_mtime, UTC).date().isoformat()
    with writer.transaction():
        passages = writer.put(key, Document(title, file.as_uri(), text, site, day), stamp)
    return ("changed" if known else "added"), passages
