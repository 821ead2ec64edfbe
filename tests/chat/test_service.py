"""The pipeline of one request: admission and its release, defaults, refusals."""

from collections.abc import Callable
from contextlib import aclosing

import pytest

from app.chat.budget import Limits
from app.chat.events import Failed, Finished
from app.chat.prompt import PromptRenderer
from app.chat.request import ChatRequest, Message, Sampling
from app.chat.service import ChatService, Defaults
from app.chat.transcript import Transcript
from app.dialect.calls import WEB_SEARCH
from app.dialect.tags import SEARCH_R1
from app.dialect.tool_calls import QWEN
from app.errors import EngineUnavailable, InvalidRequest, Overloaded
from app.metrics import Metrics
from tests.fakes.engine import Says, ScriptedEngine
from tests.fakes.scene import Scene, ask
from tests.fakes.search import FakeSearch, found

SEARCHES = ("[SEARCH_START] q[SEARCH_END]", "Ana [1].")


async def serve(
    *legs,
    most: int = 1,
    limits: Limits | None = None,
    window: int = 20_000,
    today: Callable[[], str] = lambda: "2031-06-01",
    **defaults,
) -> tuple[ChatService, Scene]:
    scene = Scene(ScriptedEngine(*legs, context_window=window), FakeSearch(found("A.")), limits)
    means = await scene.means()
    defaults = {"teaching": "trained", "adapters": ("mock", "local")} | defaults
    service = ChatService(
        means,
        PromptRenderer(scene.engine, means.vocabulary),
        Defaults(**defaults),
        Metrics(),
        max_concurrent=most,
        today=today,
    )
    return service, scene


async def take(service: ChatService, request: ChatRequest | None = None) -> list:
    async with aclosing(service.answer(request or ask())) as batches:
        return [event async for batch in batches for event in batch]


async def test_an_answer() -> None:
    service, scene = await serve(*SEARCHES)
    transcript = Transcript()
    async with aclosing(service.answer(ask(), transcript)) as batches:
        events = [event async for batch in batches for event in batch]
    assert isinstance(events[-1], Finished)
    assert service.model == "scripted"
    assert transcript.of("model")
    assert scene.engine.rendered[0][0] == Message("system", "Tools: search.")


async def test_more_answers_than_admitted() -> None:
    service, _ = await serve("One.", "Two.", "Three.", most=2)
    first, second = service.answer(ask()), service.answer(ask())
    await anext(first)
    await anext(second)
    assert service.running == 2
    with pytest.raises(Overloaded) as caught:
        await take(service)
    assert caught.value.status == 429
    assert service.running == 2
    await first.aclose()
    assert service.running == 1
    assert isinstance((await take(service))[-1], Finished)
    await second.aclose()
    assert service.running == 0


@pytest.mark.parametrize(
    ("leg", "raises"),
    [
        ("Done.", None),
        (Says("Half", fails=EngineUnavailable("gone")), None),
        (EngineUnavailable("down"), EngineUnavailable),
    ],
)
async def test_the_place_is_given_back(leg, raises) -> None:
    service, _ = await serve(leg, "Again.")
    if raises:
        with pytest.raises(raises):
            await take(service)
    else:
        assert isinstance((await take(service))[-1], Finished | Failed)
    assert service.running == 0
    assert isinstance((await take(service))[-1], Finished)


async def test_the_place_is_given_back_when_the_client_leaves() -> None:
    service, scene = await serve("A long answer.", "Again.")
    batches = service.answer(ask())
    await anext(batches)
    await batches.aclose()
    assert service.running == 0
    assert scene.engine.running == 0
    assert scene.engine.history[0].closed


@pytest.mark.parametrize(
    "request_",
    [ask(adapters=("bing",)), ask(policy="always", max_searches=0)],
)
async def test_requests_that_are_refused(request_: ChatRequest) -> None:
    service, scene = await serve("Unused.")
    with pytest.raises(InvalidRequest) as caught:
        await take(service, request_)
    assert caught.value.param in ("search.adapters", "search.max_searches")
    assert service.running == 0
    assert scene.engine.history == []


async def test_an_unknown_adapter_is_named_with_the_known_ones() -> None:
    service, _ = await serve()
    with pytest.raises(InvalidRequest, match=r"'bing' .* Configured: mock, local"):
        await take(service, ask(adapters=("mock", "bing")))


async def test_a_named_adapter_is_used() -> None:
    service, scene = await serve(*SEARCHES)
    await take(service, ask(adapters=("local",)))
    assert scene.search.adapters == [("local",)]


