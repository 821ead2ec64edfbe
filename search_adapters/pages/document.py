"""A page as sections of text: its title and date, headings kept, tables row by row.

bytes -> text -> tree, hidden parts out -> main content -> sections -> passages
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from search_adapters import passages
from search_adapters.html_text import MAX_DEPTH, depth
from search_adapters.pages.hidden import drop_hidden
from search_adapters.pages.refusal import Refused

MAX_CHARS = 1_000_000
"""Of markup. Longer pages are lists and dumps; what answers stands at the beginning."""
MAX_TEXT = 200_000
TARGET = 600
"""Characters of a passage: a paragraph. Five of them are about the thousand tokens a search has."""
LONGEST = 900
"""A paragraph up to this is left whole."""
_MAIN_SHARE = 5
"""Main content under a fifth of the page means that the guess was wrong."""

_HEADING = re.compile(r"<h[1-6]>(.*?)</h[1-6]>", re.DOTALL)
_TAG = re.compile(r"</?(?:p|ul|ol|li|dl|dt|dd|br|hr|pre|div|blockquote|code|b|i|strong|em)/?>")
_DATES = (
    ("meta[property='article:published_time'], meta[itemprop='datePublished']", "content"),
    ("meta[name='date'], meta[name='dc.date']", "content"),
    ("meta[property='article:modified_time'], meta[itemprop='dateModified']", "content"),
    ("[itemprop='datePublished'][datetime], article time[datetime], time[datetime]", "datetime"),
)
_CAPTION = 80
"""A line before a table that is no longer than this says what the table is."""
_DAY = re.compile(r"(\d{4})[-/](\d\d?)[-/](\d\d?)(?!\d)")
_DATED = (
    "datetime=",
    "'date'",
    "published_time",
    "modified_time",
    "datePublished",
    "dateModified",
    '"date"',
)
"""Without one of these there is no date to look for, and most pages have none."""
_LINKED_DATA = re.compile(r'"date(?:Published|Created|Modified)"\s*:\s*"([^"]{8,40})"')


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading."""

    heading: str
    text: str
    """Paragraphs with lines between."""
    table: tuple[str, ...] = ()
    """Rows, cells divided by bars, where the section is a table."""


@dataclass(frozen=True, slots=True)
class Document:
    """A page's text."""

    title: str
    day: str | None
    """ISO day of publication or last change, where the page says."""
    sections: tuple[Section, ...]


def read_markup(markup: str) -> Document:
    """A web page. Raises Refused for one nested deeper than any that people write."""
    markup = markup[:MAX_CHARS]
    if depth(markup) > MAX_DEPTH:
        raise Refused("nested too deeply")
    tree = HTMLTree.parse(markup)
    title, day = _title(tree), _date(tree, markup)
    drop_hidden(tree)
    text = _extract(tree, main=True)
    # All text is no longer than its markup, so mostly it need not be looked at.
    if len(text) * _MAIN_SHARE < len(markup):
        everything = _extract(tree, main=False)
        if len(text) * _MAIN_SHARE < len(everything):
            text = everything
    return Document(title, day, tuple(_sections(text[:MAX_TEXT], title)))


def read_plain(text: str, title: str = "") -> Document:
    """A text without markup."""
    return Document(title, None, (Section("", text[:MAX_TEXT]),))


def cut(document: Document) -> Iterator[str]:
    """The document's passages in order, each under its section's heading."""
    for section in document.sections:
        head = f"{section.heading}: " if section.heading else ""
        if section.table:
            for rows in _tables(section.table):
                yield head + rows
        else:
            for text in _packed(section.text):
                yield head + text


def _packed(text: str) -> Iterator[str]:
    """Paragraphs together as far as they fit; only those that are too long are cut."""
    current = ""
    for paragraph in filter(None, map(_line, text.split("\n"))):
        if current and len(current) + len(paragraph) >= TARGET:
            yield current
            current = ""
        if len(paragraph) > LONGEST:
            *whole, current = passages.split(paragraph, TARGET)
            yield from whole
        else:
            current = f"{current}\n{paragraph}" if current else paragraph
    if current:
        yield current


def _sections(text: str, title: str) -> Iterator[Section]:
    heading = ""
    pieces = _HEADING.split(text)
    for index, piece in enumerate(pieces):
        if index % 2:
            heading = _line(_TAG.sub(" ", piece))[:120]
            if heading.casefold() == title.casefold():
                heading = ""
            continue
        body = _TAG.sub(_instead, piece)
        paragraphs: list[str] = []
        rows: list[str] = []
        above = heading
        for line in html.unescape(body).split("\n"):
            if "\t" in line.strip():
                if paragraphs:
                    caption = _line(" ".join(paragraphs))
                    if len(caption) <= _CAPTION:
                        above = ": ".join(filter(None, (heading, caption)))
                    else:
                        yield from _text(heading, paragraphs)
                    paragraphs = []
                rows.append(" | ".join(cell.strip() for cell in re.split(r"\t+", line.strip())))
                continue
            if rows:
                yield Section(above, "", tuple(rows))
                rows, above = [], heading
            paragraphs.append(line)
        if rows:
            yield Section(above, "", tuple(rows))
        yield from _text(heading, paragraphs)


def _text(heading: str, lines: list[str]) -> Iterator[Section]:
    text = "\n".join(lines)
    if text.strip():
        yield Section(heading, text)


def _instead(tag: re.Match[str]) -> str:
    name = tag.group().strip("</>")
    if name == "li":
        return "" if tag.group().startswith("</") else "\n- "
    return " " if name in ("b", "i", "strong", "em", "code") else "\n"


def _tables(rows: tuple[str, ...]) -> Iterator[str]:
    """Rows as passages, each begun by the first row, which mostly names the columns."""
    first, current = rows[0], ""
    for row in rows:
        if current and len(current) + len(row) > TARGET:
            yield current
            current = f"{first}; {row}"
        else:
            current = f"{current}; {row}" if current else row
    if current:
        yield current


def _title(tree: HTMLTree) -> str:
    title = str(tree.title or "")
    if not title.strip() and tree.document is not None:
        heading = tree.document.query_selector("h1, h2")
        title = str(heading.text or "") if heading is not None else ""
    return _line(title)[:200]


def _date(tree: HTMLTree, markup: str) -> str | None:
    root = tree.document
    for selector, attribute in _DATES if any(hint in markup for hint in _DATED) else ():
        element = root.query_selector(selector) if root is not None else None
        if element is not None and (day := _day(element.getattr(attribute) or "")):
            return day
    found = _LINKED_DATA.search(markup)
    return _day(found[1]) if found else None


def _day(written: str) -> str | None:
    match = _DAY.match(written.strip())
    try:
        return date(*map(int, match.groups())).isoformat() if match else None
    except ValueError:
        return None


def _extract(tree: Any, *, main: bool) -> str:
    return str(
        extract_plain_text(
            tree,
            preserve_formatting="minimal_html",
            main_content=main,
            alt_texts=False,
            links=False,
            comments=False,
        )
    )


def _line(text: str) -> str:
    return " ".join(text.split())
