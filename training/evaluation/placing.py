"""The suite's files in the gateway's local index while they are asked about, and no longer.

They lie in a fixed place inside the data folder, so what a killed run left behind is forgotten by
the next one. A running gateway sees indexed files at once if it is on this machine and this folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from search_adapters.indexing import index_paths
from training.evaluation.asking import Reply

FOLDER = "eval-documents"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def is_here(url: str) -> bool:
    """Whether a gateway is on this machine, so that its index may be one we can write."""
    return (urlsplit(url).hostname or "") in LOOPBACK


@contextmanager
def placed(files: Iterable[tuple[str, str]], data_dir: Path, index_file: Path) -> Iterator[None]:
    """Write and index the files; forget them afterwards, whatever happened.

    Each top folder is indexed by itself, as a user's would be. Raises OSError when the data folder
    can't be written, WrongVersion when the index is something else.
    """
    folder = (data_dir / FOLDER).absolute()
    _forget(folder, index_file)
    try:
        for name, text in files:
            path = (folder / name).resolve()
            if not path.is_relative_to(folder.resolve()):
                raise OSError(f"a file of the suite would lie outside its folder: {name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if folder.exists():
            index_paths(sorted(folder.iterdir()), index_file)
        yield
    finally:
        _forget(folder, index_file)


def _forget(folder: Path, index_file: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if index_file.exists():
        index_paths([folder], index_file)


def unseen(replies: Iterable[Reply]) -> str:
    """Why the gateway can't have had the files; empty when it had, or nothing tells.

    A model that never searches doesn't tell; that is its own fault, and counts.
    """
    passages = [passage.url for reply in replies for passage in reply.passages]
    if not passages or any(f"/{FOLDER}/" in url for url in passages):
        return ""
    return "the gateway searches another index: give ORSON_DATA_DIR as it was started with"
