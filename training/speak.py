"""Run a GGUF in llama.cpp and carry one answer through its searches, for measuring.

This is the smallest loop that does what the gateway does: stop at the end of a query, append the
results to the same ids, go on. It shares the renderer with training.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training import chat
from training.chat import Passage, frame
from training.render import Renderer, Sequence

Search = Callable[[str], list[Passage]]
END, SEARCH_START, SEARCH_END = 5, 6, 7


@dataclass(slots=True)
class Answer:
    """What was said, which queries were made, and the passages by number."""

    text: str = ""
    queries: list[str] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)


class Engine:
    """llama.cpp in this process, over its own loopback HTTP."""

    def __init__(self, gguf: Path, slots: int = 2, context: int = 2048, threads: int = 1) -> None:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(gguf)
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.n_ctx = context * slots
        params.n_parallel = slots
        params.special = True
        params.warmup = False
        params.verbosity = -1
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        self.server = xllamacpp.Server(params)
        self.address = str(self.server.listening_address)
        self.renderer: Renderer | None = None

    def complete(
        self, ids: list[int], limit: int = 64, temperature: float = 0.0, seed: int = 1
    ) -> list[int]:
        """New ids; ends with the end of the answer, the end of a query, or at the limit."""
        body = {
            "prompt": ids,
            "n_predict": limit,
            "temperature": temperature,
            "seed": seed,
            "stop": ["[SEARCH_END]"],
            "return_tokens": True,
            "cache_prompt": True,
            "top_k": 0,
            "top_p": 1.0,
            "min_p": 0.0,
        }
        request = urllib.request.Request(
            f"{self.address}/completion",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as reply:
            found: dict[str, Any] = json.load(reply)
        return [int(i) for i in found["tokens"]]


def answer(
    engine: Engine,
    renderer: Renderer,
    prompt: Sequence,
    search: Search,
    *,
    rounds: int = 2,
    temperature: float = 0.0,
    seed: int = 1,
    failure: str = "",
) -> Answer:
    """Let the model speak, search when it asks, and speak on."""
    out, ids = Answer(), list(prompt.ids)
    for leg in range(rounds + 1):
        made = engine.complete(ids, temperature=temperature, seed=seed + leg)
        ids += made
        if SEARCH_START not in made:
            out.text += renderer.tokenizer.decode([i for i in made if i != END]).strip()
            break
        at = made.index(SEARCH_START)
        out.text += renderer.tokenizer.decode(made[:at])
        query = renderer.tokenizer.decode([i for i in made[at + 1 :] if i > 9]).strip()
        if ids[-1] != SEARCH_END:
            ids.append(SEARCH_END)
        first = len(out.passages) + 1
        found = search(query) if not failure and query not in out.queries else []
        out.queries.append(query)
        out.passages += found
        block = (
            f"\n{failure}\n"
            if failure
            else frame(found, first, chat.LAST_CALL if leg == rounds - 1 else "")
        )
        if leg and query in out.queries[:-1]:
            block = "\nThis was already searched.\n"
        ids += [8, *renderer.encode(block), 9]
    return out
