"""From a file on disk to a document: its title and its text. Types: .txt .md .html .htm .pdf."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from resiliparse.parse.encoding import detect_encoding

from search_adapters.html_text import read_html
from search_adapters.markdown_text import read_markdown
from search_adapters.pdf_reader import read_pdf
from search_adapters.unreadable import Unreadable

MAX_BYTES = 50 * 1024 * 1024
"""Larger files are archives or dumps; reading one would hold everything else up."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its origin, before it is cut into passages."""

    title: str
    url: str
    text: str
    site: str
    date: str | None = None
    """ISO day."""


def read_file(path: Path) -> tuple[str, str]:
    """Title and text of a file. Markup is gone, paragraphs are set apart by blank lines.

    Raises:
        Unreadable: another type, too large, broken, not text, or nothing in it.
        OSError: the file can't be opened.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise Unreadable(f"{path.suffix or 'no suffix'}: not a type that can be read")
    if path.stat().st_size > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES // 1024 // 1024} MB")
    title, text = reader(path)
    if not text.strip():
        raise Unreadable("no text in it")
    return " ".join(title.split())[:200] or _name(path), text


def decode(data: bytes) -> str:
    """The text of bytes in whatever encoding they are; Unreadable when they are no text at all."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig"
        if b"\x00" in data:
            raise Unreadable("binary data")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        pass
    guess = detect_encoding(data) or "utf-8"
    try:
        text = data.decode(guess)
    except (UnicodeDecodeError, LookupError):
        raise Unreadable("no known text encoding") from None
    if len(_ODD.findall(text)) > len(text) // 100:
        raise Unreadable("binary data")
    return text


# Control characters no text has; a few are stray, many mean that this is no text.
_ODD = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd]")


def _text(path: Path) -> tuple[str, str]:
    text = decode(path.read_bytes())
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    # A short first line with nothing at its end is a heading; a sentence is not.
    if not 0 < len(first) <= 80 or first[-1] in ".,;:!?":
        return "", text
    below = text.split(first, 1)[1]
    apart = re.match(r"[ \t]*\r?\n[ \t]*\r?\n", below) and below.strip()
    return first, below if apart else text


def _markdown(path: Path) -> tuple[str, str]:
    return read_markdown(decode(path.read_bytes()))


def _html(path: Path) -> tuple[str, str]:
    return read_html(path.read_bytes())


READERS: dict[str, Callable[[Path], tuple[str, str]]] = {
    ".txt": _text,
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": _html,
    ".htm": _html,
    ".pdf": read_pdf,
}


def _name(path: Path) -> str:
    return re.sub(r"[_\s-]+", " ", path.stem).strip() or path.name
