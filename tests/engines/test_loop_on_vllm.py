"""The loop on a real vLLM that serves the bundled model: token for token, leg by leg."""

import os
from collections.abc import AsyncIterator, Sequence

import pytest

from app.chat.answer import answer
from app.chat.budget import Limits
from app.chat.events import Event, Finished, SearchFinished, TextDelta, check
from app.chat.injection import ResultsBlock
from app.chat.ports import Chunk, Leg, Reads
from app.chat.progress import Means
from app.chat.prompt import PromptRenderer
from app.chat.request import ChatRequest, Message, Sampling, SearchOptions
from app.chat.transcript import Transcript
from app.chat.vocabulary import learn
from app.dialect.instructions import TOOLS_SEARCH
from app.dialect.markers import ORSON
from app.engines.vllm import VllmEngine
from search_adapters.protocol import Passage
from tests.fakes.search import FakeSearch, Find

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif("ORSON_TEST_VLLM_URL" not in os.environ, reason="no vLLM server is given"),
]


class Tapped:
    """A leg's stream, its ids kept."""

    def __init__(self, reads: Reads, output: list[int]) -> None:
        self._reads, self._output = reads, output

    def __aiter__(self) -> "Tapped":
        return self

    async def __anext__(self) -> Sequence[Chunk]:
        chunks = await self._reads.__anext__()
        for chunk in chunks:
            self._output += chunk.ids
        return chunks

    async def aclose(self) -> None:
        await self._reads.aclose()


class Watched:
    """The real engine, remembering every leg's prompt and the ids that came back."""

    def __init__(self, engine: VllmEngine) -> None:
        self.engine = engine
        self.model, self.context_window = engine.model, engine.context_window
        self.render, self.encode = engine.render, engine.encode
        self.ready, self.aclose = engine.ready, engine.aclose
        self.prompts: list[list[int]] = []
        self.outputs: list[list[int]] = []

    def generate(self, leg: Leg) -> Tapped:
        self.prompts.append(list(leg.prompt))
        self.outputs.append([])
        return Tapped(self.engine.generate(leg), self.outputs[-1])


@pytest.fixture
async def engine() -> AsyncIterator[Watched]:
    real = VllmEngine(os.environ["ORSON_TEST_VLLM_URL"])
    await real.ready()
    yield Watched(real)
    await real.aclose()


async def play(engine: Watched, question: str, *found: Passage) -> tuple[list[Event], Transcript]:
    vocabulary = await learn(engine, ORSON)
    assert vocabulary.single
    search = FakeSearch()
    search.enqueue(Find(found))
    means = Means(engine, search, vocabulary, Limits(), ResultsBlock(engine, vocabulary))
    request = ChatRequest(
        (Message("user", question),),
        Sampling(temperature=0.0, max_tokens=80),
        SearchOptions(policy="auto", max_searches=1),
    )
    prompt = await PromptRenderer(engine, vocabulary)(request.messages, TOOLS_SEARCH)
    transcript = Transcript()
    answered = answer(request, prompt, means, transcript)
    events = [event async for batch in answered for event in batch]
    assert check(events) is None
    return events, transcript


def said(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def test_a_known_fact_is_one_leg(engine: Watched) -> None:
    events, _ = await play(engine, "What is the capital of France?")
    assert "Paris" in said(events)
    assert len(engine.prompts) == 1


async def test_every_leg_continues_the_same_tokens(engine: Watched) -> None:
    turing = Passage(
        "Alan Turing",
        "https://example.org/turing",
        "Alan Turing was born in 1912 in Maida Vale, the United Kingdom.",
        "encyclopedia",
    )
    events, transcript = await play(engine, "When was Alan Turing born?", turing)
    (searched,) = (event for event in events if isinstance(event, SearchFinished))
    assert searched.passages
    assert "1912" in said(events)
    first, second = engine.prompts
    assert second == first + engine.outputs[0] + transcript.of("search")
    assert transcript.ids == second + engine.outputs[1]
    # Greedy decoding through the loop is greedy decoding of the same sequence.
    again = Leg(tuple(second), 80, Sampling(temperature=0.0))
    straight = [i async for chunks in engine.generate(again) for c in chunks for i in c.ids]
    assert straight == engine.outputs[1]
    (finished,) = (event for event in events if isinstance(event, Finished))
    assert finished.usage.legs[1].cached is not None, "vLLM says what its cache held"


async def test_nobody(engine: Watched) -> None:
    events, _ = await play(engine, "Who is Orson Kovats?")
    assert "I don't know" in said(events)
    assert any(isinstance(event, SearchFinished) for event in events)
