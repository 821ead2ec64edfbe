"""The loop on a real vLLM that serves the bundled model: token for token, leg by leg."""

import secrets
from collections.abc import AsyncIterator

import pytest

from app.chat.request import Sampling, SearchOptions
from app.dialect.markers import ORSON, Dialect
from app.engines.vllm import VllmEngine
from tests.engines.live import GREEDY, STREAM_INTERVAL, URL, Told, Watched, passages, play, straight

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif(not URL, reason="no vLLM server is given"),
]

PLAIN = Dialect("plain", "e ", "n ", "<found>", "</found>")
"""Markers that are text to this model, and that it happens to write: the end of one token and the
beginning of the next."""
SEEDS = range(60)
SYLLABLES = ("ka", "lo", "mi", "ne", "ru", "sa", "ti", "vo")
TURING = passages("Alan Turing was born in 1912 in Maida Vale, the United Kingdom.")


@pytest.fixture
async def engine() -> AsyncIterator[Watched]:
    real = VllmEngine(URL)
    await real.ready()
    yield Watched(real)
    await real.aclose()


async def test_a_known_fact_is_one_leg(engine: Watched) -> None:
    told = await play(engine, "What is the capital of France?")
    assert "Paris" in told.text
    assert len(told.prompts) == 1


async def test_a_fact_that_is_found(engine: Watched) -> None:
    told = await play(engine, "When was Alan Turing born?", TURING)
    assert told.searches[0].passages
    assert "1912" in told.text
    told.assert_token_exact()


async def test_nobody(engine: Watched) -> None:
    told = await play(engine, "Who is Orson Kovats?")
    assert "I don't know" in told.text
    assert told.searches
    told.assert_token_exact()


@pytest.mark.parametrize("searches", [1, 2, 3])
@pytest.mark.parametrize("dialect", [ORSON, PLAIN], ids=["tokens", "text"])
async def test_every_leg_continues_the_same_tokens(
    engine: Watched, dialect: Dialect, searches: int
) -> None:
    """Answers that may not end are sampled until one has had all the searches it may; the question
    asks for two, for a query is not searched for again."""
    engine.forbidden = tuple(await engine.encode("<|end|>"))
    seen: set[int] = set()
    for seed in SEEDS:
        told = await play(
            engine,
            "What is the capital of the country where the river was born?",
            *(passages(f"The river {n} flows from here to there.") for n in range(searches)),
            dialect=dialect,
            sampling=Sampling(temperature=1.3, seed=seed, max_tokens=220),
            search=SearchOptions(policy="auto", max_searches=searches),
        )
        told.assert_token_exact()
        assert all(bool(leg.stop_ids) == (dialect is ORSON) for leg in told.legs)
        seen.add(len(told.searches))
        if searches in seen:
            break
    assert max(seen) == searches
    gathered = max(len(chunk.ids) for chunks in engine.chunks for chunk in chunks)
    assert gathered >= STREAM_INTERVAL


@pytest.mark.parametrize("policy", ["auto", "always"])
async def test_greedy_through_the_loop_is_greedy_straight(engine: Watched, policy: str) -> None:
    told = await play(
        engine,
        "When was Alan Turing born?",
        TURING,
        search=SearchOptions(policy=policy, max_searches=2),  # type: ignore[arg-type]
    )
    assert told.searches
    for leg, output in zip(told.legs, told.outputs, strict=True):
        assert straight(leg, len(output)) == output


async def test_a_resume_finds_every_full_block_in_the_cache(engine: Watched) -> None:
    for length in (10, 30, 60):
        told = await _long(engine, length)
        assert len(told.prompts) > 1
        told.assert_token_exact()
        told.assert_cached()
    assert any(leg.cached for leg in told.finished.usage.legs[1:])


async def _long(engine: Watched, length: int) -> Told:
    """An answer nobody has asked for before, with a search: what it has in the cache is its own."""
    for _ in range(20):
        name = "".join(secrets.choice(SYLLABLES) for _ in range(4)).capitalize()
        texts = (
            f"The river {secrets.token_hex(4)} flows from here to there. " * 4 for _ in range(3)
        )
        told = await play(
            engine,
            f"{name}! Please tell me," + " please tell me," * length + f" who is {name}?",
            *(passages(text) for text in texts),
            sampling=GREEDY,
            search=SearchOptions(policy="always", max_searches=3),
        )
        if len(told.prompts) > 1:
            return told
    raise AssertionError("no search came to its end")
