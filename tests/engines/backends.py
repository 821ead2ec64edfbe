"""The engines the contract runs against, each with a server behind it that can be looked into.

scripted   the vLLM engine over the scripted server
llamacpp   the llama.cpp engine over the real llama.cpp, in process, on a model that follows
           a table (`tiny_gguf`), so that what it says is known
bundled    the same over the model that comes with Orson
vllm       the vLLM engine over the server at ORSON_TEST_VLLM_URL
"""

import os
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest

from app.chat.ports import Chunk, Leg
from app.chat.request import Message, Sampling
from app.engines.http_stream import HttpClient, Timeouts
from app.engines.llamacpp import LlamaCppEngine
from app.engines.vllm import VllmEngine
from model_server.embedded import EmbeddedServer
from model_server.scripted import Answer, Script, ScriptedServer
from tests.engines import tiny_gguf
from tests.engines.tiny_gguf import ASSISTANT, END, Vocabulary, chain_of

START_MARKER, END_MARKER = "[SEARCH_START]", "[SEARCH_END]"
TIMEOUTS = Timeouts(connect=5, first_byte=30, idle=30, request=30)
GREEDY = Sampling(temperature=0.0)


class Backend(ABC):
    """An engine and the server behind it."""

    name: str
    engine: VllmEngine | LlamaCppEngine
    emoji: str | None = None
    """Asked this, the model's first leg holds a character that is split over tokens."""
    running_metric: str
    generated_metric: str

    @abstractmethod
    async def open(self) -> None:
        """Start the server and connect the engine."""

    @abstractmethod
    async def kill(self) -> None:
        """End the server as if it died."""

    async def close(self) -> None:
        """Give everything back."""
        await self.engine.aclose()
        await self.kill()

    async def talk(self) -> list[int]:
        """A prompt after which the model goes on for long."""
        return await self.ask("Tell me about the river.")

    async def ask(self, question: str) -> list[int]:
        """The prompt of one question."""
        return await self.engine.render([Message("user", question)])

    async def search(self) -> list[int]:
        """A prompt after which the model writes the query of a span, and its end marker."""
        return await self.ask("Who is Orson Kovats?")

    async def some_text(self, ids: Sequence[int]) -> str:
        """A piece of what was said, to be forbidden."""
        reply = await self.probe.request(
            "POST", "/detokenize", msgspec.json.encode({"tokens": ids[2:4]})
        )
        return str(next(iter(msgspec.json.decode(reply.body).values())))

    async def endless(self) -> tuple[int, ...]:
        """Ids to forbid, so that an answer goes on until the window is full."""
        return ()

    async def running(self) -> int:
        """Answers under way, by the server's own count."""
        return await self._metric(self.running_metric)

    async def generated(self) -> int:
        """Tokens that it made, ever, by its own count."""
        return await self._metric(self.generated_metric)

    async def _metric(self, name: str) -> int:
        reply = await self.probe.request("GET", "/metrics")
        found = re.findall(rf"^{name}(?:\{{.*\}})? ([\d.]+)$", reply.body.decode(), re.MULTILINE)
        return int(sum(map(float, found)))

    def engine_at(self, address: str) -> VllmEngine | LlamaCppEngine:
        """A second engine like ours, that finds the server at another address."""
        return VllmEngine(address, timeouts=TIMEOUTS)

    @property
    def probe(self) -> HttpClient:
        """A second client, for looking in from outside."""
        return self.engine._http


class Scripted(Backend):
    """The vLLM engine over the scripted server."""

    name = "scripted"
    running_metric = "vllm:num_requests_running"
    emoji = "Which animal is that?"

    async def open(self) -> None:
        script = Script(
            [
                Answer(
                    when="Orson", legs=(f"Let me see. {START_MARKER} Orson{END_MARKER}", " So.")
                ),
                Answer(when="animal", legs=("A 🦊, that is.",)),
            ]
        )
        self.server = ScriptedServer(script, context_window=2048)
        self.engine = VllmEngine(await self.server.start(), timeouts=TIMEOUTS)

    async def kill(self) -> None:
        await self.server.stop()

    async def generated(self) -> int:
        return self.server.tokens


