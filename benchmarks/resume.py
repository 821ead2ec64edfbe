"""`python -m benchmarks.resume`: how fast an answer goes on after a search, on a real vLLM.

From the end marker to the first token after the results, less the search, for contexts of three
lengths. In turn, round after round on one server, each on a conversation nobody had before:

    orson     the loop: results appended to the same tokens
    limit     the same ids sent straight to vLLM, which has them in its prefix cache
    chat      a chat-API loop: text and results sent again as messages, rendered again
    cold      the limit without a prefix cache (a cache salt of its own finds nothing there)

Needs ORSON_TEST_VLLM_URL (`make bench-resume` starts one). Prints a table, and writes the key
`resume` of `benchmarks/latest.json`.
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.table import Table

from app.chat.answer import answer
from app.chat.budget import Limits
from app.chat.events import Finished, SearchFinished
from app.chat.means import Means
from app.chat.ports import Leg
from app.chat.prompt import PromptRenderer
from app.chat.request import ChatRequest, Message, Sampling, SearchOptions
from app.chat.searching.injection import ResultsBlock
from app.chat.transcript import Transcript
from app.chat.vocabulary import learn
from app.dialect.instructions import TOOLS_SEARCH
from app.dialect.markers import ORSON
from app.engines.vllm import VllmEngine
from benchmarks.report import machine
from search_adapters.chain import Chain
from search_adapters.mock import MockAdapter

LATEST = Path(__file__).parent / "latest.json"
CONTEXTS = (500, 2000, 8000)
WAYS = ("orson", "limit", "chat", "cold")
GREEDY = Sampling(temperature=0.0, max_tokens=64)
TRIES = 20
"""A small model on long contexts does not close every span; one that didn't is asked anew."""
WORDS = [
    "river",
    "town",
    "house",
    "mountain",
    "sea",
    "island",
    "bridge",
    "garden",
    "forest",
    "market",
]


class Bench:
    """One vLLM, asked in four ways."""

    def __init__(self, url: str) -> None:
        self.engine = VllmEngine(url)
        self.http = httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60)
        self.chain = Chain((MockAdapter(),))
        self.injected: list[int] = []
        self.unclosed = 0

    async def open(self) -> None:
        """Learn the model."""
        await self.engine.ready()
        self.vocabulary = await learn(self.engine, ORSON)
        block = ResultsBlock(self.engine, self.vocabulary)
        limits = Limits(results_tokens=400, answer_reserve=64)
        self.means = Means(self.engine, self.chain, self.vocabulary, limits, block)
        self.renderer = PromptRenderer(self.engine, self.vocabulary)
        sample = " ".join(WORDS * 20)
        self.words_per_token = 20 * len(WORDS) / len(await self.engine.encode(sample))

    def question(self, tokens: int) -> str:
        """A question of about so many tokens that nobody asked before, from its first word on."""
        count = int((tokens - 30) * self.words_per_token)
        filler = " ".join(secrets.choice(WORDS) for _ in range(count))
        return f"{secrets.token_hex(6)} {filler}. Who is Orson Kovats?"

    async def orson(self, tokens: int) -> float:
        """Seconds, by the answer's own account."""
        for _ in range(TRIES):
            request = ChatRequest(
                (Message("user", self.question(tokens)),),
                GREEDY,
                SearchOptions(policy="always", max_searches=1),
            )
            prompt = await self.renderer(request.messages, TOOLS_SEARCH)
            transcript, events = Transcript(), []
            async for batch in answer(request, prompt, self.means, transcript):
                events += batch
            searched = any(isinstance(event, SearchFinished) for event in events)
            last = events[-1]
            if searched and isinstance(last, Finished) and last.usage.legs[1].resume_ms:
                blocks = [part for part in transcript.segments if part.origin == "search"]
                self.injected = transcript.ids[blocks[1].start : blocks[1].end]
                return last.usage.legs[1].resume_ms / 1000
            self.unclosed += 1
        raise RuntimeError(f"{TRIES} answers on {tokens} tokens, and none searched")

    async def straight(self, tokens: int, *, salt: str = "") -> float:
        """Seconds of the same continuation, sent to vLLM with nothing in between."""
        prompt = await self.renderer((Message("user", self.question(tokens)),), TOOLS_SEARCH)
        first = Leg([*prompt, *self.vocabulary.ids[ORSON.search_start]], 12, GREEDY)
        said = [i async for chunks in self.engine.generate(first) for c in chunks for i in c.ids]
        ids = [*first.prompt, *said, *self.injected]
        if not salt:
            began = time.perf_counter()
            reads = self.engine.generate(Leg(ids, 8, GREEDY))
            async for chunks in reads:
                if any(chunk.ids for chunk in chunks):
                    break
            taken = time.perf_counter() - began
            await reads.aclose()
            return taken
        body = {"prompt": ids, "max_tokens": 8, "temperature": 0, "stream": True}
        return await self._first(
            "/v1/completions", {**body, "cache_salt": salt, "return_token_ids": True}
        )

    async def chat(self, tokens: int) -> float:
        """Seconds of a loop over the chat API."""
        messages = [
            {"role": "system", "content": TOOLS_SEARCH},
            {"role": "user", "content": self.question(tokens)},
        ]
        body: dict[str, Any] = {
            "model": self.engine.model, "messages": messages, "max_tokens": 12, "temperature": 0,
            "stream": True, "skip_special_tokens": False,
        }  # fmt: skip
        said = "".join([text async for text in self._texts("/v1/chat/completions", body)])
        found = await self.engine.decode(self.injected)
        again = [*messages, {"role": "assistant", "content": said},
                 {"role": "user", "content": found}]  # fmt: skip
        return await self._first("/v1/chat/completions", {**body, "messages": again})

    async def _first(self, path: str, body: dict[str, Any]) -> float:
        began = time.perf_counter()
        async for _ in self._texts(path, body):
            return time.perf_counter() - began
        raise RuntimeError(f"{path} said nothing")

    async def _texts(self, path: str, body: dict[str, Any]) -> AsyncIterator[str]:
        async with self.http.stream("POST", path, json=body) as reply:
            reply.raise_for_status()
            async for line in reply.aiter_lines():
                if line.startswith("data: {"):
                    for choice in json.loads(line[6:])["choices"]:
                        text = choice.get("text") or choice.get("delta", {}).get("content")
                        if text or choice.get("token_ids"):
                            yield text or ""

    async def measure(self, way: str, tokens: int) -> float:
        """Seconds of one resume."""
        match way:
            case "orson":
                return await self.orson(tokens)
            case "limit":
                return await self.straight(tokens)
            case "chat":
                return await self.chat(tokens)
            case _:
                return await self.straight(tokens, salt=secrets.token_hex(8))


