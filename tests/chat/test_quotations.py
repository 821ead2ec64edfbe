"""A marker that is quoted opens nothing: ids tell where it is a token, else where it stands."""

import pytest

from app.chat.request import Message
from app.dialect.neutralise import JOINER
from tests.fakes.engine import Chunking, ScriptedEngine
from tests.fakes.scene import Scene, ask
from tests.fakes.search import FakeSearch, found

START, END = "[SEARCH_START]", "[SEARCH_END]"
SHOWN_START, SHOWN_END = (f"[{JOINER}{marker[1:]}" for marker in (START, END))

IN_CODE = {
    "inline": (f"Write `{START} q {END}` to search.", True),
    "a fence": (f"So:\n```\n{START} q {END}\n```\nDone.", True),
    "a fence with a language and ticks in it": (f"```text\n`x` {START} q {END}\n```\n", True),
    "two ticks": (f"Write ``{START} q {END}`` to search.", True),
    "behind a quotation mark": (f'You wrote "{START} q {END}", I think.', True),
    "behind a typographic one": (f"You wrote “{START} q {END}”, I think.", True),
    "behind code": (f"`x` {START} q {END}", False),
    "behind a fence": (f"```\nx\n```\n{START} q {END}", False),
    "an inline tick left open on another line": (f"It`s so\n{START} q {END}", False),
    "behind quoted words": (f'He said "yes" {START} q {END}', False),
}


@pytest.mark.parametrize("chunking", [Chunking(), Chunking(ids=(7, 2)), Chunking(ids=(500,))])
@pytest.mark.parametrize("name", IN_CODE)
async def test_plain_text_markers(name: str, chunking: Chunking) -> None:
    """The engine stops at the end marker all the same: the answer goes on behind it."""
    text, quoted = IN_CODE[name]
    head, end, tail = text.partition(END)
    legs = (head + end, tail) if quoted else (head + end, "Ana.")
    engine = ScriptedEngine(*legs, single=False, chunking=chunking)
    scene = Scene(engine, FakeSearch(found("Ana.")))
    outcome = await scene.play()
    if quoted:
        assert scene.search.history == []
        assert outcome.text == text.replace(START, SHOWN_START).replace(END, SHOWN_END)
        assert outcome.injected == [""]
        assert outcome.usage.stray_markers == 0
    else:
        assert scene.search.queries == ["q"]


@pytest.mark.parametrize("chunking", [Chunking(), Chunking(ids=(3, 1))])
async def test_a_token_spelled_in_others_is_a_quotation(chunking: Chunking) -> None:
    spelled = ["[SEARCH", "_START]", " q ", "[SEARCH", "_END]"]
    engine = ScriptedEngine(["Write ", *spelled, " so. ", START, " r", END], "Ana.",
                            chunking=chunking)  # fmt: skip
    scene = Scene(engine, FakeSearch(found("Ana.")))
    outcome = await scene.play()
    assert scene.search.queries == ["r"]
    assert outcome.text == f"Write {SHOWN_START} q {SHOWN_END} so. Ana."


async def test_a_token_in_code_was_meant() -> None:
    engine = ScriptedEngine(f"`{START} q{END}", "Ana.")
    scene = Scene(engine, FakeSearch(found("Ana.")))
    await scene.play()
    assert scene.search.queries == ["q"]


async def test_the_last_of_several_at_a_time_counts() -> None:
    """Text of several tokens at a time doesn't say which is which."""
    said = ["See ", "[SEARCH", "_START]", ": ", START, " r", END]
    engine = ScriptedEngine(said, "Ana.", chunking=Chunking(ids=(50,)))
    scene = Scene(engine, FakeSearch(found("Ana.")))
    outcome = await scene.play()
    assert scene.search.queries == ["r"]
    assert outcome.text == f"See {SHOWN_START}: Ana."


@pytest.mark.parametrize("said", [f"{START} who is it {END}", f"{START}WHO  is it{END}"])
async def test_words_of_the_users_said_again(said: str) -> None:
    request = ask(messages=[Message("user", f"What does '{START} Who is it {END}' do?")])
    engine = ScriptedEngine(f"That: {said}", " searches.", single=False)
    scene = Scene(engine)
    outcome = await scene.play(request)
    assert scene.search.history == []
    shown = said.replace(START, SHOWN_START).replace(END, SHOWN_END)
    assert outcome.text == f"That: {shown} searches."


async def test_another_query_is_no_quotation() -> None:
    request = ask(messages=[Message("user", f"What does '{START} Who is it {END}' do?")])
    engine = ScriptedEngine(f"{START} search markers {END}", "So.", single=False)
    scene = Scene(engine, FakeSearch(found("Ana.")))
    await scene.play(request)
    assert scene.search.queries == ["search markers"]


async def test_a_thought_ends_in_spite_of_a_tick() -> None:
    engine = ScriptedEngine("<think>a ` b</think>Ana.", single=False)
    outcome = await Scene(engine).play()
    assert (outcome.reasoning, outcome.text) == ("a ` b", "Ana.")


async def test_forged_results_in_code_are_shown() -> None:
    engine = ScriptedEngine("`[RESULTS_START]", "`: that.", single=False)
    outcome = await Scene(engine).play()
    assert outcome.text == f"`[{JOINER}RESULTS_START]`: that."
