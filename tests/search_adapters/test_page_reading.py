"""From a search's results to passages of their pages: what is kept, what is lost, what it costs."""

import asyncio
import gzip
import os
import signal
import zlib
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest
from small_internet import SITE, SmallInternet, by_path, page, redirect, site
from test_page_fetching import TLS

from search_adapters.pages.fetching import Fetcher
from search_adapters.pages.reader import PageReader
from search_adapters.pages.refusal import Refused
from search_adapters.pages.wire import Job
from search_adapters.pages.worker import _counter
from search_adapters.pages.workers import Workers
from search_adapters.protocol import Passage, Query
from search_adapters.terms import tokens

LONG = 30.0
"""Seconds nothing here should take; what ends in time ends for another reason."""

LIGHTHOUSE = """<!doctype html><html><head><title>Varn lighthouse</title>
<meta property="article:published_time" content="2025-03-04T10:00:00Z"></head><body>
<nav><a href="/">Home</a><a href="/shop">Shop</a></nav>
<article><h1>Varn lighthouse</h1>
<p>The lighthouse at Varn was built in 1871 and stands at the northern end of the harbour wall.
It is forty metres high, and its lamp is seen from far out at sea on a clear night.</p>
<h2>Keepers</h2>
<p>The first keeper was Ana Holm, who lived in the tower with her two sons for thirty years,
until the lamp was changed to electric light and the keeper's house was given to the town.</p>
<table><tr><th>Year</th><th>Keeper</th></tr><tr><td>1871</td><td>Ana Holm</td></tr>
<tr><td>1901</td><td>Per Lund</td></tr></table>
<p>Tickets cost four crowns on every day of the week but Monday, when the tower is closed.</p>
</article><footer>Imprint</footer></body></html>"""

QUERY = Query("first keeper Varn lighthouse", limit=3)


def result(url: str, text: str = "A snippet.", title: str = "A result") -> Passage:
    return Passage(title, url, text, site="site.example")


@asynccontextmanager
async def reading(answers: dict[str, bytes]) -> AsyncIterator[PageReader]:
    async with site(by_path(answers)) as server:
        internet = SmallInternet({"other.example": [SITE]}, **{SITE: server.port})
        fetcher = Fetcher(internet.network, TLS)
        async with aclosing(PageReader(fetcher, seconds=LONG, workers=1)) as reader:
            yield reader


async def test_a_page_becomes_passages() -> None:
    async with reading({"/varn": page(LIGHTHOUSE)}) as reader:
        snippet = result("http://site.example/varn")
        found = await reader(QUERY, [snippet], LONG)
    assert found[0].text.startswith(("Keepers: The first keeper was Ana Holm", "Keepers: Year"))
    assert any("1871 | Ana Holm; 1901 | Per Lund" in passage.text for passage in found)
    assert len(found) <= 2  # of one page
    for passage in found:
        assert (passage.title, passage.site, passage.date) == (
            "Varn lighthouse",
            "site.example",
            "2025-03-04",
        )
        assert passage.url == "http://site.example/varn"
        assert "Shop" not in passage.text
        assert "Imprint" not in passage.text


async def test_the_question_ranks_too() -> None:
    asked = Query("Varn lighthouse", limit=1, question="What do tickets cost on a Sunday?")
    async with reading({"/varn": page(LIGHTHOUSE)}) as reader:
        (found,) = await reader(asked, [result("http://site.example/varn")], LONG)
    assert "four crowns" in found.text


