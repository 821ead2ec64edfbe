"""`python -m benchmarks.search`: what happens between the end marker and the next token.

    hedging     a provider of 200 ms median with 8 % of its calls at 900 ms: the whole search, with
                and without a second call behind its own p90
    sharing     100 concurrent answers with 20 distinct queries: calls that reach the provider
    cache       a result that is kept: from the end marker to the next leg's first token
    early       a model of 8 tokens a second and a free provider: what is hidden of the search

The first goes through the chain and the adapter, the others through a whole gateway in front of a
scripted engine. Every server is a process of its own on loopback.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.table import Table

from benchmarks.report import machine, merge
from benchmarks.search_stage import DISTINCT, MODEL, Calls, adapter, gateway, provider
from search_adapters.chain import Chain, Options
from search_adapters.protocol import Query
from search_adapters.registry import load

LATEST = Path(__file__).parent / "latest.json"
SPANS = 100
EARLY_RATE = 8.0
"""Tokens a second: a mid-sized model on a CPU."""


def main() -> None:
    """Parse the command line, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--searches", type=int, default=600, help="with and without hedging")
    parser.add_argument("--at-a-time", type=int, default=8)
    parser.add_argument("--hits", type=int, default=200, help="answers from the cache")
    parser.add_argument("--out", type=Path, default=LATEST)
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 110)
    os.environ["NO_PROXY"] = "127.0.0.1"
    found: dict[str, Any] = {"machine": machine()}
    for hedge in ("off", "free"):
        console.log(f"{options.searches} searches, hedging {hedge}")
        with provider() as url:
            found[f"hedging_{hedge}"] = asyncio.run(
                hedging(url, hedge, options.searches, options.at_a_time)
            )
    console.log(f"{SPANS} answers at once, {DISTINCT} distinct queries")
    with gateway({"ORSON_SEARCH_CACHE_SECONDS": "0"}) as (url, _, calls):
        found["sharing"] = asyncio.run(sharing(url, calls))
    console.log(f"{options.hits} answers from the cache")
    with gateway({"ORSON_CACHE_HTTP": "3600"}) as (url, engine, calls):
        found["cache"] = asyncio.run(cache_hits(url, engine, calls, options.hits))
    console.log(f"{DISTINCT} answers searched early")
    with gateway({"HTTP_SEARCH_FREE": "on"}, rate=EARLY_RATE) as (url, _, calls):
        found["early"] = asyncio.run(early(url, calls))
    console.print(_table(found))
    merge(options.out, {"search": found})
    console.print(f"Written to {options.out}, key 'search'.")


# -- what is measured ------------------------------------------------------------------------


async def hedging(url: str, hedge: str, searches: int, at_a_time: int) -> dict[str, Any]:
    """Distinct queries, so many at a time, through chain and adapter."""
    adapters = load(["http"], adapter(url) | {"HTTP_SEARCH_FREE": "on"})
    chain = Chain(adapters, Options(hedge=hedge, provider_timeout=2.0))  # type: ignore[arg-type]
    numbers = iter(range(searches))
    seconds: list[float] = []

    async def ask() -> None:
        for number in numbers:
            outcome = await chain(Query(f"the old town {number}"))
            assert outcome.passages, outcome
            seconds.append(outcome.elapsed)

    try:
        await asyncio.gather(*(ask() for _ in range(at_a_time)))
    finally:
        await chain.aclose()
    return {**_spread(seconds), "searches": searches, "calls": Calls(url)()}


async def sharing(url: str, calls: Calls) -> dict[str, Any]:
    """All answers at once."""
    async with _client(url) as client:
        bodies = await asyncio.gather(*(answer(client, n % DISTINCT) for n in range(SPANS)))
    found = sum(bool(body["search"][0]["results"]) for body in bodies)
    return {
        "answers": SPANS,
        "distinct_queries": DISTINCT,
        "answers_with_results": found,
        "provider_calls": calls(),
        **_spread([body["search"][0]["elapsed_ms"] / 1000 for body in bodies]),
    }


