"""The browser chat as it leaves the gateway: what it weighs, how it is kept, what it may do."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.http.page import ENTRY, FOLDER, HEADERS, Page, first_modules
from tests.api.stage import Gateway

MOST = 150_000
"""Bytes of the first load, compressed: what is needed before anything is asked."""


@pytest.fixture(scope="module")
def page() -> Page:
    return Page()


def test_the_page_is_at_the_root_and_at_each_conversation(gateway: Gateway) -> None:
    for path in ("/", "/c/conv_0123"):
        reply = gateway.get(path)
        assert reply.status_code == 200
        assert reply.headers["content-type"] == "text/html; charset=utf-8"
        assert reply.headers["cache-control"] == "no-cache"
        assert '<script type="module" src="/assets/' in reply.text


def test_all_that_the_page_names_is_there_for_ever(gateway: Gateway) -> None:
    names = re.findall(r'(?:href|src)="(/assets/[^"]+)"', gateway.get("/").text)
    assert any(name.endswith("/scripts/app.js") for name in names), "modules are preloaded"
    for name in names:
        reply = gateway.get(name)
        assert reply.status_code == 200, name
        assert "immutable" in reply.headers["cache-control"]
        assert reply.headers["content-encoding"] == "gzip"


def test_what_is_known_is_not_sent_again(gateway: Gateway) -> None:
    first = gateway.get("/")
    again = gateway.get("/", headers={"If-None-Match": f'"x", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_without_gzip_it_is_plain(gateway: Gateway, page: Page) -> None:
    for accepted in ("identity", "gzip;q=0", "br"):
        reply = gateway.get("/", headers={"Accept-Encoding": accepted})
        assert "content-encoding" not in reply.headers
        assert reply.content == page.index.plain


def test_an_older_page_still_gets_its_parts_but_does_not_keep_them(gateway: Gateway) -> None:
    reply = gateway.get("/assets/0000/vendor/katex.js")
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-cache"


def test_what_is_not_there_is_an_error_of_the_api(gateway: Gateway) -> None:
    for name in ("nothing.js", "__init__.py", "vendor", "index.html"):
        assert gateway.get(f"/assets/x/{name}").status_code == 404


def test_no_inline_script_and_nothing_from_elsewhere(gateway: Gateway) -> None:
    reply = gateway.get("/")
    for name, value in HEADERS.items():
        assert reply.headers[name] == value
    policy = dict(rule.split(" ", 1) for rule in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert not re.search(r"unsafe|https?:|\*|data:", HEADERS["Content-Security-Policy"])
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|style=|https?://", reply.text)


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.rglob("*"):
        if path.suffix in (".js", ".css") and "vendor" not in path.parts:
            yield path.relative_to(folder).as_posix(), path.read_text("utf-8")


def test_no_door_for_markup_but_the_one() -> None:
    for name, text in texts(FOLDER):
        for way in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
        ):
            assert way not in text, f"{name}: {way}"


def test_files_of_the_page_are_one_idea_each() -> None:
    for name, text in texts(FOLDER):
        assert len(text.splitlines()) <= 300, name
        assert text.startswith(("//", "/*")), f"{name}: nothing says what it is for"


def test_the_first_load_is_small(page: Page) -> None:
    contents = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*.js")
    }
    modules = list(first_modules(contents))
    assert ENTRY in modules
    assert not any("katex" in name or "highlight" in name for name in modules), (
        "fetched when needed"
    )
    styles = [name for name in page.assets if name.startswith("styles/")]
    letters = [
        name for name in page.assets if name.endswith(("wght-normal.woff2", "-400-normal.woff2"))
    ]
    first = [page.assets[name] for name in (*modules, *styles, *letters, "icon.svg")]
    size = sum(len(file.packed or file.plain) for file in (page.index, *first))
    assert size < MOST, f"{size} bytes"


def test_what_is_compressed_is_what_there_is(page: Page) -> None:
    for file in page.assets.values():
        assert file.packed is None or gzip.decompress(file.packed) == file.plain


def test_every_library_has_its_licence() -> None:
    listed = re.findall(
        r"^\| (\S+) \| [\d.]+ \|", (FOLDER / "vendor/LIBRARIES.md").read_text(), re.M
    )
    assert len(listed) == 6
    for name in listed:
        assert (FOLDER / "vendor/licences" / f"{name.rpartition('/')[2]}.txt").stat().st_size > 500
