"""What a gateway adds to its chain: the operator's domains, pages, and a log without queries."""

import logging
from collections.abc import Sequence

import pytest

from search_adapters.chain import Chain
from search_adapters.domains import within
from search_adapters.gateway_search import (
    REFUSED,
    GatewaySearch,
    PageOptions,
    Rules,
    hashed,
    with_rules,
)
from search_adapters.protocol import Passage, Query, Traits

RESULTS = tuple(
    Passage(f"Result {number}", f"https://{host}/{number}", f"Snippet {number}", site=host)
    for number, host in enumerate(("a.example", "docs.a.example", "b.example", "c.example"))
)


class Provider:
    """Returns its results, and keeps the queries."""

    def __init__(self, name: str = "snippets", *, passages: bool = False) -> None:
        self.name = name
        self.traits = Traits(returns_passages=passages)
        self.asked: list[Query] = []

    async def search(self, query: Query) -> tuple[Passage, ...]:
        self.asked.append(query)
        return RESULTS

    async def aclose(self) -> None:
        pass


class FakeReader:
    """Says that it read every page."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[tuple[Query, int, float]] = []

    async def __call__(
        self, query: Query, results: Sequence[Passage], seconds: float
    ) -> tuple[Passage, ...]:
        self.asked.append((query, len(results), seconds))
        if self.error:
            raise self.error
        return tuple(Passage(r.title, r.url, f"Read {r.text}", r.site) for r in results)


def gateway_search(*providers: Provider, reader: FakeReader | None = None, **rules: object):
    return GatewaySearch(
        Chain(providers),  # type: ignore[arg-type]
        rules=Rules(**rules),  # type: ignore[arg-type]
        reader=reader,
        snippets=[each.name for each in providers if not each.traits.returns_passages],
        results=4,
    )


async def test_snippets_are_read() -> None:
    reader = FakeReader()
    search = gateway_search(Provider(), reader=reader)
    outcome = await search(Query("varn", limit=2))
    assert [passage.text for passage in outcome.passages] == ["Read Snippet 0", "Read Snippet 1"]
    ((query, results, seconds),) = reader.asked
    assert query.limit == 2
    assert results == 4  # more are looked at than are wanted
    assert 0 < seconds <= 2.5


async def test_passages_are_not_read_again() -> None:
    reader = FakeReader()
    ready, snippets = Provider("ready", passages=True), Provider()
    search = gateway_search(ready, snippets, reader=reader)
    assert (await search(Query("varn"))).passages == RESULTS
    assert reader.asked == []
    outcome = await search(Query("varn"), ("snippets",))
    assert outcome.passages[0].text == "Read Snippet 0"
    outcome = await search(Query("varn", limit=2), ("ready",))
    assert ready.asked[-1].limit == 2
    assert len(reader.asked) == 1


async def test_a_reader_that_fails_keeps_the_snippets(caplog: pytest.LogCaptureFixture) -> None:
    search = gateway_search(Provider(), reader=FakeReader(RuntimeError("broken")))
    assert (await search(Query("varn"))).passages == RESULTS
    assert "pages could not be read" in caplog.text


@pytest.mark.parametrize(
    ("wanted", "bounds", "left"),
    [
        ((), (), ()),
        (("a.example",), (), ("a.example",)),
        ((), ("a.example",), ("a.example",)),
        (("a.example",), ("a.example",), ("a.example",)),
        (("docs.a.example",), ("a.example",), ("docs.a.example",)),
        (("a.example",), ("docs.a.example",), ("docs.a.example",)),
        (("a.example", "b.example"), ("b.example", "c.example"), ("b.example",)),
        (("https://www.A.example/x",), ("a.example",), ("a.example",)),
        (("aa.example",), ("a.example",), ()),
        (("a.example",), ("b.example",), ()),
        (("//",), ("b.example",), ()),
        (("encyclopedia",), ("a.example",), ()),
    ],
)
def test_both_lists_hold(wanted: tuple, bounds: tuple, left: tuple) -> None:
    assert within(wanted, bounds) == left


@pytest.mark.parametrize(
    ("rules", "wish", "hosts"),
    [
        ({}, {}, ["a.example", "docs.a.example", "b.example", "c.example"]),
        ({"denied_domains": ("a.example",)}, {}, ["b.example", "c.example"]),
        ({"allowed_domains": ("a.example",)}, {}, ["a.example", "docs.a.example"]),
        (
            {"allowed_domains": ("a.example",)},
            {"allowed_domains": ("docs.a.example", "b.example")},
            ["docs.a.example"],
        ),
        (
            {"denied_domains": ("b.example",)},
            {"denied_domains": ("docs.a.example",)},
            ["a.example", "c.example"],
        ),
        ({"denied_domains": ("a.example",)}, {"allowed_domains": ("a.example",)}, []),
    ],
)
async def test_the_operators_domains(rules: dict, wish: dict, hosts: list[str]) -> None:
    search = gateway_search(Provider(), reader=FakeReader(), **rules)
    outcome = await search(Query("varn", **wish))
    assert [passage.site for passage in outcome.passages] == hosts


async def test_a_request_cannot_ask_outside_of_them() -> None:
    provider = Provider()
    search = gateway_search(provider, allowed_domains=("a.example",))
    outcome = await search(Query("varn", allowed_domains=("b.example",)))
    assert (outcome.passages, outcome.failure) == ((), REFUSED)
    assert provider.asked == []


@pytest.mark.parametrize("log", ["off", "hashed", "plain"])
async def test_what_is_logged_of_a_query(log: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    search = gateway_search(Provider(), log=log)
    await search(Query("Who is  Orson Kovats?"))
    said = caplog.text
    assert ("Orson Kovats" in said) == (log == "plain")
    assert (hashed("who is orson kovats?") in said) == (log == "hashed")
    assert ("4 passages" in said) == (log != "off")


def test_a_hash_needs_the_salt() -> None:
    assert hashed("a") == hashed(" A ") != hashed("b")
    assert hashed("a", b"other") != hashed("a")


async def test_no_process_where_no_page_is_ever_read() -> None:
    ready = Provider("ready", passages=True)
    async with with_rules(
        Chain([ready]),
        [ready],
        rules=Rules(),
        pages=PageOptions(),
    ) as search:
        assert search._reader is None
        assert search.names == ("ready",)


async def test_a_guess_is_told_what_the_chain_will_be_asked() -> None:
    """Otherwise the search begun early would be one that nobody waits for."""

    class Told:
        queries: Sequence[Query] = ()

        def take(self, queries: Sequence[Query]) -> None:
            self.queries = queries

        def close(self) -> None:
            pass

    provider, told = Provider(), Told()
    search = gateway_search(provider, reader=FakeReader(), denied_domains=("b.example",))
    chain = search._search
    chain.foresee = lambda adapters, paid: told  # type: ignore[method-assign, assignment, return-value]
    query = Query("varn", limit=1)
    guess = search.foresee()
    guess.take([query])
    guess.close()
    await search(query)
    assert list(told.queries) == provider.asked
