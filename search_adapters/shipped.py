"""The encyclopedia that comes with the package, made into an index at its first use.

The package carries the articles, compressed; the index is several times larger and is built on
the machine that searches it, keyed by the articles' digest, so a new release rebuilds it. It is
built beside its place and moved there whole: two processes that start together both build it, and
either result is right.
"""

import gzip
import hashlib
import logging
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pydantic import BaseModel

from search_adapters.documents import Document
from search_adapters.index_writer import IndexWriter
from search_adapters.local_index import IndexReader, WrongVersion

logger = logging.getLogger(__name__)

ARTICLES = Path(__file__).with_name("encyclopedia") / "articles.jsonl.gz"
"""One JSON object a line: title, url, site, date, text."""


class _Article(BaseModel):
    title: str
    text: str
    url: str
    site: str = "encyclopedia"
    date: str | None = None


def ensure_index(articles: Path, index_file: Path) -> None:
    """Make `index_file` hold exactly `articles`; does nothing when it does already.

    Raises:
        OSError, sqlite3.Error: it can't be written there.
    """
    digest = hashlib.sha256(articles.read_bytes()).hexdigest()
    if _digest_of(index_file) == digest:
        return
    logger.info("building the encyclopedia's index at %s", index_file)
    index_file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=index_file.parent, prefix=f".{index_file.name}.")
    os.close(handle)
    try:
        _build(articles, Path(name), digest)
        Path(name).chmod(0o644)  # temporary files are private; a gateway may be another user
        Path(name).replace(index_file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _digest_of(index_file: Path) -> str | None:
    try:
        with closing(IndexReader(index_file)) as reader:
            return reader.meta("articles")
    except (sqlite3.Error, WrongVersion):
        return None


def _build(articles: Path, file: Path, digest: str) -> None:
    with closing(IndexWriter(file, shared=False)) as writer:
        with writer.transaction():
            for number, article in enumerate(_read(articles)):
                document = Document(
                    article.title, article.url, article.text, article.site, article.date
                )
                writer.put(str(number), document)
            writer.note("articles", digest)
        writer.optimise()


def _read(articles: Path) -> Iterator[_Article]:
    with gzip.open(articles, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield _Article.model_validate_json(line)
