"""One answer, played through: a scripted engine, a fake search, and what came of them."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from app.chat.answer import answer
from app.chat.budget import Limits
from app.chat.events import (
    Cited,
    Event,
    Finished,
    QueryDelta,
    ReasoningDelta,
    SearchFinished,
    SearchStarted,
    TextDelta,
    Usage,
    check,
)
from app.chat.means import Means
from app.chat.prompt import PromptRenderer
from app.chat.reading import Outlet
from app.chat.request import ChatRequest, Message, Sampling, SearchOptions
from app.chat.searching.injection import ResultsBlock
from app.chat.transcript import Transcript
from app.chat.vocabulary import learn
from app.dialect.instructions import instructions
from app.dialect.markers import ORSON, Dialect
from tests.fakes.engine import Played, ScriptedEngine
from tests.fakes.search import FakeSearch

_OURS = re.compile(r"\n\[RESULTS_END\]\Z|\A\[\d+\] ")
"""What may be encoded while answering: a results block, or one passage of it."""

QUESTION = (Message("user", "Who won the 2031 Harwick Prize?"),)


def ask(*, stop: tuple[str, ...] = (), max_tokens: int | None = None, seed: int | None = None,
        messages: Sequence[Message] = QUESTION, **search: object) -> ChatRequest:  # fmt: skip
    """A request; keywords that are not sampling's are search options."""
    return ChatRequest(
        tuple(messages),
        Sampling(max_tokens=max_tokens, seed=seed, stop=stop),
        SearchOptions(**search),  # type: ignore[arg-type]
    )


@dataclass(slots=True)
class Outcome:
    """What an answer came to."""

    events: list[Event]
    transcript: Transcript
    history: list[Played]
    engine: ScriptedEngine = field(repr=False)

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.of(TextDelta))

    @property
    def reasoning(self) -> str:
        return "".join(event.text for event in self.of(ReasoningDelta))

    @property
    def query_text(self) -> str:
        return "".join(event.text for event in self.of(QueryDelta))

    @property
    def queries(self) -> list[tuple[str, ...]]:
        return [event.queries for event in self.of(SearchStarted)]

    @property
    def searches(self) -> list[SearchFinished]:
        return self.of(SearchFinished)

    @property
    def cited(self) -> list[Cited]:
        return self.of(Cited)

    @property
    def usage(self) -> Usage:
        return self.events[-1].usage  # type: ignore[union-attr]

    @property
    def reason(self) -> str:
        last = self.events[-1]
        assert isinstance(last, Finished), last
        return last.reason

    @property
    def injected_ids(self) -> list[list[int]]:
        """What was appended after each leg but the last."""
        return [
            list(after.leg.prompt[len(before.leg.prompt) + len(before.output) :])
            for before, after in zip(self.history, self.history[1:], strict=False)
        ]

    @property
    def injected(self) -> list[str]:
        return [self.engine.tokenizer.decode(ids) for ids in self.injected_ids]

    def of(self, kind: type) -> list:  # type: ignore[type-arg]
        return [event for event in self.events if type(event) is kind]


class Scene:
    """What an answer is made with."""

    def __init__(
        self,
        engine: ScriptedEngine,
        search: FakeSearch | None = None,
        limits: Limits | None = None,
        dialect: Dialect = ORSON,
    ) -> None:
        self.dialect = dialect
        self.engine = engine
        self.search = search or FakeSearch()
        self.limits = limits or Limits()
        self.transcript = Transcript()

    async def means(self) -> Means:
        vocabulary = await learn(self.engine, self.dialect, self.engine.tokenizer.added)
        block = ResultsBlock(self.engine, vocabulary)
        return Means(self.engine, self.search, vocabulary, self.limits, block)

    async def prompt(self, request: ChatRequest, means: Means) -> list[int]:
        renderer = PromptRenderer(self.engine, means.vocabulary)
        taught = instructions(self.dialect, "trained", may_search=True, today="2031-06-01")
        return await renderer(request.messages, taught, self.dialect.lesson)

    async def start(
        self,
        request: ChatRequest | None = None,
        means: Means | None = None,
        outlet: Outlet | None = None,
    ) -> AsyncGenerator[Sequence[Event], None]:
        """The answer as it comes; the caller closes it."""
        request = request or ask()
        means = means or await self.means()
        prompt = await self.prompt(request, means)
        self.engine.encoded.clear()
        return answer(request, prompt, means, self.transcript, outlet)

    async def play(self, request: ChatRequest | None = None, means: Means | None = None) -> Outcome:
        """The whole answer, its grammar and its tokens checked."""
        events: list[Event] = []
        async with aclosing(await self.start(request, means)) as batches:
            async for batch in batches:
                assert batch, "an empty batch"
                events += batch
        assert check(events) is None, f"{check(events)}: {events}"
        outcome = Outcome(events, self.transcript, self.engine.history, self.engine)
        assert_token_exact(outcome, self.dialect)
        never = self.dialect.markers[1 if self.dialect.headers else 0 :]
        for literal in filter(None, never):
            assert literal not in outcome.text
            assert literal not in outcome.reasoning
        return outcome


def assert_token_exact(outcome: Outcome, dialect: Dialect = ORSON) -> None:
    """prompt[i+1] == prompt[i] + output[i] + injected[i], and all of it in the transcript."""
    usage, transcript = outcome.usage, outcome.transcript
    for number, (before, after) in enumerate(
        zip(outcome.history, outcome.history[1:], strict=False)
    ):
        sequence = [*before.leg.prompt, *before.output]
        assert list(after.leg.prompt[: len(sequence)]) == sequence
        assert len(after.leg.prompt) == len(sequence) + usage.legs[number].injected
    last = outcome.history[-1]
    whole = [*last.leg.prompt, *last.output]
    assert transcript.ids[: len(whole)] == whole
    assert transcript.of("model") == [id_ for played in outcome.history for id_ in played.output]
    assert usage.generated == len(transcript.of("model"))
    assert usage.prompt == len(transcript.of("prompt"))
    assert [leg.prompt for leg in usage.legs] == [len(p.leg.prompt) for p in outcome.history]
    assert [leg.generated for leg in usage.legs] == [len(p.output) for p in outcome.history]
    assert len({played.leg.session for played in outcome.history}) == 1
    assert not outcome.engine.running
    for text in outcome.engine.encoded:
        ours = dialect.results_end in text if dialect is not ORSON else _OURS.search(text)
        assert ours, f"encoded other than results: {text!r}"
