"""prompt[i+1] == prompt[i] + output[i] + injected[i], in ids, on every leg of every answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialect.markers import ORSON
from tests.fakes.engine import Chunking, ScriptedEngine
from tests.fakes.scene import Scene, ask
from tests.fakes.search import FakeSearch, found

SEARCH = "I look it up. [SEARCH_START] Harwick Prize {}[SEARCH_END]"
LAST = "It was Ana Lindqvist [1]."
CHUNKINGS = [
    Chunking(),
    Chunking(ids=(100,)),
    Chunking(ids=(2, 1, 5), reads=(3, 1)),
    Chunking(ids=(4,), chars=(1,), reads=(7,)),
    Chunking(ids=(3,), stop_apart=True),
    Chunking(ids=(1000,), chars=(5,), reads=(2,), stop_apart=True),
]


@pytest.mark.parametrize("chunking", CHUNKINGS)
@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize("searches", [0, 1, 2, 3])
async def test_sequence_only_grows(searches: int, single: bool, chunking: Chunking) -> None:
    engine = ScriptedEngine(
        *(SEARCH.format(number) for number in range(searches)),
        LAST,
        single=single,
        chunking=chunking,
    )
    search = FakeSearch(*(found(f"Passage {number}.") for number in range(searches)))

    outcome = await Scene(engine, search).play()

    assert len(outcome.history) == searches + 1
    assert search.queries == [f"Harwick Prize {number}" for number in range(searches)]
    for played in outcome.history:
        assert played.output == played.sampled
    # Injected is the block and nothing else; the markers in it are those of the vocabulary.
    for number, ids in enumerate(outcome.injected_ids):
        text = f"[RESULTS_START]\n[{number + 1}] Harwick Prize (harwick.example, 2031-05-02): "
        text += f"Passage {number}.\n"
        text += "No searches left. Answer now.\n" if number == 2 else ""
        assert ids == engine.tokenizer.encode(f"{text}[RESULTS_END]")
    assert outcome.text == "I look it up. " * searches + (
        "It was Ana Lindqvist [1]." if searches else "It was Ana Lindqvist."
    )


@pytest.mark.parametrize("single", [True, False])
async def test_nothing_generated_is_encoded(single: bool) -> None:
    """The engine samples other ids than `encode` chooses, so a second encoding would show."""
    engine = ScriptedEngine(SEARCH.format("winner"), LAST, single=single, piece=4)
    outcome = await Scene(engine, FakeSearch(found("Ana Lindqvist."))).play()

    assert len(engine.encoded) == 1
    assert "look it up" not in engine.encoded[0]
    said = engine.tokenizer.decode(outcome.history[0].output)
    assert engine.tokenizer.encode(said) != outcome.history[0].output


async def test_a_token_that_runs_over_the_stop_string_stays_whole() -> None:
    """A stop string cuts the text, not the ids: the last token may say more than the marker."""
    engine = ScriptedEngine(
        ["[SEARCH", "_START]", " Pelle", " Grantov", "[SEARCH_E", "ND] and"], LAST, single=False
    )
    outcome = await Scene(engine, FakeSearch(found("Nobody."))).play()

    assert outcome.queries == [("Pelle Grantov",)]
    assert engine.tokenizer.decode(outcome.history[0].output).endswith("[SEARCH_END] and")
    assert outcome.text == LAST


async def test_the_origin_of_every_token_is_known() -> None:
    engine = ScriptedEngine(SEARCH.format("winner"), LAST)
    outcome = await Scene(engine, FakeSearch(found("Ana."))).play()

    origins = [segment.origin for segment in outcome.transcript.segments]
    assert origins == ["prompt", "model", "search", "model"]
    masked = [
        token
        for token, is_model in zip(outcome.transcript.ids, outcome.transcript.mask(), strict=True)
        if is_model
    ]
    assert masked == outcome.transcript.of("model")


async def test_an_always_span_is_part_of_the_sequence() -> None:
    engine = ScriptedEngine(" Harwick Prize[SEARCH_END]", LAST)
    outcome = await Scene(engine, FakeSearch(found("Ana."))).play(ask(policy="always"))

    start = engine.tokenizer.id[ORSON.search_start]
    assert outcome.history[0].leg.prompt[-1] == start
    assert outcome.usage.prompt == len(outcome.history[0].leg.prompt) - 1


PIECES = st.sampled_from(
    [*ORSON.markers, "[", "]", "[1]", " [2]", "\n", " ", "a", "Harwick", "SEARCH_START]",
     "[SEARCH_", "é", "…", "<|end|>", "<|user|>", "`"]
)  # fmt: skip
SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=3).map(tuple)


@given(
    legs=st.lists(st.lists(PIECES, max_size=12), min_size=1, max_size=4),
    single=st.booleans(),
    ids=SIZES,
    chars=SIZES,
    reads=SIZES,
    apart=st.booleans(),
    max_tokens=st.none() | st.integers(1, 40),
    max_searches=st.none() | st.integers(0, 3),
    policy=st.sampled_from(["auto", "always", "never"]),
)
async def test_any_script_in_any_pieces(
    legs, single, ids, chars, reads, apart, max_tokens, max_searches, policy
) -> None:
    chunking = Chunking(ids, chars, reads, apart)
    engine = ScriptedEngine(*legs, *["Done."] * 12, single=single, chunking=chunking)
    search = FakeSearch(found("One.", "Two."), found("Three."))

    outcome = await Scene(engine, search).play(
        ask(max_tokens=max_tokens, max_searches=max_searches, policy=policy)
    )

    if max_tokens is not None:
        assert outcome.usage.generated <= max_tokens
    assert len(outcome.queries) <= (3 if max_searches is None else max_searches)
    for event in outcome.cited:
        assert outcome.text[event.start] == "["
        assert outcome.text[event.end - 1] == "]"
