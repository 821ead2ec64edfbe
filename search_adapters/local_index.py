"""The full-text index on disk, as a search reads it: one SQLite file with FTS5.

    documents   one row per file or article, with what tells whether it changed
    passages    their text, cut small
    words       FTS5 over the folded words of title and text; its rowid is the passage's id
    vocabulary  how many passages hold a word, read off `words`

`index_writer` makes the file. It is in WAL mode, so a gateway reads on while `orson index` runs.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from search_adapters.terms import tokens

VERSION = 1
"""Of the tables and of the folding of words: an index of another version is of no use."""

_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")


class WrongVersion(Exception):
    """The file was written by another version of this index, or isn't one."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} is not an index of this version: delete it and index again")


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that holds some of the words, and what ranking needs to know of it."""

    title: str
    url: str
    site: str
    date: str | None
    text: str
    position: int
    """0 is the beginning of its document."""
    document: tuple[str, int]
    """The index file and the document in it."""
    title_phrase: tuple[str, ...]
    """The title's words in order, without what stands in brackets after it."""
    title_words: frozenset[str]
    text_words: frozenset[str]
    bm25: float
    """SQLite's rank: negative, the lower the better."""


class IndexReader:
    """Reads one index file. Cheap to open: one per search, in the thread that searches."""

    def __init__(self, file: Path) -> None:
        """Raises sqlite3.OperationalError when the file isn't there, WrongVersion for others."""
        self._name = str(file)
        uri = file.absolute().as_uri()
        self._db = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=1.0)
        try:
            (version,) = self._version(uri)
            if version != VERSION:
                raise WrongVersion(file)
        except sqlite3.DatabaseError as error:
            self._db.close()
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise WrongVersion(file) from error
        except BaseException:
            self._db.close()
            raise

    def _version(self, uri: str) -> tuple[int]:
        try:
            row: tuple[int] = self._db.execute("PRAGMA user_version").fetchone()
        except sqlite3.OperationalError:
            # WAL needs a writable folder even to read; on a read-only disk nobody writes either.
            self._db.close()
            self._db = sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True)
            row = self._db.execute("PRAGMA user_version").fetchone()
        return row

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def stop_when(self, stop: Callable[[], bool]) -> None:
        """Make a search raise OperationalError ("interrupted") once `stop()` is true."""
        self._db.set_progress_handler(lambda: int(stop()), 10_000)

    def meta(self, name: str) -> str | None:
        """What `IndexWriter.note` wrote."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def size(self) -> int:
        """Passages in the index, roughly: ids of removed ones still count."""
        (largest,) = self._db.execute("SELECT max(id) FROM passages").fetchone()
        return largest or 0

    def frequencies(self, words: Iterable[str]) -> dict[str, int]:
        """How many passages hold each word; words in none are left out."""
        found = {}
        for word in words:
            row = self._db.execute("SELECT doc FROM vocabulary WHERE term = ?", (word,)).fetchone()
            if row:
                found[word] = row[0]
        return found

    def hits(
        self,
        words: Iterable[str],
        limit: int,
        *,
        all_of: Iterable[str] = (),
        in_titles: bool = False,
    ) -> list[Hit]:
        """The passages with most of the rarest `words`, titles counting most; at most `limit`.

        Passages that hold every word of `all_of` are among them.
        """
        # Words are letters and digits; the quotes keep AND, OR, NOT and NEAR from being operators.
        together = " AND ".join(f'"{word}"' for word in all_of)
        parts = [*(f'"{word}"' for word in words), *([f"({together})"] if together else [])]
        match = " OR ".join(parts)
        if not match:
            return []
        if in_titles:
            match = f"title : ({match})"
        rows = self._db.execute(
            "WITH best AS (SELECT rowid, rank AS score, title AS title_words, text AS text_words"
            " FROM words WHERE words MATCH ? AND rank MATCH 'bm25(6.0, 1.0)'"
            " ORDER BY rank LIMIT ?)"
            " SELECT d.title, d.url, d.site, d.date, p.text, p.position, d.id,"
            " best.title_words, best.text_words, best.score"
            " FROM best JOIN passages p ON p.id = best.rowid JOIN documents d ON d.id = p.document",
            (match, limit),
        )
        return [
            Hit(
                title=row[0],
                url=row[1],
                site=row[2],
                date=row[3],
                text=row[4],
                position=row[5],
                document=(self._name, row[6]),
                title_phrase=tuple(tokens(_BRACKETS.sub("", row[0]) or row[0])),
                title_words=frozenset(row[7].split()),
                text_words=frozenset(row[8].split()),
                bm25=row[9],
            )
            for row in rows
        ]
