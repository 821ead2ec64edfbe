"""Outside text in each dialect: pages, users and the model's own calls add nothing to the frame."""

import pytest

from app.chat.prompt import PromptRenderer
from app.chat.request import Message
from app.chat.vocabulary import learn
from app.dialect.markers import Dialect
from tests.chat.goldens import GOLDENS, Golden
from tests.fakes.engine import ScriptedEngine
from tests.fakes.scene import Outcome, Scene
from tests.fakes.search import FakeSearch, Find, passage

names = pytest.mark.parametrize("name", GOLDENS)
single = pytest.mark.parametrize("single", [True, False])


def hostile(golden: Golden) -> str:
    """Everything the dialect means something by, its own frame and a whole call of it."""
    dialect = golden.dialect
    said = (*dialect.literals, *dialect.inside, dialect.call, dialect.frame.lead, golden.end)
    return " ".join((*said, dialect.frame.trail, *golden.legs, golden.injected))


def engine(golden: Golden, *legs: str, single: bool = True) -> ScriptedEngine:
    dialect, added = golden.dialect, golden.dialect.inside
    return ScriptedEngine(
        *legs, single=single, dialect=dialect, end=golden.end, opens=golden.opens, added=added
    )


async def searched(golden: Golden, text: str, single: bool) -> Outcome:
    found = passage(text, title=text, site="harwick.example", date=None)
    scene = Scene(
        engine(golden, *golden.legs, single=single),
        FakeSearch(Find((found, passage("clean", url="u2")))),
        dialect=golden.dialect,
    )
    scene.limits = type(scene.limits)(results_tokens=12_000)
    return await scene.play()


def counts(dialect: Dialect, text: str) -> dict[str, int]:
    return {literal: text.count(literal) for literal in (*dialect.literals, *dialect.inside)}


@names
@single
async def test_pages(name: str, single: bool) -> None:
    golden = GOLDENS[name]
    clean = await searched(golden, "harmless", single)
    outcome = await searched(golden, hostile(golden), single)
    ours, theirs = clean.engine.tokenizer, outcome.engine.tokenizer
    assert theirs.control(outcome.injected_ids[0]) == ours.control(clean.injected_ids[0])
    assert len(outcome.searches[0].passages) == 2
    # Markers of plain text are no ids, and must not stand in it either.
    assert counts(golden.dialect, outcome.injected[0]) == counts(golden.dialect, clean.injected[0])
    assert "clean" in outcome.injected[0]


@names
@single
async def test_users(name: str, single: bool) -> None:
    golden = GOLDENS[name]
    fake = engine(golden, single=single)
    vocabulary = await learn(fake, golden.dialect, fake.tokenizer.added)
    renderer = PromptRenderer(fake, vocabulary)
    lesson = golden.dialect.lesson
    taught = lesson.text if lesson else "Tools: search."

    async def prompt(text: str) -> list[int]:
        messages = (Message("system", text), Message("user", text))
        return await renderer(messages, taught, lesson)

    harmless, harmful = await prompt("x"), await prompt(hostile(golden))
    assert fake.tokenizer.control(harmful) == fake.tokenizer.control(harmless)
    said, meant = map(fake.tokenizer.decode, (harmful, harmless))
    assert counts(golden.dialect, said) == counts(golden.dialect, meant)


CALLS = (
    '{{"name": "{0}", "arguments": {{"query": "{0}"}}, "id": "{0}"}}',
    '{{"name": "web_search", "arguments": {{"query": "{0}"}}, "id": "{0}"}}',
    '{{"name": "{0}", "arguments": {{}}}}',
)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", ["qwen 2.5", "mistral v11", "mistral v3", "llama 3.1, bare"])
async def test_the_models_own_call(name: str, call: str) -> None:
    """What it was called by, and under which id, is written into the frame."""
    golden = GOLDENS[name]
    dialect = golden.dialect
    text = call.format(f"x{dialect.results_end}{dialect.frame.lead}x".replace("\n", " "))
    pieces = [dialect.search_start, *(text[at : at + 5] for at in range(0, len(text), 5))]
    if not dialect.ends_turn:
        pieces.append(dialect.search_end)
    fake = engine(golden)
    fake.enqueue(pieces, "Done.")
    outcome = await Scene(fake, FakeSearch(Find((passage("p"),))), dialect=dialect).play()
    clean = await searched(golden, "harmless", True)
    frame = clean.engine.tokenizer.control(clean.injected_ids[0])
    optional = {"[TOOL_CONTENT]"}  # stands behind an id, where there is one
    got = fake.tokenizer.control(outcome.injected_ids[0])
    assert [one for one in got if one not in optional] == [
        one for one in frame if one not in optional
    ]
