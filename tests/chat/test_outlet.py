"""The outlet: text that leaves before its batch, in order, once, and nothing but text."""

import itertools
from collections.abc import Sequence
from contextlib import aclosing

import pytest

from app.chat.events import Event, TextDelta, check
from tests.fakes.engine import Chunking, Says, ScriptedEngine
from tests.fakes.scene import Scene, ask
from tests.fakes.search import FakeSearch, found

LEGS = (
    "Let me look it up. [SEARCH_START] the old town[SEARCH_END]",
    "It was built near the river [1], and `x[2]` is code. [9] So it stands",
)


class Collected:
    """An outlet that takes when `takes` says so, into the same list that batches go to."""

    def __init__(self, takes: Sequence[bool]) -> None:
        self.events: list[Event] = []
        self.taken = 0
        self._takes = itertools.cycle(takes)

    def __call__(self, events: Sequence[Event]) -> bool:
        assert events
        assert all(type(event) is TextDelta for event in events)
        if not next(self._takes):
            return False
        self.taken += 1
        self.events += events
        return True


async def answered(scene: Scene, outlet: Collected, stop: tuple[str, ...] = ()) -> list[Event]:
    async with aclosing(await scene.start(ask(stop=stop), outlet=outlet)) as batches:
        async for batch in batches:
            outlet.events += batch
    return outlet.events


def joined(events: Sequence[Event]) -> list[Event]:
    """Neighbouring texts as one; what took time, made comparable."""
    out: list[Event] = []
    for event in events:
        if out and isinstance(event, TextDelta) and isinstance(out[-1], TextDelta):
            out[-1] = TextDelta(out[-1].text + event.text)
        else:
            out.append(event)
    return [event for event in out if not hasattr(event, "elapsed") and not hasattr(event, "usage")]


def scene(chunking: Chunking) -> Scene:
    return Scene(ScriptedEngine(*LEGS, chunking=chunking), FakeSearch(found("The town is old.")))


@pytest.mark.parametrize("takes", [(True,), (False,), (True, False), (False, False, True)])
@pytest.mark.parametrize("ids", [1, 2, 7])
@pytest.mark.parametrize("reads", [1, 3])
async def test_the_same_answer_with_and_without(
    takes: tuple[bool, ...], ids: int, reads: int
) -> None:
    chunking = Chunking(ids=(ids,), reads=(reads,))
    outlet = Collected(takes)
    events = await answered(scene(chunking), outlet)
    plain = await scene(chunking).play()
    assert check(events) is None
    assert joined(events) == joined(plain.events)
    assert outlet.taken or not all(takes)
    assert any(takes) or not outlet.taken


async def test_only_the_first_text_and_what_is_no_text_comes_in_batches() -> None:
    one = Scene(ScriptedEngine("It is a plain answer of many words and no search."))
    outlet, batches = Collected((True,)), 0
    async with aclosing(await one.start(ask(), outlet=outlet)) as stream:
        async for batch in stream:
            outlet.events += batch
            batches += 1
    assert batches == 2  # the beginning, and the end
    assert outlet.taken > 10


async def test_a_stop_string_ends_the_answer_from_within_the_outlet() -> None:
    one = Scene(ScriptedEngine(Says("One two STOP three four five six.")))
    events = await answered(one, Collected((True,)), stop=("STOP",))
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "One two "
    assert check(events) is None
    assert one.engine.running == 0
