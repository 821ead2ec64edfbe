"""Searching for a query that is still being written, on a clock that jumps."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from test_chain_calls import FREE, PAID, Memory, Timed, hit, learn, play

from search_adapters import errors
from search_adapters.chain import Chain, Guess
from search_adapters.chain.early import MOST
from search_adapters.protocol import Query

WORDS = ("the height", " of the", " Varn", " lighthouse")


async def write(guess: Guess, words: Sequence[str], every: float) -> Query:
    """A query as a model writes it: a word, and again after so many seconds."""
    text = ""
    for word in words:
        text += word
        guess.take([Query(text)])
        await asyncio.sleep(every)
    return Query(text)


def test_what_was_begun_early_is_there_when_the_query_is_complete() -> None:
    a = Timed("a", 0.3)

    async def scene(chain: Chain) -> None:
        guess = chain.foresee()
        query = await write(guess, WORDS, every=0.5)
        outcome = await chain(query)
        guess.close()
        assert outcome.elapsed == 0.0
        assert outcome.hidden == pytest.approx(0.3)
        assert outcome.passages == (hit("a"),)
        assert a.queries[-1] == query.text
        assert len(a.queries) == len(WORDS)

    play(scene, a)


def test_what_is_under_way_is_waited_for_only_to_its_end() -> None:
    a = Timed("a", 0.3)

    async def scene(chain: Chain) -> None:
        guess = chain.foresee()
        query = await write(guess, WORDS, every=0.2)
        outcome = await chain(query)
        guess.close()
        assert outcome.elapsed == pytest.approx(0.1)
        assert outcome.hidden == pytest.approx(0.2)
        await asyncio.sleep(0.01)
        assert a.running == 0  # the guesses before were broken off

    play(scene, a)


def test_a_model_that_writes_fast_causes_no_calls() -> None:
    a = Timed("a", 0.3)

    async def scene(chain: Chain) -> None:
        guess = chain.foresee()
        query = await write(guess, WORDS, every=0.02)
        outcome = await chain(query)
        guess.close()
        assert a.queries == [query.text]
        assert outcome.hidden == 0.0

    play(scene, a)


def test_a_quick_provider_is_asked_at_every_token() -> None:
    a = Timed()

    async def scene(chain: Chain) -> None:
        await learn(chain, a, 0.005)
        guess = chain.foresee()
        outcome = await chain(await write(guess, WORDS, every=0.02))
        guess.close()
        assert (outcome.elapsed, outcome.hidden) == (0.0, pytest.approx(0.005))

    play(scene, a)


def test_complete_lines_keep_what_was_begun_for_them() -> None:
    a = Timed("a", 0.3)

    async def scene(chain: Chain) -> None:
        guess = chain.foresee()
        one, two = Query("one"), Query("two")
        guess.take([one])
        await asyncio.sleep(0.1)
        guess.take([one, Query("tw")])
        await asyncio.sleep(0.01)
        guess.take([one, two])
        await asyncio.sleep(0.5)
        outcomes = await asyncio.gather(chain(one), chain(two))
        guess.close()
        assert a.queries == ["one", "tw", "two"]
        assert all(outcome.hidden == pytest.approx(0.3) for outcome in outcomes)

    play(scene, a)


@pytest.mark.parametrize(
    ("traits", "early", "calls"),
    [(PAID, "free", 0), (PAID, "all", 1), (FREE, "off", 0), (FREE, "free", 4), (FREE, "all", 4)],
)
def test_money_is_not_spent_on_guesses_unless_allowed(
    traits: object, early: str, calls: int
) -> None:
    a = Timed("a", 0.1, traits=traits)  # type: ignore[arg-type]

    async def scene(chain: Chain) -> None:
        guess = chain.foresee()
        await write(guess, WORDS, every=0.5)
        guess.close()
        assert len(a.queries) == calls

    play(scene, a, early=early)


def test_behind_a_paid_provider_nobody_is_guessed_with() -> None:
    a, b = Timed("a", traits=PAID), Timed("b")

    async def scene(chain: Chain) -> None:
        guess = chain.foresee()
        query = await write(guess, WORDS, every=0.5)
        guess.close()
        assert b.queries == []
        guess = chain.foresee(("b",))
        await write(guess, WORDS, every=0.5)
        guess.close()
        assert len(b.queries) == len(WORDS)
        assert (await chain(query)).hidden == 0.0

    play(scene, a, b)


def test_fused_searches_begin_early_with_those_that_are_free() -> None:
    a, b = Timed("a", 0.2, traits=PAID), Timed("b", 0.5)

    async def scene(chain: Chain) -> None:
        guess = chain.foresee()
        outcome = await chain(await write(guess, WORDS, every=1.0))
        guess.close()
        assert outcome.provider == "a+b"
        assert outcome.elapsed == pytest.approx(0.2)
        assert outcome.hidden == pytest.approx(0.3)

    play(scene, a, b, mode="fuse")


def test_a_guess_that_is_closed_leaves_nothing_running() -> None:
    a = Timed("a", 1.0)

    async def scene(chain: Chain) -> None:
        guess = chain.foresee()
        guess.take([Query("x")])
        await asyncio.sleep(0.5)
        assert a.running == 1
        guess.close()
        await asyncio.sleep(0.01)
        assert a.running == 0
        guess = chain.foresee()
        guess.take([Query("y")])
        guess.close()
        await asyncio.sleep(1)
        assert a.queries == ["x"]

    play(scene, a)


def test_a_guess_that_failed_is_made_again_by_the_search() -> None:
    a = Timed("a", 0.1, brings=errors.Unavailable())

    async def scene(chain: Chain) -> None:
        guess = chain.foresee()
        guess.take([Query("x")])
        await asyncio.sleep(0.5)
        a.brings = (hit("a"),)
        assert (await chain(Query("x"))).passages == (hit("a"),)
        guess.close()

    play(scene, a)


def test_a_text_without_end_is_not_guessed_at_for_ever() -> None:
    a = Timed("a", 0.01)

    async def scene(chain: Chain) -> None:
        guess = chain.foresee()
        await write(guess, [" word"] * 100, every=0.5)
        guess.close()
        assert len(a.queries) == MOST

    play(scene, a)


def test_what_was_found_early_is_kept_for_others() -> None:
    a, store = Timed("a", 0.1), Memory()

    async def scene(chain: Chain) -> None:
        guess = chain.foresee()
        query = await write(guess, WORDS, every=0.5)
        guess.close()
        assert (await chain(query)).cached == "fresh"

    play(scene, a, store=store)


def test_connections_are_warmed_where_the_query_will_go() -> None:
    a, b = Timed("a", traits=PAID), Timed("b")
    warmed: list[str] = []
    for one in (a, b):

        async def warm(name: str = one.name) -> None:
            warmed.append(name)
            await asyncio.sleep(0.1)
            raise errors.Unavailable("refused")

        one.warm = warm  # type: ignore[attr-defined]

    async def scene(chain: Chain) -> None:
        for _ in range(2):
            chain.foresee().close()
        await asyncio.sleep(0.05)
        assert warmed == ["a"]  # once at a time
        await asyncio.sleep(0.1)
        chain.foresee(("b",)).close()
        await asyncio.sleep(0.2)
        assert warmed == ["a", "b"]

    play(scene, a, b)


def test_less_time_for_a_second_search() -> None:
    a = Timed("a", 1.4)

    async def scene(chain: Chain) -> None:
        outcome = await chain(Query("x", seconds=0.5))
        assert outcome.failure == "timed out"
        assert outcome.elapsed == pytest.approx(0.5)
        assert (await chain(Query("y", seconds=0.0))).failure == "timed out"
        assert (await chain(Query("z", seconds=99.0))).left == pytest.approx(1.1)

    play(scene, a)


def test_where_nothing_may_be_paid_only_what_is_free_is_guessed() -> None:
    paid = replace(PAID, usd_per_1000=None)  # nobody knows how much
    a, b = Timed("a", 0.1, traits=FREE), Timed("b", 0.1, traits=paid)
    c = Timed("c", 0.1, traits=replace(FREE, usd_per_1000=1.0))  # the operator has named a price

    async def scene(chain: Chain) -> None:
        guess = chain.foresee(paid=False)
        await write(guess, WORDS[:1], every=0.5)
        guess.close()
        assert [a.queries, b.queries, c.queries] == [[WORDS[0]], [], []]
        guess = chain.foresee()
        await write(guess, WORDS[1:2], every=0.5)
        guess.close()
        assert b.queries == c.queries == [WORDS[1]]

    play(scene, a, b, c, mode="fuse", early="all")
