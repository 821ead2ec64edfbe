"""What a key may use, on every Redis: exact windows, shared by gateways, given back in the end."""

import asyncio
import time
from typing import Any

import pytest

from app.chat.access.allowance import Standing
from app.errors import LimitReached, NotAuthenticated
from app.stores import allowances
from app.stores.allowances import RedisAllowance, _keys
from tests.stores.books import Books


async def test_requests_of_two_gateways_are_counted_together(books: Books) -> None:
    await books.of(requests_per_minute=3)
    for where in (books.here, books.there, books.here):
        (await books.admit(books=where)).settle(1)
    requests = books.standings[-1].requests
    assert requests is not None
    assert (requests.limit, requests.remaining) == (3, 0)
    for where in (books.here, books.there):
        with pytest.raises(LimitReached, match="3 requests per minute") as refused:
            await books.admit(books=where)
        assert 0 < refused.value.retry_after <= 60
    await books.age(45)
    with pytest.raises(LimitReached) as refused:
        await books.admit()
    assert 0 < refused.value.retry_after <= 15
    await books.age(15.1)
    await books.admit()


async def test_no_sixty_seconds_hold_more(books: Books) -> None:
    await books.of(requests_per_minute=2)
    await books.admit()
    await books.age(50)
    await books.admit()
    await books.age(11)  # the first is out of the window, the second is not
    await books.admit()
    with pytest.raises(LimitReached) as refused:
        await books.admit()
    assert 40 < refused.value.retry_after <= 49


async def test_many_at_once_let_in_no_more_than_the_limit(books: Books) -> None:
    await books.of(requests_per_minute=5)
    asked = [books.admit(books=where) for where in (books.here, books.there) * 10]
    came = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(each, RedisAllowance) for each in came) == 5
    assert sum(isinstance(each, LimitReached) for each in came) == 15


async def test_tokens_are_reserved_and_then_counted(books: Books) -> None:
    await books.of(tokens_per_minute=1000)
    first = await books.admit(600)
    with pytest.raises(LimitReached, match="1000 tokens per minute, of which 400"):
        await books.admit(500, books=books.there)
    first.settle(100)  # it took less than was thought
    await books.settled()
    second = await books.admit(500, books=books.there)
    second.settle(950)  # and this one more
    await books.settled()
    with pytest.raises(LimitReached, match="of which 0") as refused:
        await books.admit(1)
    assert refused.value.retry_after <= 60
    await books.age(61)
    await books.admit(900)
    tokens = books.standings[-1].tokens
    assert tokens is not None
    assert tokens.remaining == 100


async def test_one_that_wants_more_than_a_minute_has_gets_a_minute_to_itself(books: Books) -> None:
    await books.of(tokens_per_minute=100)
    big = await books.admit(10_000)
    with pytest.raises(LimitReached):
        await books.admit(1)
    big.settle(40)
    await books.settled()
    with pytest.raises(LimitReached):
        await books.admit(10_000)
    await books.admit(60)


async def test_what_was_settled_late_counts_when_it_was_settled(books: Books) -> None:
    await books.of(tokens_per_minute=100)
    long = await books.admit(10)
    await books.age(70)  # a long answer: what was reserved has left the window
    long.settle(80)
    await books.settled()
    with pytest.raises(LimitReached):
        await books.admit(31)
    await books.admit(30)


async def test_streams(books: Books) -> None:
    await books.of(streams=2)
    one, _ = await books.admit(), await books.admit(books=books.there)
    with pytest.raises(LimitReached, match="under way"):
        await books.admit()
    one.settle(5)
    one.settle(5)  # twice is once
    await books.settled()
    await books.admit(books=books.there)
    with pytest.raises(LimitReached):
        await books.admit()


async def test_a_killed_gateway_gives_its_streams_back(redis_url: str) -> None:
    books = await Books(redis_url).of(streams=1)
    try:
        await books.admit()  # never settled
        books.here._under_way.clear()  # nor renewed
        with pytest.raises(LimitReached):
            await books.admit(books=books.there)
        await books.age(61)
        await books.admit(books=books.there)
    finally:
        await books.aclose()