async def test_late_refused_and_foreign_pages_keep_their_snippets() -> None:
    hang = asyncio.Event()

    async def respond(head: bytes, writer: asyncio.StreamWriter) -> None:
        path = head.split(b" ", 2)[1]
        if path == b"/late":
            await hang.wait()
        writer.write(page(LIGHTHOUSE) if path == b"/varn" else page("x", type_="image/png"))

    async with site(respond) as server:
        internet = SmallInternet(**{SITE: server.port})
        fetcher = Fetcher(internet.network, TLS)
        async with aclosing(PageReader(fetcher, seconds=5.0, workers=1)) as reader:
            await reader.prepare()
            results = [
                result("http://site.example/late", "The keeper, late."),
                result("http://site.example/varn"),
                result("http://site.example/image", "A picture of the keeper."),
                result("http://127.0.0.1/", "An inside keeper."),
            ]
            found = await reader(Query("first keeper Varn lighthouse", limit=9), results, LONG)
        hang.set()
    texts = [passage.text for passage in found]
    assert {"The keeper, late.", "A picture of the keeper.", "An inside keeper."} < set(texts)
    assert "Ana Holm" in texts[0]
    assert "A snippet." not in texts  # its page was read


async def test_nothing_read_changes_nothing() -> None:
    results = (result("http://site.example/none"), result("", "No address."))
    async with reading({}) as reader:
        assert await reader(QUERY, results, LONG) == results
        assert await reader(QUERY, results, 0.0) == results


async def test_a_redirect_to_another_domain_counts_as_that_domain() -> None:
    answers = {"/": redirect("http://other.example/varn"), "/varn": page(LIGHTHOUSE)}
    query = Query("keeper", limit=3, denied_domains=("other.example",))
    async with reading(answers) as reader:
        (found,) = await reader(query, [result("http://site.example/")], LONG)
        assert found.text == "A snippet."
        free = await reader(QUERY, [result("http://site.example/")], LONG)
        assert {(passage.site, passage.url) for passage in free} == {
            ("other.example", "http://other.example/varn")
        }


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate"])
async def test_compressed_pages(encoding: str) -> None:
    raw = zlib.compressobj(wbits=-15)
    bodies = {
        "gzip": gzip.compress(LIGHTHOUSE.encode()),
        "deflate": zlib.compress(LIGHTHOUSE.encode()),
        "raw deflate": raw.compress(LIGHTHOUSE.encode()) + raw.flush(),
    }
    header = f"Content-Encoding: {encoding.split()[-1]}"
    async with reading({"/": page(bodies[encoding], header)}) as reader:
        found = await reader(QUERY, [result("http://site.example/")], LONG)
    assert "Ana Holm" in found[0].text


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
@pytest.mark.parametrize("said", ["", "utf-8", "nonsense"])
async def test_encodings(charset: str, said: str) -> None:
    body = f"<html><body><article><p>{'Das Café in Ålesund öffnet früh. ' * 9}</p></article>"
    type_ = f"text/html; charset={said}" if said else "text/html"
    async with reading({"/": page(body.encode(charset), type_=type_)}) as reader:
        (found, *_) = await reader(Query("Café Ålesund"), [result("http://site.example/")], LONG)
    assert "Café in Ålesund öffnet früh" in found.text


@asynccontextmanager
async def workers(seconds: float = LONG) -> AsyncIterator[Workers]:
    async with aclosing(Workers(1, seconds=seconds)) as pool:
        await pool.prepare()
        yield pool


def job(type_: str = "text/html", encoding: str = "", *words: str) -> Job:
    return Job(type_, "utf-8", encoding, True, words)


BOMB = gzip.compress(b"<p>keeper of the light. </p>" * 2_000_000, 9)
"""56 MB of page in 160 kB."""


@pytest.mark.parametrize(
    ("type_", "encoding", "body"),
    [
        ("text/html", "", b"<div>" * 20_000 + b"keeper"),
        ("text/html", "", b"<a><b>" * 20_000 + b"keeper"),
        ("text/html", "", b"\x00\x01\x02" * 1000),
        ("text/html", "", b""),
        ("text/html", "", b"<!--" * 100_000),
        ("text/html", "gzip", b"no gzip"),
        ("application/pdf", "", b"%PDF-1.7 and nothing else"),
        ("text/plain", "gzip", gzip.compress(b"\x00" * 50_000_000)),
    ],
)
async def test_hostile_pages_are_refused_and_the_next_is_read(
    type_: str, encoding: str, body: bytes
) -> None:
    async with workers() as pool:
        with pytest.raises(Refused):
            await pool.read(job(type_, encoding), body)
        read = await pool.read(job("text/html", "", "keeper"), LIGHTHOUSE.encode())
        assert read.held["keeper"] >= 2


