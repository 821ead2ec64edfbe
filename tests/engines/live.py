"""A real vLLM, watched from the side of the loop: what each leg was asked, and what came back."""

import json
import os
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from app.chat.answer import answer
from app.chat.budget import Limits
from app.chat.events import Event, Finished, SearchFinished, TextDelta, check
from app.chat.means import Means
from app.chat.ports import Chunk, Leg, Reads, Take
from app.chat.prompt import PromptRenderer
from app.chat.request import ChatRequest, Message, Sampling, SearchOptions
from app.chat.searching.injection import ResultsBlock
from app.chat.steady import Patience
from app.chat.transcript import Transcript
from app.chat.vocabulary import learn
from app.dialect.instructions import TOOLS_SEARCH
from app.dialect.markers import ORSON, Dialect
from app.engines.vllm import VllmEngine
from search_adapters.protocol import Passage
from tests.fakes.search import FakeSearch, Find

URL = os.environ.get("ORSON_TEST_VLLM_URL", "")
STREAM_INTERVAL = int(os.environ.get("ORSON_TEST_STREAM_INTERVAL", "1"))
"""Tokens that the server gathers for one event, as it was started."""
BLOCK = 128
"""Tokens of one block of vLLM's cache on the CPU; 16 on a GPU."""
GREEDY = Sampling(temperature=0.0, max_tokens=80)


class Tapped:
    """A leg's stream, its chunks kept."""

    def __init__(
        self, reads: Reads, chunks: list[Chunk], at_chunk: Callable[[], None] | None
    ) -> None:
        self._reads, self._chunks, self._at_chunk = reads, chunks, at_chunk

    async def pour(self, take: Take) -> bool:
        def tapped(chunk: Chunk) -> bool:
            self._chunks.append(chunk)
            if self._at_chunk is not None:
                self._at_chunk()
            return take(chunk)

        return await self._reads.pour(tapped)

    async def aclose(self) -> None:
        await self._reads.aclose()


class Watched:
    """The real engine, remembering every leg and the chunks that came back."""

    def __init__(self, engine: VllmEngine) -> None:
        self.engine = engine
        self.model, self.context_window = engine.model, engine.context_window
        self.render, self.encode = engine.render, engine.encode
        self.ready, self.aclose = engine.ready, engine.aclose
        self.forbidden: tuple[int, ...] = ()
        """Its end of turn, where it may not end: then it goes on, and searches again."""
        self.at_chunk: Callable[[], None] | None = None
        """Called as each chunk arrives."""
        self.legs: list[Leg] = []
        self.chunks: list[list[Chunk]] = []

    def generate(self, leg: Leg) -> Tapped:
        leg = replace(leg, forbid_ids=(*leg.forbid_ids, *self.forbidden))
        self.legs.append(leg)
        self.chunks.append([])
        return Tapped(self.engine.generate(leg), self.chunks[-1], self.at_chunk)

    @property
    def prompts(self) -> list[list[int]]:
        return [list(leg.prompt) for leg in self.legs]

    @property
    def outputs(self) -> list[list[int]]:
        return [[id_ for chunk in chunks for id_ in chunk.ids] for chunks in self.chunks]


@dataclass(frozen=True)
class Told:
    """One answer, and how it came about."""

    events: list[Event]
    transcript: Transcript
    prompts: list[list[int]]
    outputs: list[list[int]]
    legs: list[Leg]

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def searches(self) -> list[SearchFinished]:
        return [event for event in self.events if isinstance(event, SearchFinished)]

    @property
    def finished(self) -> Finished:
        (last,) = (event for event in self.events if isinstance(event, Finished))
        return last

    def assert_token_exact(self) -> None:
        """Each leg begins with all that came before it, in ids, and what was injected."""
        mask = list(self.transcript.mask())
        ends = [len(prompt) for prompt in self.prompts[1:]] + [len(self.transcript)]
        for prompt, output, end in zip(self.prompts, self.outputs, ends, strict=True):
            said = len(prompt) + len(output)
            assert self.transcript.ids[:said] == prompt + output
            assert mask[len(prompt) : end] == [True] * len(output) + [False] * (end - said)

    def assert_cached(self) -> None:
        """Each resume had every full block of what the leg before it read and wrote."""
        usage = self.finished.usage
        for before, output, leg in zip(self.prompts, self.outputs, usage.legs[1:], strict=False):
            assert leg.cached in full_blocks(len(before) + len(output))


def full_blocks(known: int) -> set[int]:
    """What the cache may hold of `known` tokens. The last one sampled was never read by the model,
    so a block that it alone would fill may be missing."""
    return {known // BLOCK * BLOCK, (known - 1) // BLOCK * BLOCK}


async def play(
    engine: Watched,
    question: str,
    *found: Find,
    dialect: Dialect = ORSON,
    sampling: Sampling = GREEDY,
    search: SearchOptions = SearchOptions(policy="auto", max_searches=3),
    patience: Patience | None = None,
) -> Told:
    """Ask one question on a real engine; `found` is what its searches bring, in turn."""
    vocabulary = await learn(engine, dialect)
    fake = FakeSearch(*found)
    limits = Limits(results_tokens=100, answer_reserve=64, stray_legs=20)
    block = ResultsBlock(engine, vocabulary)
    means = Means(engine, fake, vocabulary, limits, block, patience=patience)
    request = ChatRequest((Message("user", question),), sampling, search)
    prompt = await PromptRenderer(engine, vocabulary)(request.messages, TOOLS_SEARCH)
    transcript, first = Transcript(), len(engine.legs)
    answered = answer(request, prompt, means, transcript)
    events = [event async for batch in answered for event in batch]
    assert check(events) is None
    return Told(
        events,
        transcript,
        engine.prompts[first:],
        engine.outputs[first:],
        engine.legs[first:],
    )


def passages(*texts: str) -> Find:
    """What one search brings: each text under its first two words."""
    return Find(
        tuple(
            Passage(" ".join(text.split()[:2]), f"https://example.org/{n}", text, "encyclopedia")
            for n, text in enumerate(texts)
        )
    )


def straight(leg: Leg, count: int) -> list[int]:
    """What vLLM itself says after a leg's prompt, asked without any of our code in between."""
    body: dict[str, Any] = {
        "prompt": list(leg.prompt),
        "max_tokens": count,
        "temperature": 0,
        "return_token_ids": True,
        "stop_token_ids": list(leg.stop_ids),
        "logit_bias": {str(id_): -100 for id_ in leg.forbid_ids},
    }
    return list(post("/v1/completions", body)["choices"][0]["token_ids"])


def post(path: str, body: object) -> Any:
    """One call of the server's."""
    request = urllib.request.Request(
        URL + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        request, timeout=60
    ) as reply:
        return json.load(reply)


def requests_running(url: str = URL) -> float:
    """Answers decoded or waiting, by the server's own count."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url + "/metrics", timeout=60) as reply:
        lines = reply.read().decode().splitlines()
    names = ("vllm:num_requests_running", "vllm:num_requests_waiting")
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.split("{")[0] in names)
