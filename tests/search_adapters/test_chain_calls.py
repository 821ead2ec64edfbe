"""How the chain calls its providers, on a clock that jumps: cache, flights, hedges, fusion."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

import pytest
from virtual_time import run

from search_adapters import errors
from search_adapters.chain import Chain, Lifetimes, Options, Outcome
from search_adapters.chain.bounded import Bounded
from search_adapters.chain.result_cache import CacheStore, ResultCache, is_timely, key_of
from search_adapters.errors import SearchError
from search_adapters.protocol import DateRange, Passage, Query, Traits

FREE = Traits(speculative=True)
PAID = Traits(usd_per_1000=5.0, cache_seconds=0.0)
QUERY = Query("varn")


def hit(name: str) -> Passage:
    return Passage(name, f"https://{name}.example/x", f"{name} says {name * 5}", f"{name}.example")


class Timed:
    """An adapter whose calls take as long as they are told, in turn, and bring what they say."""

    name: ClassVar[str] = "timed"

    def __init__(
        self,
        name: str = "a",
        *seconds: float,
        traits: Traits = FREE,
        brings: Sequence[Passage] | SearchError | None = None,
    ) -> None:
        self.name = name  # type: ignore[misc]
        self.traits = traits
        self.seconds = list(seconds) or [0.2]
        self.brings: Sequence[Passage] | SearchError = (hit(name),) if brings is None else brings
        self.began: list[float] = []
        self.queries: list[str] = []
        self.running = 0
        self.most = 0

    async def search(self, query: Query) -> tuple[Passage, ...]:
        self.began.append(asyncio.get_running_loop().time())
        self.queries.append(query.text)
        seconds = self.seconds.pop(0) if len(self.seconds) > 1 else self.seconds[0]
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.running -= 1
        if isinstance(self.brings, SearchError):
            raise self.brings
        return tuple(self.brings)

    async def aclose(self) -> None:
        pass


class Memory:
    """A `CacheStore` with the clock of the loop."""

    def __init__(self, delay: float = 0.0) -> None:
        self.kept: dict[str, tuple[float, bytes]] = {}
        self.lifetimes: list[float] = []
        self.delay = delay
        self.broken = False

    async def get(self, key: str) -> bytes | None:
        await asyncio.sleep(self.delay)
        if self.broken:
            raise ConnectionError("gone")
        until, raw = self.kept.get(key, (0.0, b""))
        return raw if until > asyncio.get_running_loop().time() else None

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        if self.broken:
            raise ConnectionError("gone")
        self.lifetimes.append(seconds)
        self.kept[key] = (asyncio.get_running_loop().time() + seconds, value)


def play(
    scene: Callable[[Chain], Awaitable[None]],
    *adapters: Timed,
    store: CacheStore | None = None,
    **options: object,
) -> None:
    async def whole() -> None:
        chain = Chain(adapters, Options(**options), store)  # type: ignore[arg-type]
        clock = asyncio.get_running_loop().time
        for provider in chain._providers.values():
            provider._cache._clock = clock
        try:
            await scene(chain)
        finally:
            await chain.aclose()

    run(whole())


# -- single flight ---------------------------------------------------------------------------


def test_equal_queries_make_one_call() -> None:
    a = Timed()

    async def scene(chain: Chain) -> None:
        asked = [Query(f"{'Varn' if n % 2 else ' varn '} {n % 20}") for n in range(100)]
        outcomes = await asyncio.gather(*map(chain, asked))
        assert {outcome.passages for outcome in outcomes} == {(hit("a"),)}
        assert len(a.queries) == 20
        await chain(asked[0])  # the flight has landed, and nobody kept its result
        assert len(a.queries) == 21

    play(scene, a, concurrency=100, hedge="off")


def test_one_that_leaves_takes_only_himself_away() -> None:
    a = Timed("a", 1.0)

    async def scene(chain: Chain) -> None:
        tasks = [asyncio.create_task(chain(QUERY)) for _ in range(20)]
        await asyncio.sleep(0.5)
        tasks[0].cancel()
        outcomes = await asyncio.gather(*tasks[1:])
        assert all(outcome.provider == "a" for outcome in outcomes)
        assert len(a.queries) == 1
        assert tasks[0].cancelled()

    play(scene, a)


def test_when_the_last_has_left_the_call_is_broken_off() -> None:
    a = Timed("a", 1.0)

    async def scene(chain: Chain) -> None:
        tasks = [asyncio.create_task(chain(QUERY)) for _ in range(3)]
        await asyncio.sleep(0.5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)
        assert a.running == 0
        # It was not the provider's fault.
        assert (await chain(QUERY)).provider == "a"

    play(scene, a)


# -- hedging ---------------------------------------------------------------------------------


async def learn(chain: Chain, a: Timed, seconds: float = 0.2, calls: int = 20) -> None:
    a.seconds = [seconds]
    for number in range(calls):
        await chain(Query(f"learn {number}"))
    a.began.clear()


def test_a_slow_call_is_made_again_after_nine_in_ten() -> None:
    a = Timed()

    async def scene(chain: Chain) -> None:
        await learn(chain, a)
        a.seconds = [0.9, 0.2]
        outcome = await chain(QUERY)
        assert outcome.elapsed == pytest.approx(0.4)
        assert [each - a.began[0] for each in a.began] == pytest.approx([0.0, 0.2])
        assert a.running == 0

    play(scene, a)


def test_the_first_may_still_win() -> None:
    a = Timed()

    async def scene(chain: Chain) -> None:
        await learn(chain, a)
        a.seconds = [0.3, 5.0]
        assert (await chain(QUERY)).elapsed == pytest.approx(0.3)

    play(scene, a)


@pytest.mark.parametrize(
    ("traits", "hedge", "calls"),
    [(FREE, "off", 1), (PAID, "free", 1), (PAID, "all", 2), (FREE, "free", 2)],
)
def test_paid_calls_are_not_made_twice_unless_allowed(
    traits: Traits, hedge: str, calls: int
) -> None:
    a = Timed(traits=traits)

    async def scene(chain: Chain) -> None:
        await learn(chain, a)
        a.seconds = [0.9, 0.2]
        assert (await chain(QUERY)).provider == "a"
        assert len(a.began) == calls

    play(scene, a, hedge=hedge)


def test_before_enough_is_known_nothing_is_made_twice() -> None:
    a = Timed("a", 1.4)

    async def scene(chain: Chain) -> None:
        await chain(QUERY)
        assert len(a.began) == 1

    play(scene, a)


def test_a_provider_that_became_slow_is_not_asked_twice_for_ever() -> None:
    a = Timed()

    async def scene(chain: Chain) -> None:
        await learn(chain, a)
        a.seconds = [0.6 + 0.01 * (number % 10) for number in range(400)]
        for number in range(150):
            await chain(Query(f"slow {number}"))
        a.began.clear()
        for number in range(100):
            await chain(Query(f"later {number}"))
        assert 100 <= len(a.began) <= 112

    play(scene, a)


# -- the cache -------------------------------------------------------------------------------


def test_a_result_is_used_again_and_not_for_too_long() -> None:
    a, store = Timed(), Memory()

    async def scene(chain: Chain) -> None:
        assert (await chain(QUERY)).cached == ""
        await asyncio.sleep(800)
        outcome = await chain(Query("  VARN "))
        assert (outcome.cached, outcome.passages, outcome.elapsed) == ("fresh", (hit("a"),), 0.0)
        await asyncio.sleep(101)
        assert (await chain(QUERY)).cached == ""
        assert len(a.queries) == 2

    play(scene, a, store=store)


@pytest.mark.parametrize(
    ("text", "traits", "brings", "seconds", "kept"),
    [
        ("varn", FREE, None, 900, 86_400),
        ("weather varn", FREE, None, 60, 86_400),
        ("varn", FREE, (), 30, 30),
        ("varn", Traits(cache_seconds=300), None, 300, 300),
        ("weather varn", Traits(cache_seconds=300), None, 60, 300),
        ("varn", Traits(cache_seconds=7), (), 7, 7),
    ],
)
def test_lifetimes(
    text: str, traits: Traits, brings: Sequence[Passage] | None, seconds: float, kept: float
) -> None:
    a, store = Timed(traits=traits, brings=brings), Memory()

    async def scene(chain: Chain) -> None:
        await chain(Query(text))
        await asyncio.sleep(0)
        assert store.lifetimes == [kept]
        await asyncio.sleep(seconds - 1)
        await chain(Query(text))
        assert len(a.queries) == 1
        await asyncio.sleep(2)
        await chain(Query(text))
        assert len(a.queries) == 2

    play(scene, a, store=store)


@pytest.mark.parametrize("traits", [PAID, Traits(worth_caching=False), Traits(cache_seconds=0.5)])
def test_what_may_not_be_kept_is_not(traits: Traits) -> None:
    a, store = Timed(traits=traits), Memory()

    async def scene(chain: Chain) -> None:
        await chain(QUERY)
        await chain(QUERY)
        await asyncio.sleep(1)
        assert store.kept == {}
        assert len(a.queries) == 2

    play(scene, a, store=store)


@pytest.mark.parametrize("trouble", [errors.Unavailable(), errors.QuotaExhausted(), None])
def test_old_results_stand_in_for_a_provider_that_fails(trouble: SearchError | None) -> None:
    a, store = Timed(), Memory()

    async def scene(chain: Chain) -> None:
        await chain(QUERY)
        await asyncio.sleep(80_000)
        if trouble is None:
            a.seconds = [60.0]
        else:
            a.brings = trouble
        for _ in range(2):
            outcome = await chain(QUERY)
            assert (outcome.passages, outcome.cached) == ((hit("a"),), "stale")
            assert outcome.failure is None
        await asyncio.sleep(10_000)
        assert (await chain(QUERY)).failure == (trouble.reason if trouble else "timed out")

    play(scene, a, store=store)


def test_no_cache_asks_again_and_keeps_what_comes_and_off_does_neither() -> None:
    a, store = Timed(), Memory()

    async def scene(chain: Chain) -> None:
        await chain(QUERY)
        assert (await chain(Query("varn", caching="refresh"))).cached == ""
        assert len(a.queries) == 2
        await asyncio.sleep(0)
        assert len(store.lifetimes) == 2
        assert (await chain(Query("varn", caching="off"))).cached == ""
        await asyncio.sleep(0)
        assert (len(a.queries), len(store.lifetimes)) == (3, 2)
        assert (await chain(QUERY)).cached == "fresh"

    play(scene, a, store=store)


def test_a_store_that_fails_or_dawdles_costs_only_its_help(
    caplog: pytest.LogCaptureFixture,
) -> None:
    a, store = Timed(), Memory()

    async def scene(chain: Chain) -> None:
        store.broken = True
        assert (await chain(QUERY)).provider == "a"
        await asyncio.sleep(0)
        store.broken, store.delay = False, 60.0
        outcome = await chain(QUERY)
        assert outcome.elapsed == pytest.approx(0.25)

    play(scene, a, store=store)
    assert "not read: ConnectionError" in caplog.text
    assert "not written: ConnectionError" in caplog.text
    assert "varn" not in caplog.text


def test_what_lies_in_the_store_need_not_be_ours() -> None:
    a, store = Timed(), Memory()

    async def scene(chain: Chain) -> None:
        store.kept[key_of("a", QUERY)] = (1e9, b"\x80nonsense")
        assert (await chain(QUERY)).provider == "a"
        await asyncio.sleep(0)
        assert (await chain(QUERY)).cached == "fresh"

    play(scene, a, store=store)


def test_passages_come_out_of_the_cache_as_they_went_in() -> None:
    whole = Passage("T", "https://x.example", "text", "x.example", "2026-01-02", {"a": "b"})

    async def scene() -> None:
        bounded, store = Bounded(), Memory()
        cache = ResultCache(store, Lifetimes(), bounded, asyncio.get_running_loop().time)
        cache.keep("k", QUERY, FREE, (whole,))
        await asyncio.sleep(0)
        kept = await cache.find("k", FREE)
        assert kept is not None
        assert kept.passages == (whole,)
        assert kept.passages[0].metadata == {"a": "b"}

    run(scene())


def test_keys_tell_apart_what_brings_something_else() -> None:
    variants = [
        QUERY,
        Query("varn", limit=3),
        Query("varn", language="de"),
        Query("varn", country="DE"),
        Query("varn", place="Leeds"),
        Query("varn", freshness="day"),
        Query("varn", freshness=DateRange()),
        Query("varn", allowed_domains=("a.example",)),
        Query("varn", denied_domains=("a.example",)),
        Query('"varn"'),
        Query("varn OR lighthouse"),
        Query("varn or lighthouse"),
    ]
    assert len({key_of("a", query) for query in variants}) == len(variants)
    assert key_of("b", QUERY) != key_of("a", QUERY)
    assert key_of("a", Query(" Ｖarn")) == key_of("a", QUERY)
    both = Query("x", allowed_domains=("a", "b")), Query("x", allowed_domains=("b", "a"))
    assert key_of("a", both[0]) == key_of("a", both[1])


@pytest.mark.parametrize(
    "text", ["weather in Varn", "latest iPhone", "Apple stock price", "最新消息"]
)
def test_timely(text: str) -> None:
    assert is_timely(Query(text))
    assert is_timely(Query("varn", freshness="day"))


@pytest.mark.parametrize("text", ["height of Varn lighthouse", "Snowflake algorithm", "knowledge"])
def test_not_timely(text: str) -> None:
    assert not is_timely(Query(text))


# -- places, the breaker, waiting ------------------------------------------------------------


def test_no_more_calls_to_a_provider_at_a_time_than_allowed() -> None:
    a = Timed("a", 0.2)

    async def scene(chain: Chain) -> None:
        outcomes = await asyncio.gather(*(chain(Query(str(n))) for n in range(8)))
        assert a.most == 2
        assert max(outcome.elapsed for outcome in outcomes) == pytest.approx(0.8)
        assert all(outcome.passages for outcome in outcomes)

    play(scene, a, concurrency=2)


def test_one_without_a_place_hands_over_and_the_last_lets_wait() -> None:
    a, b = Timed("a", 1.0), Timed("b", 0.1)

    async def scene(chain: Chain) -> None:
        first, second = await asyncio.gather(chain(Query("1")), chain(Query("2")))
        assert (first.provider, second.provider) == ("a", "b")
        assert second.elapsed == pytest.approx(0.1)

    play(scene, a, b, concurrency=1)


def test_waiting_for_a_place_does_not_stretch_the_deadline() -> None:
    a = Timed("a", 1.4)

    async def scene(chain: Chain) -> None:
        outcomes = await asyncio.gather(*(chain(Query(str(n))) for n in range(3)))
        assert max(outcome.elapsed for outcome in outcomes) == pytest.approx(1.5)
        assert [outcome.failure for outcome in outcomes] == [None, "timed out", "timed out"]

    play(scene, a, concurrency=1)


def test_a_provider_that_is_down_is_found_to_be_down_and_up_again() -> None:
    a, b = Timed("a", 60.0), Timed("b", 0.1)

    async def scene(chain: Chain) -> None:
        for number in range(3):
            assert (await chain(Query(str(number)))).elapsed == pytest.approx(1.6)
        assert (await chain(QUERY)).elapsed == pytest.approx(0.1)
        assert len(a.queries) == 3
        a.seconds = [0.2]
        await asyncio.sleep(5)
        assert (await chain(Query("again"))).provider == "a"

    play(scene, a, b)


def test_time_used_up_by_others_is_no_fault_of_the_last() -> None:
    slow, late = Timed("a", 60.0), Timed("b", 1.4)

    async def scene(chain: Chain) -> None:
        for number in range(2):
            assert (await chain(Query(str(number)))).failure == "timed out"
        assert not chain._providers["b"]._breaker._failures

    play(scene, slow, late)


def test_a_refusal_for_a_moment_is_waited_for_when_nobody_else_knows() -> None:
    a, b = Timed("a", 0.1, brings=errors.RateLimited(retry_after=0.5)), Timed("b", 0.1, brings=())

    async def scene(chain: Chain) -> None:
        task = asyncio.create_task(chain(QUERY))
        await asyncio.sleep(0.3)
        a.brings = (hit("a"),)
        outcome = await task
        assert outcome.provider == "a"
        assert outcome.elapsed == pytest.approx(0.1 + 0.1 + 0.51 + 0.1)

    play(scene, a, b)


def test_who_comes_while_it_rests_for_a_moment_waits_too() -> None:
    a = Timed("a", 0.1, brings=errors.RateLimited(retry_after=0.5))

    async def scene(chain: Chain) -> None:
        first = asyncio.create_task(chain(Query("1")))
        await asyncio.sleep(0.2)
        a.brings = (hit("a"),)
        second = await chain(Query("2"))
        assert second.passages or (await first).passages
        assert (await chain(Query("3"))).passages

    play(scene, a)


def test_a_crowd_that_waits_for_places_is_no_outage() -> None:
    a = Timed("a", 0.5)

    async def scene(chain: Chain) -> None:
        outcomes = await asyncio.gather(*(chain(Query(str(n))) for n in range(100)))
        assert sum(bool(outcome.passages) for outcome in outcomes) >= 4
        assert {outcome.failure for outcome in outcomes} == {None, "timed out"}
        assert (await chain(QUERY)).provider == "a"

    play(scene, a, concurrency=2, hedge="off")


def test_who_waited_for_a_place_does_not_ask_a_provider_that_has_gone_to_rest() -> None:
    a = Timed("a", 0.2, brings=errors.QuotaExhausted())

    async def scene(chain: Chain) -> None:
        outcomes = await asyncio.gather(*(chain(Query(str(n))) for n in range(5)))
        assert {outcome.failure for outcome in outcomes} == {"quota exhausted"}
        assert len(a.queries) == 1

    play(scene, a, concurrency=1)


def test_a_second_call_needs_a_place_of_its_own() -> None:
    a = Timed()

    async def scene(chain: Chain) -> None:
        await learn(chain, a)
        a.seconds = [0.9]
        outcomes = await asyncio.gather(chain(Query("1")), chain(Query("2")))
        assert all(outcome.passages for outcome in outcomes)
        assert a.most == 2

    play(scene, a, concurrency=2)


def test_a_longer_one_is_not() -> None:
    a = Timed("a", 0.1, brings=errors.RateLimited(retry_after=1.3))

    async def scene(chain: Chain) -> None:
        outcome = await chain(QUERY)
        assert outcome == Outcome((), "a", "rate limited", outcome.elapsed)
        assert outcome.elapsed == pytest.approx(0.1)

    play(scene, a)


# -- several at once -------------------------------------------------------------------------


def test_fused_searches_ask_all_at_once() -> None:
    a, b = Timed("a", 0.3), Timed("b", 0.2, brings=(hit("b"), hit("a")))

    async def scene(chain: Chain) -> None:
        outcome = await chain(QUERY)
        assert outcome.provider == "a+b"
        assert outcome.passages == (hit("a"), hit("b"))
        assert outcome.elapsed == pytest.approx(0.3)
        assert (await chain(QUERY, ("b",))).provider == "b"

    play(scene, a, b, mode="fuse")


def test_the_slowest_does_not_hold_up_the_rest() -> None:
    a, b = Timed("a", 1.4), Timed("b", 0.2)

    async def scene(chain: Chain) -> None:
        outcome = await chain(QUERY)
        assert (outcome.provider, outcome.elapsed) == ("b", pytest.approx(0.6))
        await asyncio.sleep(0.01)
        assert a.running == 0

    play(scene, a, b, mode="fuse")


def test_but_is_waited_for_as_long_as_nobody_has_found_anything() -> None:
    a, b = Timed("a", 1.4), Timed("b", 0.2, brings=())

    async def scene(chain: Chain) -> None:
        assert (await chain(QUERY)).provider == "a"

    play(scene, a, b, mode="fuse")


def test_fused_failures_have_the_first_ones_word() -> None:
    a = Timed("a", 0.3, brings=errors.NotAuthorised())
    b = Timed("b", 0.2, brings=())

    async def scene(chain: Chain) -> None:
        outcome = await chain(QUERY)
        assert (outcome.provider, outcome.failure) == ("a", "not authorised")

    play(scene, a, b, mode="fuse")


def test_a_fused_search_has_the_same_deadline() -> None:
    a, b = Timed("a", 60.0), Timed("b", 60.0)

    async def scene(chain: Chain) -> None:
        outcome = await chain(QUERY)
        assert outcome.failure == "timed out"
        assert outcome.elapsed == pytest.approx(2.49)

    play(scene, a, b, mode="fuse", provider_timeout=9.0)