async def test_one_who_leaves_while_he_is_let_in_takes_no_place(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit = allowances.ADMIT
    ran, go = asyncio.Event(), asyncio.Event()

    async def slow(*given: Any) -> bytes:
        told: bytes = await admit(*given)  # Redis has written it, and its answer is on the way
        ran.set()
        await go.wait()
        return told

    await books.of(streams=1, tokens_per_minute=100)
    monkeypatch.setattr(allowances, "ADMIT", slow)
    leaving = asyncio.create_task(books.admit(60))
    await ran.wait()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    go.set()
    await books.settled()
    stays = await books.admit(100)  # his tokens are free again, too
    late = asyncio.create_task(books.admit())
    await asyncio.sleep(0)  # it has asked, and will be refused
    late.cancel()
    await asyncio.wait({late})
    await books.settled()
    with pytest.raises(LimitReached, match="under way"):
        await books.admit()
    stays.settle(0)
    await books.settled()
    await books.admit()


async def test_a_long_answer_keeps_its_stream(redis_url: str) -> None:
    books = await Books(redis_url, lease=1.5).of(streams=1)
    try:
        await books.admit()
        (streams,) = _keys(books.id, "streams")
        redis = books.keys._redis

        async def lapses() -> float:
            return float(await redis.zscore(streams, next(iter(books.here._under_way))))

        first = await lapses()
        for _ in range(1000):
            if await lapses() > first:
                break
            await asyncio.sleep(0.01)
        with pytest.raises(LimitReached):
            await books.admit(books=books.there)
    finally:
        await books.aclose()


async def test_searches_of_a_day(books: Books) -> None:
    await books.of(searches_per_day=5)
    here, there = await books.admit(), await books.admit(books=books.there)
    granted = await asyncio.gather(*(each.grant(0.0) for each in (here, there) * 4))
    assert sum(granted) == 5
    assert not await there.grant(0.0)
    await books.admit()
    searches = books.standings[-1].searches
    assert searches is not None
    assert (searches.limit, searches.remaining) == (5, 0)
    assert 0 < searches.reset <= 86_400
    await books.keys._redis.hset(_keys(books.id, "today")[0], "day", "1")  # it was long ago
    assert await here.grant(0.0)


async def test_what_searches_of_a_day_cost(books: Books) -> None:
    await books.of(search_usd_per_day=0.02)
    allowance = await books.admit()
    for _ in range(4):
        assert await allowance.grant(0.005)
    assert not await allowance.grant(0.005)
    allowance.paid(-0.005)  # it was found in the cache
    allowance.paid(0.0)
    await books.settled()
    await books.admit()
    assert books.standings[-1].search_usd == pytest.approx(0.005)
    assert await allowance.grant(0.005)
    assert not await allowance.grant(0.000_001)
    assert await allowance.grant(0.0)  # what is free is not held up


async def test_a_revoked_key_begins_no_answer(books: Books) -> None:
    await books.of()
    await books.admit()
    assert await books.keys.revoke(books.id)
    assert not await books.keys.revoke(books.id)
    with pytest.raises(NotAuthenticated, match="revoked"):
        await books.admit()
    books.id = "key_neverwasone"
    with pytest.raises(NotAuthenticated):
        await books.admit()


async def test_without_limits_use_is_counted_all_the_same(books: Books) -> None:
    await books.of()
    allowance = await books.admit(100)
    assert await allowance.grant(0.001)
    assert await allowance.grant(0.001)
    allowance.settle(77)
    await books.settled()
    assert books.standings == [Standing()]
    kept = await books.keys._redis.hgetall(_keys(books.id, "today")[0])
    counted = {name.decode(): int(value) for name, value in kept.items() if name != b"day"}
    assert counted == {"answers": 1, "tokens": 77, "searches": 2, "micro": 2000}
    found = await books.keys.find(books.id)
    assert found is not None
    assert found.used is not None
    assert abs(found.used - time.time()) < 60


async def test_whoever_fills_redis_does_not_have_his_books_forgotten(books: Books) -> None:
    await books.of(requests_per_minute=9, tokens_per_minute=100, streams=9, searches_per_day=9)
    allowance = await books.admit(10)
    assert await allowance.grant(0.01)
    redis = books.keys._redis
    for where in _keys(books.id, "requests", "tokens", "total", "streams", "today"):
        assert await redis.ttl(where) > 365 * 86_400  # Redis forgets first what expires soonest


@pytest.mark.parametrize("lost", ["tokens", "total"])
async def test_a_sum_that_went_wrong_is_right_again_after_a_minute(books: Books, lost: str) -> None:
    await books.of(tokens_per_minute=100)
    (await books.admit(90)).settle(90)
    await books.settled()
    await books.keys._redis.delete(*_keys(books.id, lost))
    await books.age(61)
    for left in (40, 0):
        await books.admit(60 if left else 40)
        tokens = books.standings[-1].tokens
        assert tokens is not None
        assert tokens.remaining == left
    with pytest.raises(LimitReached):
        await books.admit(1)
