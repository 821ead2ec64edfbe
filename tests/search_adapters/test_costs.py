"""What a search costs, by the calls that were really made for it; on a clock that jumps."""

from dataclasses import replace

import pytest
from test_search_chain import HIT, QUERY, Fake
from virtual_time import run

from search_adapters.chain import Chain, Options, Outcome
from search_adapters.environment import with_contract
from search_adapters.errors import MissingSetting, RateLimited, TimedOut, Unavailable
from search_adapters.protocol import Query, Traits


class Paid(Fake):
    """A fake with a price, in dollars for a thousand calls."""

    def __init__(self, name: str, price: float | None, *does: object) -> None:
        super().__init__(name, *does)
        self.traits = replace(Fake.traits, usd_per_1000=price)  # type: ignore[misc]


def ask(*adapters: Fake, mode: str = "first", times: int = 1) -> Outcome:
    async def once() -> Outcome:
        chain = Chain(adapters, Options(mode=mode))  # type: ignore[arg-type]
        for _ in range(times):
            outcome = await chain(QUERY)
        await chain.aclose()
        return outcome

    return run(once())


@pytest.mark.parametrize(
    ("adapters", "mode", "usd"),
    [
        ([("a", 5.0, (HIT,)), ("b", 8.0, (HIT,))], "first", 0.005),
        ([("a", 5.0, ()), ("b", 8.0, (HIT,))], "first", 0.013),  # finding nothing is paid too
        ([("a", 5.0, Unavailable()), ("b", 8.0, (HIT,))], "first", 0.008),  # a refusal is not
        ([("a", 5.0, RateLimited(retry_after=60)), ("b", 0.0, (HIT,))], "first", 0.0),
        ([("a", 5.0, TimedOut()), ("b", 8.0, (HIT,))], "first", 0.013),  # what came late is
        ([("a", 5.0, 60.0), ("b", 8.0, (HIT,))], "first", 0.013),
        ([("a", 5.0, (HIT,)), ("b", 8.0, (HIT,))], "fuse", 0.013),
        ([("a", None, (HIT,))], "first", 0.0),
    ],
)
def test_what_was_called_is_paid_for(
    adapters: list[tuple[str, float | None, object]], mode: str, usd: float
) -> None:
    assert ask(*(Paid(*each) for each in adapters), mode=mode).usd == pytest.approx(usd)


def test_a_second_call_is_paid_for_too() -> None:
    slow = Paid("a", 5.0, 0.1)

    async def searches() -> tuple[float, int]:
        chain = Chain((slow,), Options(hedge="all"))
        for number in range(30):
            await chain(Query(f"varn {number}"))
        before = len(slow.queries)
        slow.does = [1.5, 0.1]
        outcome = await chain(Query("varn at last"))
        await chain.aclose()
        return outcome.usd, len(slow.queries) - before

    assert run(searches()) == (pytest.approx(0.010), 2)


@pytest.mark.parametrize(("mode", "usd"), [("first", 0.008), ("fuse", 0.013)])
def test_what_a_search_may_cost(mode: str, usd: float) -> None:
    adapters = (Paid("a", 5.0, (HIT,)), Paid("b", 8.0, (HIT,)), Paid("c", None, (HIT,)))
    chain = Chain(adapters, Options(mode=mode))  # type: ignore[arg-type]
    assert chain.price() == pytest.approx(usd)
    assert chain.price(("a",)) == pytest.approx(0.005)
    assert chain.price(("c", "unheard-of")) == 0.0


def test_the_operators_own_price() -> None:
    listed = Traits(usd_per_1000=None)
    assert with_contract({"ORSON_PRICE_HTTP": "1.5"}, "http", listed).usd_per_1000 == 1.5
    assert with_contract({}, "http", listed) == listed
    with pytest.raises(MissingSetting, match=r"ORSON_PRICE_HTTP.*US dollars, not 'cheap'"):
        with_contract({"ORSON_PRICE_HTTP": "cheap"}, "http", listed)
