"""What is compared: Orson's local index, with and without its ranking, plain FTS5, and tantivy.

All hold the same passages. The rivals are used as their documentation shows: FTS5 with its own
tokenizer and rank, all words of the question joined by OR; tantivy with its default tokenizer and
its query parser, which joins by OR too.
"""

import asyncio
import importlib
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from search_adapters.documents import Document
from search_adapters.index_writer import IndexWriter
from search_adapters.local import LocalAdapter
from search_adapters.local_index import IndexReader
from search_adapters.passages import split
from search_adapters.protocol import Query
from search_adapters.terms import terms

LIMIT = 5
_WORD = re.compile(r"\w+")
_BATCH = 20_000

Found = list[tuple[str, str]]
"""Titles and texts, best first."""


class Index(Protocol):
    """One of those compared."""

    def build(self, documents: Iterable[Document]) -> None:
        """Put everything in, once."""
        ...

    def find(self, question: str) -> Found:
        """The best LIMIT passages."""
        ...

    def close(self) -> None:
        """Let go of files and threads."""
        ...


class Local:
    """The local adapter as the chain uses it: a thread for each search, the index opened anew."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "local.db"
        environment = {"ORSON_LOCAL_INDEX": str(self._file), "ORSON_ENCYCLOPEDIA": "off"}
        self._adapter = LocalAdapter(environment)
        self._runner = asyncio.Runner()

    def build(self, documents: Iterable[Document]) -> None:
        with closing(IndexWriter(self._file)) as writer:
            with writer.transaction():
                for number, document in enumerate(documents):
                    writer.put(str(number), document)
            writer.optimise()

    def find(self, question: str) -> Found:
        found = self._runner.run(self._adapter.search(Query(question, limit=LIMIT)))
        return [(passage.title, passage.text) for passage in found]

    def close(self) -> None:
        self._runner.close()


class LocalUnranked:
    """The same file, its candidates as SQLite's bm25 orders them. Built by `Local`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "local.db"

    def build(self, documents: Iterable[Document]) -> None:
        """There is nothing to build."""

    def find(self, question: str) -> Found:
        with closing(IndexReader(self._file)) as reader:
            return [(hit.title, hit.text) for hit in reader.hits(terms(question).all, LIMIT)]

    def close(self) -> None:
        """Nothing is held open."""


class Fts5:
    """A table of FTS5 as anybody makes one."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "fts5.db")
        self._db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS passages USING fts5(title, text)")

    def build(self, documents: Iterable[Document]) -> None:
        rows = ((d.title, text) for d in documents for text in split(d.text))
        with self._db:
            self._db.executemany("INSERT INTO passages VALUES (?, ?)", rows)
            self._db.execute("INSERT INTO passages (passages) VALUES ('optimize')")

    def find(self, question: str) -> Found:
        words = " OR ".join(f'"{word}"' for word in _WORD.findall(question))
        return self._db.execute(
            "SELECT title, text FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT ?",
            (words, LIMIT),
        ).fetchall()

    def close(self) -> None:
        self._db.close()


class Tantivy:
    """The search library behind Quickwit and others, in this process."""

    def __init__(self, folder: Path) -> None:
        self._library: Any = importlib.import_module("tantivy")
        schema = self._library.SchemaBuilder()
        schema.add_text_field("title", stored=True)
        schema.add_text_field("text", stored=True)
        place = folder / "tantivy"
        place.mkdir(exist_ok=True)
        self._index: Any = self._library.Index(schema.build(), path=str(place))

    def build(self, documents: Iterable[Document]) -> None:
        writer = self._index.writer(heap_size=256_000_000, num_threads=1)
        for document in documents:
            for text in split(document.text):
                writer.add_document(self._library.Document(title=document.title, text=text))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def find(self, question: str) -> Found:
        query, _ = self._index.parse_query_lenient(question, ["title", "text"])
        searcher = self._index.searcher()
        found = []
        for _, address in searcher.search(query, LIMIT).hits:
            document = searcher.doc(address)
            found.append((document["title"][0], document["text"][0]))
        return found

    def close(self) -> None:
        """Threads end with the index."""
