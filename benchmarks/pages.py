"""Reading pages: how long an average one takes, and what a hostile one does to a neighbour.

    make bench-pages

Extraction is measured in a process that reads pages, and from the gateway's side with the way there
and back. Then a neighbouring stream gets a token every 5 ms over loopback, in the event loop that
has pages read; shown is how late its tokens are while nothing, ordinary and hostile pages are read.
The last line is for comparison: the same nested page, parsed in the gateway's own process.
"""

import argparse
import asyncio
import gzip
import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

from resiliparse.extract.html2text import extract_plain_text

from search_adapters.pages.refusal import Refused
from search_adapters.pages.wire import Job
from search_adapters.pages.worker import read
from search_adapters.pages.workers import Workers

TEXT = """harbour light keeper tower storm vessel engine lamp winter coast island bridge market
school council river mountain railway museum garden library painter composer treaty election"""
WORDS = TEXT.split()
QUERY = ("keeper", "tower", "storm", "1871")
PAGES = 200
EVERY = 0.005
SECONDS = 3.0


def average_page(seed: int) -> bytes:
    """About 40 kB: a menu, headings, paragraphs with links, lists, a table, a footer, scripts."""
    pick = random.Random(seed)

    def sentence() -> str:
        words = [pick.choice(WORDS) for _ in range(pick.randint(8, 18))]
        words[pick.randrange(len(words))] = f'<a href="/w/{pick.randrange(999)}">the keeper</a>'
        return " ".join(words).capitalize() + f" in {pick.randint(1800, 2000)}. "

    def paragraph() -> str:
        return f"<p>{''.join(sentence() for _ in range(pick.randint(3, 7)))}</p>"

    menu = "".join(f'<li><a href="/m/{n}">Menu {n}</a></li>' for n in range(60))
    rows = "".join(f"<tr><td>{1850 + n}</td><td>Keeper {n}</td></tr>" for n in range(30))
    sections = "".join(
        f"<h2>Section {n}</h2>{''.join(paragraph() for _ in range(4))}"
        f"<ul>{''.join(f'<li>{sentence()}</li>' for _ in range(4))}</ul>"
        for n in range(9)
    )
    return (
        "<!doctype html><html><head><title>The tower</title>"
        "<style>.menu{color:red} .gone{display:none}</style>"
        f"<script>{'var a = 1; ' * 300}</script></head><body><nav><ul>{menu}</ul></nav><main>"
        f"<article><h1>The tower</h1>{sections}<table><tr><th>Year</th><th>Name</th></tr>{rows}"
        f"</table></article></main><footer>{menu}</footer></body></html>"
    ).encode()


def job(encoding: str = "", type_: str = "text/html") -> Job:
    return Job(type_, "utf-8", encoding, True, QUERY)


def spread(milliseconds: list[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {
        "p50": round(statistics.median(ordered), 2),
        "p95": round(ordered[int(len(ordered) * 0.95)], 2),
        "max": round(ordered[-1], 2),
    }


def in_the_process(bodies: list[bytes]) -> dict[str, dict[str, float]]:
    """Time on the clock, and of the CPU: on a machine with other work only the second is ours."""
    wall, cpu = [], []
    for body in bodies:
        begin, began = time.perf_counter(), time.process_time()
        read(job(), body)
        cpu.append(1000 * (time.process_time() - began))
        wall.append(1000 * (time.perf_counter() - begin))
    return {"cpu_ms": spread(cpu), "wall_ms": spread(wall)}


async def from_the_gateway(pool: Workers, bodies: list[bytes]) -> dict[str, float]:
    taken = []
    for body in bodies:
        begin = time.perf_counter()
        await pool.read(job(), body)
        taken.append(1000 * (time.perf_counter() - begin))
    return spread(taken)


async def neighbour(meanwhile: Callable[[], Awaitable[None]]) -> dict[str, float]:
    """How late the tokens of a stream are, while something is done again and again."""

    async def send(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begin, number = time.perf_counter(), 0
        while number * EVERY < SECONDS:
            number += 1
            await asyncio.sleep(begin + number * EVERY - time.perf_counter())
            writer.write(b"token\n")
        writer.close()

    server = await asyncio.start_server(send, "127.0.0.1", 0)
    stream, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    busy = asyncio.create_task(_again_and_again(meanwhile))
    gaps, last = [], time.perf_counter()
    while await stream.readline():
        now = time.perf_counter()
        gaps.append(1000 * (now - last))
        last = now
    busy.cancel()
    await asyncio.gather(busy, return_exceptions=True)
    writer.close()
    server.close()
    return spread(gaps[1:])


async def _again_and_again(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await work()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--html", type=Path, help="measure the .html files of this folder instead")
    parser.add_argument("--output", type=Path, help="write the figures here, as JSON")
    arguments = parser.parse_args()
    if arguments.html:
        bodies = [path.read_bytes() for path in sorted(arguments.html.rglob("*.html"))[:PAGES]]
    else:
        bodies = [average_page(seed) for seed in range(PAGES)]
    nested = b"<div>" * 20_000 + b"keeper"
    evasive = (b"<a href=x><b><i>" * 160 + b"x") * 400  # under the depth that is refused outright
    bomb = gzip.compress(b"<p>keeper of the light. </p>" * 1_800_000, 9)
    endless = b"<p>more of the same, and more. </p>" * 120_000
    async with aclosing(Workers(2, seconds=1.0)) as pool:
        await pool.prepare()

        def reading(body: bytes, encoding: str = "") -> Callable[[], Awaitable[None]]:
            async def read_it() -> None:
                try:
                    await pool.read(job(encoding), body)
                except Refused:
                    await asyncio.sleep(0)

            return read_it

        async def nothing() -> None:
            await asyncio.sleep(0.1)

        async def in_our_own_process() -> None:
            extract_plain_text("<div>" * 5_000 + "keeper", main_content=True)
            await asyncio.sleep(0.5)

        figures = {
            "pages": {
                "count": len(bodies),
                "mean_kb": round(sum(map(len, bodies)) / len(bodies) / 1000, 1),
                "in_the_process": in_the_process(bodies),
                "from_the_gateway_ms": await from_the_gateway(pool, bodies),
            },
            "neighbour_gap_ms": {
                "nothing": await neighbour(nothing),
                "average pages": await neighbour(reading(bodies[0])),
                "20,000 nested": await neighbour(reading(nested)),
                "nested, evasive": await neighbour(reading(evasive)),
                "50 MB bomb": await neighbour(reading(bomb, "gzip")),
                "4 MB, endless": await neighbour(reading(endless)),
                "(in-process, 5,000 nested)": await neighbour(in_our_own_process),
            },
            "killed": pool.killed,
        }
    print(json.dumps(figures, indent=2))
    if arguments.output:
        arguments.output.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
