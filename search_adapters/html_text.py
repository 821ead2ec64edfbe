"""The readable text of a web page: navigation, scripts and hidden parts left out."""

import re

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding
from resiliparse.parse.html import HTMLTree

from search_adapters.unreadable import Unreadable

MAX_DEPTH = 500
"""Main-content extraction takes time square in nesting, with the interpreter lock held: 0.1 s at
2,000 levels, 20 s at 20,000. Pages of people stay under 100."""
_MAIN_SHARE = 5
"""Main content under a fifth of the page means that the guess was wrong: lists and tables."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_FLAT = """area base br col embed hr img input link meta source track wbr
    dd dt li option p td th tr tbody thead"""
_NO_DEPTH = frozenset(_FLAT.split())
"""Void elements, and those a parser closes by itself: neither nests."""
_BULLET = re.compile(r"^([ \t]*)•[ \t]*", re.MULTILINE)


def read_html(data: bytes) -> tuple[str, str]:
    """Title (the page's, or its first heading; may be empty) and text."""
    if b"\x00" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("binary data")
    page = bytes_to_str(data, detect_encoding(data, from_html_meta=True) or "utf-8")
    tree = HTMLTree.parse(page)
    everything = _extract(tree, main=False)
    text = everything if depth(page) > MAX_DEPTH else _extract(tree, main=True)
    if len(text) * _MAIN_SHARE < len(everything):
        text = everything
    title = tree.title or ""
    root = tree.document
    if not title.strip() and root is not None:
        heading = root.query_selector("h1, h2")
        title = (heading.text or "") if heading is not None else ""
    return title, _BULLET.sub(r"\1- ", text)


def depth(page: str) -> int:
    """How deep the elements of a page nest, at most, by its tags alone. Linear in the page."""
    level = deepest = 0
    flat = _NO_DEPTH
    for closes, name in _TAG.findall(page):
        if name in flat or name.lower() in flat:
            continue
        if closes:
            if level:
                level -= 1
        else:
            level += 1
            if level > deepest:
                deepest = level
    return deepest


def _extract(tree: HTMLTree, *, main: bool) -> str:
    return str(
        extract_plain_text(
            tree, preserve_formatting=True, main_content=main, alt_texts=False, links=False
        )
    )
