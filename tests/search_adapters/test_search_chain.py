"""The chain, on a clock that jumps: deadlines are exact and no test waits."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import ClassVar

import pytest
from virtual_time import run

from search_adapters import errors
from search_adapters.chain import PREPARE_TIMEOUT, Chain, Outcome
from search_adapters.errors import SearchError
from search_adapters.protocol import Passage, Query, Traits

HIT = Passage("Varn", "https://example.com/varn", "Varn is a town.", "example.com")
QUERY = Query("varn")


class Fake:
    """An adapter of any name that does what it is told, again and again or in turn."""

    name: ClassVar[str] = "fake"
    traits: ClassVar[Traits] = Traits(max_query_chars=40)

    def __init__(self, name: str, *does: object, closing: Exception | None = None) -> None:
        self.name = name  # type: ignore[misc]
        self.does = list(does)
        self.closing = closing
        self.queries: list[Query] = []
        self.closed = False
        self.cancelled = 0
        self.stubborn = asyncio.Event()

    async def search(self, query: Query) -> tuple[Passage, ...]:
        self.queries.append(query)
        act = self.does.pop(0) if len(self.does) > 1 else self.does[0]
        if isinstance(act, float):
            try:
                await asyncio.sleep(act)
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
            return (HIT,)
        if act == "deaf":
            while not self.stubborn.is_set():
                try:
                    await self.stubborn.wait()
                except asyncio.CancelledError:
                    self.cancelled += 1
            return (HIT,)
        if isinstance(act, BaseException):
            raise act
        return act  # type: ignore[return-value]

    async def aclose(self) -> None:
        self.closed = True
        if self.closing:
            raise self.closing


def ask(*adapters: Fake, query: Query = QUERY, names: tuple[str, ...] = ()) -> Outcome:
    async def once() -> Outcome:
        chain = Chain(adapters)
        outcome = await chain(query, names)
        await chain.aclose()
        return outcome

    return run(once())


def test_the_first_that_finds_something_answers() -> None:
    a, b = Fake("a", (HIT,)), Fake("b", (HIT,))
    assert ask(a, b) == Outcome((HIT,), "a", None, 0.0)
    assert b.queries == []


@pytest.mark.parametrize("kind", SearchError.__subclasses__())
def test_after_any_search_error_the_next_is_asked(kind: type[SearchError]) -> None:
    assert ask(Fake("a", kind()), Fake("b", (HIT,))) == Outcome((HIT,), "b")


def test_after_any_other_error_too_and_it_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert ask(Fake("a", ZeroDivisionError("oh")), Fake("b", (HIT,))).provider == "b"
    assert "ZeroDivisionError" in caplog.text
    assert ask(Fake("a", ZeroDivisionError("oh"))) == Outcome((), "a", "unavailable")


def test_what_is_no_passage_is_the_adapters_fault() -> None:
    assert ask(Fake("a", (1, 2)), Fake("b", (HIT,))).provider == "b"
    assert ask(Fake("a", None)).failure == "unavailable"


def test_an_adapter_that_cancels_itself_does_not_cancel_the_answer() -> None:
    assert ask(Fake("a", asyncio.CancelledError()), Fake("b", (HIT,))).provider == "b"


def test_nothing_found_is_no_failure() -> None:
    assert ask(Fake("a", ()), Fake("b", ())) == Outcome((), "a", None)
    assert ask(Fake("a", ()), Fake("b", (HIT,))).provider == "b"


def test_without_passages_the_first_ones_word_counts() -> None:
    broken = errors.NotAuthorised()
    assert ask(Fake("a", broken), Fake("b", ())) == Outcome((), "a", "not authorised")
    assert ask(Fake("a", ()), Fake("b", broken)) == Outcome((), "a", None)


def test_a_slow_one_leaves_time_for_another() -> None:
    slow = Fake("a", 60.0)
    outcome = ask(slow, Fake("b", 0.5))
    assert outcome == Outcome((HIT,), "b", None, outcome.elapsed)
    assert outcome.elapsed == pytest.approx(2.0)
    assert slow.cancelled == 1


def test_the_deadline_is_for_all_together() -> None:
    late = [Fake(name, 60.0) for name in "abcd"]
    outcome = ask(*late)
    assert outcome.failure == "timed out"
    assert outcome.elapsed == pytest.approx(2.5)
    assert [len(fake.queries) for fake in late] == [1, 1, 0, 0]


def test_an_adapter_that_will_not_stop_is_left_behind() -> None:
    async def deaf() -> None:
        fake = Fake("a", "deaf")
        chain = Chain([fake])
        outcome = await chain(QUERY)
        assert outcome.failure == "timed out"
        assert outcome.elapsed == pytest.approx(1.5)
        fake.stubborn.set()
        await asyncio.sleep(0)
        await chain.aclose()

    run(deaf())


def test_cancelling_the_search_cancels_the_adapter_and_passes_through() -> None:
    async def cancelled() -> None:
        slow = Fake("a", 60.0)
        chain = Chain([slow, Fake("b", (HIT,))])
        task = asyncio.create_task(chain(QUERY))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
        assert slow.cancelled == 1
        await chain.aclose()

    run(cancelled())


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (errors.RateLimited(retry_after=7.0), 7.0),
        (errors.RateLimited(), errors.RateLimited.rest),
        (errors.QuotaExhausted(), errors.QuotaExhausted.rest),
        (errors.QuotaExhausted(retry_after=1e9), 24 * 3600.0),
        (errors.NotAuthorised(), errors.NotAuthorised.rest),
        (errors.Retired(), errors.Retired.rest),
        (errors.RateLimited(retry_after=float("nan")), errors.RateLimited.rest),
    ],
)
def test_a_provider_rests_as_long_as_it_says(error: SearchError, seconds: float) -> None:
    async def resting() -> None:
        fake = Fake("a", error, (HIT,))
        chain = Chain([fake, Fake("b", ())])
        assert (await chain(QUERY)).failure == error.reason
        await asyncio.sleep(seconds - 2.6)  # later, the end of a rest would be waited for
        assert await chain(QUERY) == Outcome((), "a", error.reason)
        assert len(fake.queries) == 1
        await asyncio.sleep(2.7)
        assert (await chain(QUERY)).provider == "a"

    run(resting())


@pytest.mark.parametrize(
    "error", [errors.TimedOut(), errors.Unavailable(retry_after=90.0), errors.BadQuery()]
)
def test_a_passing_trouble_is_no_reason_to_rest(error: SearchError) -> None:
    async def twice() -> None:
        chain = Chain([Fake("a", error, (HIT,))])
        await chain(QUERY)
        assert (await chain(QUERY)).passages == (HIT,)

    run(twice())


def test_named_adapters_are_asked_in_the_order_named() -> None:
    a, b, c = Fake("a", (HIT,)), Fake("b", ()), Fake("c", (HIT,))
    assert ask(a, b, c, names=("b", "nobody", "c")).provider == "c"
    assert (len(a.queries), len(b.queries)) == (0, 1)
    assert ask(a, names=("nobody",)) == Outcome((), "", "unavailable")
    assert ask() == Outcome((), "", "unavailable")


def test_queries_are_one_line_and_cut_at_a_word() -> None:
    fake = Fake("a", (HIT,))
    ask(fake, query=Query(" the\n height  of the Varn lighthouse above the sea "))
    assert fake.queries[0].text == "the height of the Varn lighthouse above"
    assert ask(fake, query=Query(" \n ")).failure == "query refused"
    assert len(fake.queries) == 1


def test_limits_and_domains_hold_for_every_adapter() -> None:
    many = tuple(Passage("t", f"https://{h}/x", "text") for h in ("a.example", "b.a.example", "c"))
    allowed = Query("x", allowed_domains=("a.example",))
    assert len(ask(Fake("a", many), query=allowed).passages) == 2
    assert len(ask(Fake("a", many), query=Query("x", limit=1)).passages) == 1
    only_c = Query("x", allowed_domains=("d.example",))
    assert ask(Fake("a", many), query=only_c) == Outcome((), "a", None)


def test_closing_closes_all_whatever_one_does(caplog: pytest.LogCaptureFixture) -> None:
    fakes = [Fake("a", (), closing=OSError("no")), Fake("b", ())]
    run(Chain(fakes).aclose())
    assert [fake.closed for fake in fakes] == [True, True]
    assert "did not close" in caplog.text


def test_the_log_names_adapter_and_reason_but_not_the_query(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    ask(Fake("a", errors.RateLimited(retry_after=5.0)), query=Query("my secret question"))
    assert "search adapter a: rate limited" in caplog.text
    assert "resting 5 s" in caplog.text
    assert "secret" not in caplog.text


def test_preparing_is_for_those_who_need_it() -> None:
    done: list[str] = []

    async def prepared() -> None:
        done.append("a")

    run(Chain([preparing("a", prepared), Fake("b", ())]).prepare())
    assert done == ["a"]


def preparing(name: str, prepare: Callable[[], Awaitable[object]]) -> Fake:
    fake = Fake(name, (HIT,))
    fake.prepare = prepare  # type: ignore[attr-defined]
    return fake


@pytest.mark.parametrize(
    "error", [errors.Unavailable("disk full"), ZeroDivisionError("oh"), asyncio.CancelledError()]
)
def test_one_that_can_t_prepare_is_logged_and_the_rest_go_on(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    async def refuse() -> None:
        raise error

    async def prepared() -> None:
        done.append("b")

    run(Chain([preparing("a", refuse), preparing("b", prepared)]).prepare())
    assert done == ["b"]
    assert "search adapter a" in caplog.text


def test_preparing_is_bounded_even_against_the_deaf(caplog: pytest.LogCaptureFixture) -> None:
    async def bounded() -> None:
        clock = asyncio.get_running_loop().time
        deaf = Fake("a", "deaf")

        async def prepare() -> None:
            await deaf.search(QUERY)

        chain = Chain([preparing("a", prepare), preparing("b", asyncio.Event().wait)])
        await chain.prepare()
        assert clock() == pytest.approx(PREPARE_TIMEOUT)
        assert (await chain(QUERY)).passages == (HIT,)
        deaf.stubborn.set()
        await asyncio.sleep(0)
        await chain.aclose()

    run(bounded())
    assert caplog.text.count("no answer within 60.0 s") == 2
