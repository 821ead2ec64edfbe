"""Writing the index file: documents go in cut into passages, and are replaced as a whole."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from search_adapters.documents import Document
from search_adapters.local_index import VERSION, WrongVersion
from search_adapters.passages import split
from search_adapters.terms import tokens

_BUSY = 30.0
"""Seconds a second `orson index` waits for the first one's file to be done."""

_TABLES = """
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT 0,
    mtime_ns INTEGER NOT NULL DEFAULT 0,
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    site TEXT NOT NULL,
    date TEXT
);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents(id),
    position INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX passages_document ON passages(document);
CREATE VIRTUAL TABLE words USING fts5(title, text, tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, 'row');
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether a file changed since it was indexed."""

    digest: str = ""
    size: int = 0
    mtime_ns: int = 0


class IndexWriter:
    """Adds documents to an index file, making the file when there is none."""

    def __init__(self, file: Path, *, shared: bool = True) -> None:
        """`shared`: others may read meanwhile. Without, the file is complete only after `close`.

        Raises:
            WrongVersion: the file is there and something else.
        """
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, timeout=_BUSY, isolation_level=None)
        try:
            self._open(file, shared)
        except BaseException:
            self._db.close()
            raise

    def _open(self, file: Path, shared: bool) -> None:
        try:
            self._db.execute(f"PRAGMA journal_mode = {'WAL' if shared else 'OFF'}")
            self._db.execute(f"PRAGMA synchronous = {'NORMAL' if shared else 'OFF'}")
            with self.transaction():
                (version,) = self._db.execute("PRAGMA user_version").fetchone()
                (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
                if version != VERSION and tables:
                    raise WrongVersion(file)
                if version != VERSION:
                    for statement in filter(str.strip, _TABLES.split(";")):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version = {VERSION}")
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise WrongVersion(file) from error

    def close(self) -> None:
        """Make everything durable and let go of the file."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: readers see what is inside at once or not at all."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def put(self, key: str, document: Document, stamp: Stamp | None = None) -> int:
        """Replace the document under `key`; how many passages it has now. In a transaction."""
        self.remove(key)
        stamp = stamp or Stamp()
        identity = self._db.execute(
            "INSERT INTO documents (key, digest, size, mtime_ns, title, url, site, date)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(key, stamp.digest, stamp.size, stamp.mtime_ns),
                *(document.title, document.url, document.site, document.date),
            ),
        ).lastrowid
        title_words = " ".join(tokens(document.title, singles=True))
        passages = split(document.text)
        for position, text in enumerate(passages):
            row = self._db.execute(
                "INSERT INTO passages (document, position, text) VALUES (?, ?, ?)",
                (identity, position, text),
            ).lastrowid
            self._db.execute(
                "INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)",
                (row, title_words, " ".join(tokens(text, singles=True))),
            )
        return len(passages)

    def remove(self, key: str) -> None:
        """Forget the document under `key`, if there is one. In a transaction."""
        found = self._db.execute("SELECT id FROM documents WHERE key = ?", (key,)).fetchone()
        if found is None:
            return
        self._db.execute(
            "DELETE FROM words WHERE rowid IN (SELECT id FROM passages WHERE document = ?)", found
        )
        self._db.execute("DELETE FROM passages WHERE document = ?", found)
        self._db.execute("DELETE FROM documents WHERE id = ?", found)

    def touch(self, key: str, stamp: Stamp) -> None:
        """Note that the file under `key` has a new time and the same content. In a transaction."""
        self._db.execute(
            "UPDATE documents SET digest = ?, size = ?, mtime_ns = ? WHERE key = ?",
            (stamp.digest, stamp.size, stamp.mtime_ns, key),
        )

    def stamp(self, key: str) -> Stamp | None:
        """What was known of the file under `key` when it was indexed; None when it wasn't."""
        row = self._db.execute(
            "SELECT digest, size, mtime_ns FROM documents WHERE key = ?", (key,)
        ).fetchone()
        return Stamp(*row) if row else None

    def all_keys(self) -> list[str]:
        """Every document's key."""
        return [key for (key,) in self._db.execute("SELECT key FROM documents ORDER BY key")]

    def note(self, name: str, value: str) -> None:
        """Write something about the index as a whole. In a transaction."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def optimise(self) -> None:
        """Merge the full-text segments: slower now, faster in every search."""
        self._db.execute("INSERT INTO words (words) VALUES ('optimize')")