async def test_defaults_fill_what_the_request_leaves_out() -> None:
    service, scene = await serve(" q[SEARCH_END]", "Done.", policy="always", temperature=0.25)
    await take(service)
    assert scene.search.queries == ["q"]
    assert scene.engine.history[0].leg.sampling.temperature == 0.25


async def test_the_request_goes_before_the_defaults() -> None:
    service, scene = await serve("Done.", policy="always", temperature=0.25)
    request = ChatRequest(ask().messages, Sampling(temperature=0.0), ask(policy="never").search)
    await take(service, request)
    assert scene.engine.history[0].leg.sampling.temperature == 0.0
    assert scene.engine.rendered[0][0].content == "Tools: none."


@pytest.mark.parametrize(
    ("defaults", "options", "says"),
    [
        ({}, {}, "Tools: search."),
        ({}, {"max_searches": 0}, "Tools: none."),
        ({}, {"policy": "never"}, "Tools: none."),
        ({"policy": "never"}, {}, "Tools: none."),
        ({"policy": "never"}, {"policy": "auto"}, "Tools: search."),
        ({"adapters": ()}, {}, "Tools: none."),
    ],
)
async def test_what_the_model_is_told_of_searching(defaults, options, says) -> None:
    service, scene = await serve("Done.", **defaults)
    await take(service, ask(**options))
    assert scene.engine.rendered[0][0].content == says
    marker = scene.engine.tokenizer.id["[SEARCH_START]"]
    forbidden = marker in scene.engine.history[0].leg.forbid_ids
    assert forbidden == (says == "Tools: none.")


async def test_the_day_is_told_to_a_prompted_model() -> None:
    service, scene = await serve("Done.", teaching="prompted")
    await take(service)
    assert scene.engine.rendered[0][0].content.endswith("\nToday is 2031-06-01.")


def shared(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """Ids that both sequences begin with: what an engine's prefix cache has of the second."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


async def test_requests_of_a_day_share_their_prefix_and_the_next_day_loses_a_line() -> None:
    days = iter(("2031-06-01", "2031-06-01", "2031-06-02"))
    service, scene = await serve(*["Done."] * 3, teaching="prompted", today=lambda: next(days))
    for question in ("Who is Ana?", "Where is Varn?", "Who is Ana?"):
        await take(service, ask(messages=[Message("user", question)]))
    first, same_day, next_day = (played.leg.prompt for played in scene.engine.history)
    opening = await scene.engine.render([scene.engine.rendered[0][0]])
    system = len(opening) - len(scene.engine.tokenizer.encode("<|assistant|>"))
    assert shared(first, same_day) >= system
    told = scene.engine.rendered[0][0].content
    before_the_day = await scene.engine.encode(told.rpartition("2031-06-01")[0])
    assert len(before_the_day) <= shared(first, next_day) < system


async def test_tools_are_told_through_the_template() -> None:
    fake = ScriptedEngine("Ana.", "Ana.", single=False, dialect=QWEN)
    means = await Scene(fake, FakeSearch(found("A.")), dialect=QWEN).means()
    renderer, defaults = (
        PromptRenderer(fake, means.vocabulary),
        Defaults("prompted", adapters=("m",)),
    )
    service = ChatService(means, renderer, defaults, Metrics(), max_concurrent=1)
    await take(service)
    assert all(given["tools"] == [WEB_SEARCH] for given in fake.templates)
    assert fake.rendered[0][0].content.startswith("You can look things up with web_search.")
    fake.templates.clear()
    await take(service, ask(policy="never"))
    assert fake.templates == []
    assert "web_search" not in str(fake.rendered[-1])


async def test_a_lesson_that_stands_before_the_question() -> None:
    fake = ScriptedEngine("Ana.", single=False, dialect=SEARCH_R1)
    means = await Scene(fake, FakeSearch(found("A.")), dialect=SEARCH_R1).means()
    renderer, defaults = (
        PromptRenderer(fake, means.vocabulary),
        Defaults("prompted", adapters=("m",)),
    )
    service = ChatService(means, renderer, defaults, Metrics(), max_concurrent=1)
    earlier = [Message("user", "Hi"), Message("assistant", "Hello"), Message("user", "Who won?")]
    await take(service, ask(messages=[Message("system", "Be brief."), *earlier]))
    system, first, _, last = fake.rendered[0]
    assert (system.content, first.content) == ("Be brief.", "Hi")
    assert last.content.endswith("Question: Who won?")
    assert "<search>" in last.content