async def cache_hits(url: str, engine: str, calls: Calls, hits: int) -> dict[str, Any]:
    """One answer after the other, each with a result that is kept; the engine's own time apart."""
    async with _client(url) as client:
        for number in range(DISTINCT):
            await answer(client, number)
        asked = calls()
        lookup: list[float] = []
        resume: list[float] = []
        bare: list[tuple[float, float]] = []
        for number in range(hits):
            body = await answer(client, number % DISTINCT)
            (search,) = body["search"]
            if search["cached"] != "fresh":  # Redis took longer than the chain has patience
                continue
            lookup.append(search["elapsed_ms"] / 1000)
            resume.append(body["usage"]["legs"][1]["resume_ms"] / 1000)
            bare.append(await asyncio.to_thread(_engine_itself, engine, number % DISTINCT))
    whole = [a + b for a, b in zip(lookup, resume, strict=True)]
    encode_ms, first_token_ms = (_ms(statistics.median(each)) for each in zip(*bare, strict=True))
    calm = [min(each) for each in zip(*bare, strict=True)]
    spread = _spread(whole)
    return {
        "hits": len(lookup),
        "misses": hits - len(lookup),
        "provider_calls": calls() - asked,
        **spread,
        "lookup_ms_p50": _ms(statistics.median(lookup)),
        "engine_encode_ms_p50": encode_ms,
        "engine_first_token_ms_p50": first_token_ms,
        "own_ms_p50": round(spread["ms_p50"] - encode_ms - first_token_ms, 2),
        # Other work on the machine lengthens every wait; the quickest answer had the least of it.
        "ms_least": _ms(min(whole)),
        "own_ms_least": _ms(min(whole) - sum(calm)),
    }


async def early(url: str, calls: Calls) -> dict[str, Any]:
    """One answer after the other, from a model that writes slowly."""
    async with _client(url) as client:
        found = [(await answer(client, number))["search"][0] for number in range(DISTINCT)]
    return {
        "answers": DISTINCT,
        "tokens_per_second": EARLY_RATE,
        **_spread([search["elapsed_ms"] / 1000 for search in found]),
        "hidden_ms_p50": statistics.median(search["hidden_ms"] for search in found),
        "provider_calls": calls(),
    }


async def answer(client: httpx2.AsyncClient, number: int) -> Any:
    """One answer, given whole."""
    question = f"What of the old town {number:02}?"
    body = {"model": MODEL, "messages": [{"role": "user", "content": question}]}
    reply = await client.post("/v1/chat/completions", json=body)
    reply.raise_for_status()
    return reply.json()


def _engine_itself(engine: str, number: int) -> tuple[float, float]:
    """Seconds the engine itself takes to encode a block, and to its first token.

    Those are the two calls between a kept result and the next leg's first token; everything else is
    the gateway's own. Asked over a bare socket, so that no client's time counts as the engine's.
    """
    host, _, port = engine.removeprefix("http://").partition(":")
    prompt = f"<|user|>What of the old town {number:02}?<|end|><|assistant|>"
    block = f"[RESULTS_START]\n[1] All that is known of the old town {number:02}\n[RESULTS_END]"
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        _posted(connection, "/health", {}, b"\r\n\r\n")  # the connection is there, as the gateway's
        return (
            _posted(connection, "/tokenize", {"model": MODEL, "prompt": block}, b'"tokens"'),
            _posted(
                connection,
                "/v1/completions",
                {"model": MODEL, "prompt": prompt, "max_tokens": 8, "stream": True},
                b"data: ",
            ),
        )


def _posted(connection: socket.socket, path: str, body: dict[str, Any], until: bytes) -> float:
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: engine\r\nContent-Type: application/json\r\n"
    began = time.perf_counter()
    connection.sendall(head.encode() + f"Content-Length: {len(content)}\r\n\r\n".encode() + content)
    read = b""
    while until not in read:
        piece = connection.recv(65536)
        assert piece, "the engine hung up"
        read += piece
    return time.perf_counter() - began


def _client(url: str) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=SPANS)
    return httpx2.AsyncClient(base_url=url, timeout=30, trust_env=False, limits=limits)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return _ms(ordered[min(len(ordered) - 1, int(share * len(ordered)))])

    return {"ms_p50": at(0.5), "ms_p95": at(0.95), "ms_p99": at(0.99)}


def _table(found: Mapping[str, Any]) -> Table:
    shown = Table("", "p50 ms", "p95 ms", "p99 ms", "", title="The search layer")
    for name, numbers in found.items():
        if name == "machine":
            continue
        rest = {
            key: value
            for key, value in numbers.items()
            if key not in ("ms_p50", "ms_p95", "ms_p99")
        }
        said = ", ".join(f"{key} {value:g}" for key, value in rest.items())
        shown.add_row(name, *(f"{numbers[f'ms_{at}']:g}" for at in ("p50", "p95", "p99")), said)
    return shown


if __name__ == "__main__":
    main()