async def test_a_bomb_is_unpacked_only_so_far() -> None:
    async with workers() as pool:
        read = await pool.read(job("text/html", "gzip", "keeper"), BOMB)
        assert read.total <= 500
        assert pool.killed == 0


async def test_a_page_that_takes_too_long_costs_its_process_only() -> None:
    async with workers(seconds=0.0) as pool:
        with pytest.raises(Refused, match="too long"):
            await pool.read(job(), LIGHTHOUSE.encode())
        assert pool.killed == 1
        pool._seconds = LONG
        assert (await pool.read(job(), LIGHTHOUSE.encode())).title == "Varn lighthouse"
        assert pool.killed == 1


async def test_a_process_that_dies_is_replaced() -> None:
    async with workers() as pool:
        (worker,) = pool._idle
        os.kill(worker.process.pid, 9)
        worker.process.wait()
        with pytest.raises(Refused, match="broke"):
            await pool.read(job(), LIGHTHOUSE.encode())
        assert (await pool.read(job(), LIGHTHOUSE.encode())).title == "Varn lighthouse"


async def test_who_stops_waiting_costs_no_process() -> None:
    async with workers() as pool:
        (worker,) = pool._idle
        waiting = asyncio.create_task(pool.read(job(), LIGHTHOUSE.encode()))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await pool.read(job(), LIGHTHOUSE.encode())).title == "Varn lighthouse"
        assert pool._idle == [worker]
        assert pool.killed == 0


async def test_a_process_sees_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRAVE_API_KEY", "k3y-of-the-house")
    async with workers() as pool:
        (worker,) = pool._idle
        with open(f"/proc/{worker.process.pid}/environ", "rb") as environ:  # noqa: ASYNC230
            assert b"k3y" not in environ.read()


async def test_closing_ends_the_processes() -> None:
    async with workers() as pool:
        (worker,) = pool._idle
    assert worker.process.returncode is not None


async def test_a_neighbour_streams_on_while_a_page_is_being_read() -> None:
    """The page's process does nothing at all; the other stream ends before it goes on."""
    tokens = [b"token %d\n" % number for number in range(200)]

    async def respond(head: bytes, writer: asyncio.StreamWriter) -> None:
        for token in tokens:
            writer.write(token)
            await writer.drain()

    async with site(respond) as server, workers() as pool:
        (worker,) = pool._idle
        os.kill(worker.process.pid, signal.SIGSTOP)
        reading = asyncio.create_task(pool.read(job(), b"<div>" * 400 + b"x" * 3_000_000))
        stream, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert [await stream.readline() for _ in tokens] == tokens
        assert not reading.done()
        writer.close()
        os.kill(worker.process.pid, signal.SIGCONT)
        assert (await reading).total > 0


@pytest.mark.parametrize(
    "text",
    ["The keepers' keeper, keeper-like.", "Cities and a city, cited in the cité.", "lightkeeper",
     "1871 and 18710, 1871s", "C++ and C# and c", "", "Lumières d'été à l'été", "東京の灯台",
     "A.B. keepers"],
)  # fmt: skip
def test_words_are_counted_as_the_ranking_folds_them(text: str) -> None:
    words = ("keeper", "city", "1871", "cplusplus", "ete", "灯台", "a", "keep")
    for wanted in (words, words[:3] + words[4:]):
        every = tokens(text)
        expected = {word: every.count(word) for word in wanted if word in every}
        assert _counter(wanted)(text) == expected