async def run(url: str, rounds: int, contexts: Sequence[int], console: Console) -> dict[str, Any]:
    """All measurements, the four ways in turn; milliseconds."""
    bench = Bench(url)
    await bench.open()
    taken: dict[tuple[int, str], list[float]] = defaultdict(list)
    for number in range(rounds + 1):  # the first warms up
        for tokens in contexts:
            console.log(f"round {number} of {rounds}, {tokens} tokens")
            for way in WAYS:
                seconds = await bench.measure(way, tokens)
                if number:
                    taken[tokens, way].append(seconds * 1000)
    found: dict[str, Any] = {}
    for tokens in contexts:
        numbers = {way: round(statistics.median(taken[tokens, way]), 2) for way in WAYS}
        spread = {way: [round(min(taken[tokens, way]), 2), round(max(taken[tokens, way]), 2)]
                  for way in WAYS}  # fmt: skip
        found[str(tokens)] = {
            "ms": numbers,
            "range_ms": spread,
            "to_limit": round(numbers["orson"] / numbers["limit"], 3),
            "to_chat": round(numbers["orson"] / numbers["chat"], 3),
            "to_cold": round(numbers["orson"] / numbers["cold"], 3),
            "goal_met": numbers["orson"] <= 1.1 * numbers["limit"] + 2,
        }
    await bench.engine.aclose()
    await bench.http.aclose()
    await bench.chain.aclose()
    return {"rounds": rounds, "unclosed": bench.unclosed, "contexts": found}


def table(found: dict[str, Any]) -> Table:
    """For a person."""
    shown = Table(title="From the end marker to the first token after the results, ms (median)")
    for title in ("context", *WAYS, "to limit", "to chat", "to cold", "goal"):
        shown.add_column(title, justify="right")
    for tokens, one in found["contexts"].items():
        shown.add_row(
            tokens,
            *(f"{one['ms'][way]:g}" for way in WAYS),
            *(f"{one[ratio]:.2f}x" for ratio in ("to_limit", "to_chat", "to_cold")),
            "met" if one["goal_met"] else "missed",
        )
    return shown


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--contexts", type=int, nargs="*", default=list(CONTEXTS))
    parser.add_argument("--out", type=Path, default=LATEST)
    options = parser.parse_args()
    url = os.environ["ORSON_TEST_VLLM_URL"]
    console = Console(width=120)
    found = asyncio.run(run(url, options.rounds, options.contexts, console))
    console.print(table(found))
    known = json.loads(options.out.read_text()) if options.out.exists() else {}
    known["resume"] = {"machine": machine(), **found}
    options.out.write_text(json.dumps(known, indent=2) + "\n")


if __name__ == "__main__":
    main()