class LlamaCpp(Backend):
    """The llama.cpp engine over the real llama.cpp. Tests share a server until one kills it."""

    name = "llamacpp"
    running_metric = "llamacpp:requests_processing"
    generated_metric = "llamacpp:tokens_predicted_total"
    model: Path | None = None
    _shared: ClassVar[dict[str, EmbeddedServer]] = {}

    async def open(self) -> None:
        server = self._shared.setdefault(self.name, EmbeddedServer(self.model, parallel=2))
        url = await server.start()
        self.engine = LlamaCppEngine(url, api_key=server.api_key, timeouts=TIMEOUTS)

    def engine_at(self, address: str) -> LlamaCppEngine:
        key = self._shared[self.name].api_key
        return LlamaCppEngine(address, api_key=key, timeouts=TIMEOUTS)

    async def close(self) -> None:
        await self.engine.aclose()

    async def kill(self) -> None:
        await self._shared.pop(self.name).stop()

    @classmethod
    async def stop_all(cls) -> None:
        """End the shared servers."""
        while cls._shared:
            await cls._shared.popitem()[1].stop()


class TinyLlamaCpp(LlamaCpp):
    """On a model that follows a table, written at first use."""

    emoji = "!"

    def __init__(self, folder: Path) -> None:
        self.model = folder / "tiny.gguf"
        if not self.model.exists():
            write_tiny(self.model)

    async def talk(self) -> list[int]:
        return await self.engine.encode(" one")


class Bundled(LlamaCpp):
    """On the model that comes with Orson."""

    name = "bundled"

    async def search(self) -> list[int]:
        return [*await super().search(), *await self.engine.encode(START_MARKER)]


class RealVllm(Backend):
    """The vLLM engine over a server that somebody started."""

    name = "vllm"
    running_metric = "vllm:num_requests_running"
    generated_metric = "vllm:generation_tokens_total"

    async def endless(self) -> tuple[int, ...]:
        return tuple(await self.engine.encode("<|end|>"))

    async def search(self) -> list[int]:
        return [*await super().search(), *await self.engine.encode(START_MARKER)]

    async def open(self) -> None:
        self.engine = VllmEngine(os.environ["ORSON_TEST_VLLM_URL"], timeouts=TIMEOUTS)

    async def kill(self) -> None:
        """Not ours to end."""

    async def some_text(self, ids: Sequence[int]) -> str:
        # vLLM's bad_words know a text alone and after a space, but not one that must have one.
        for at in range(len(ids) - 1):
            text = await super().some_text(ids[at : at + 4])
            if not text.startswith(" ") and await self.engine.encode(text) == ids[at + 2 : at + 4]:
                return text
        pytest.skip("nothing that it said can be forbidden")


def write_tiny(path: Path) -> None:
    """A model that searches for a fox after every question, and counts when it has begun to."""
    fox = [bytes((byte,)) for byte in "🦊".encode()]
    words = (" the", " cat", " Orson", " on", " mat", " one", " two", " three", " four", " five")
    follows: dict[tiny_gguf.Piece, list[tiny_gguf.Piece]] = {}
    follows |= chain_of(ASSISTANT, " the", " cat", START_MARKER, " Orson", *fox, END_MARKER)
    follows |= chain_of(END_MARKER, " on", " mat", END)
    # What follows one of these is a matter of luck, so that seeds can be told apart.
    numbers: list[tiny_gguf.Piece] = [" one", " two", " three", " four", " five"]
    follows |= dict.fromkeys(numbers, numbers)
    tiny_gguf.write(path, Vocabulary(words), follows, otherwise=" one", context=1024)


def backend(name: str, folder: Path) -> Backend:
    """The backend of that name."""
    match name:
        case "scripted":
            return Scripted()
        case "llamacpp":
            return TinyLlamaCpp(folder)
        case "bundled":
            return Bundled()
        case _:
            return RealVllm()


@asynccontextmanager
async def opened(one: Backend) -> AsyncIterator[Backend]:
    """The backend, open, and closed again whatever happens."""
    await one.open()
    try:
        yield one
    finally:
        await one.close()


async def run(one: Backend, leg: Leg) -> list[Chunk]:
    """All chunks of one leg."""
    return [chunk async for chunks in one.engine.generate(leg) for chunk in chunks]


def ids_of(chunks: Sequence[Chunk]) -> list[int]:
    """All ids of a leg."""
    return [id for chunk in chunks for id in chunk.ids]


def text_of(chunks: Sequence[Chunk]) -> str:
    """The whole text of a leg."""
    return "".join(chunk.text for chunk in chunks)
