"""What a client sees of searches begun early and of results kept, through a whole gateway."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import pytest

from search_adapters.mock import MockAdapter
from search_adapters.protocol import Passage, Query, Traits
from tests.api.stage import Engine, Gateway, passage

MODEL = "scripted"
ASKED: Any = [{"role": "user", "content": "Who is Orson Kovats?"}]
LOOKED_UP = ("[SEARCH_START] Orson Kovats[SEARCH_END]", " He wrote [1].")

Own = Callable[..., tuple[Engine, Gateway]]


class Keepable(MockAdapter):
    """A mock whose results are worth keeping."""

    traits: ClassVar[Traits] = Traits(returns_passages=True)

    def __init__(self, *passages: Passage) -> None:
        super().__init__()
        self.passages = passages

    async def search(self, query: Query) -> tuple[Passage, ...]:
        self.history.append(query)
        return self.passages


def finished(gateway: Gateway, **options: Any) -> tuple[dict[str, Any], Any]:
    """The search's end as the client is told it, and the usage."""
    completion = gateway.client().chat.completions.create(model=MODEL, messages=ASKED, **options)
    (search,) = completion.search  # type: ignore[attr-defined]
    return search, completion.usage


def test_a_search_begun_while_the_model_writes(own: Own) -> None:
    # A token a second: the query stands for a second before the end marker.
    provider = MockAdapter(delay=0.5)
    _, gateway = own(LOOKED_UP, engine={"rate": 1.0}, search=provider, search_early="free")
    search, usage = finished(gateway)
    assert gateway.search.history[-1].text == "Orson Kovats"
    texts: Sequence[str] = [query.text for query in gateway.search.history]
    assert texts.count("Orson Kovats") == 1  # what was begun early is what was used
    assert search["hidden_ms"] >= 495
    assert search["elapsed_ms"] < 500  # nobody waited through another search
    assert usage.search_hidden_ms == search["hidden_ms"]
    assert gateway.metric("orson_search_hidden_seconds_count") == 1


def test_without_it_nothing_is_searched_before_the_query_is_complete(own: Own) -> None:
    _, gateway = own(LOOKED_UP, search=MockAdapter())
    search, _ = finished(gateway)
    assert search["hidden_ms"] == 0
    assert [query.text for query in gateway.search.history] == ["Orson Kovats"]


def test_a_result_is_kept_and_cache_control_is_honoured(own: Own) -> None:
    provider = Keepable(passage(1))
    _, gateway = own(*[LOOKED_UP] * 5, search=provider)
    asked = 0
    for header, cached, calls in [
        ("", None, 1),
        ("", "fresh", 0),
        ("no-cache", None, 1),
        ("no-store", None, 1),
        ("", "fresh", 0),
    ]:
        headers = {"Cache-Control": header} if header else {}
        search, _ = finished(gateway, extra_headers=headers)
        asked += calls
        assert search["cached"] == cached
        assert [result["url"] for result in search["results"]] == ["https://example.org/1"]
        assert len(provider.history) == asked
    assert gateway.metric("orson_search_cache_total") == 5


def test_a_redis_that_is_gone_costs_only_the_cache(own: Own) -> None:
    provider = Keepable(passage(1))
    _, gateway = own(*[LOOKED_UP] * 2, search=provider, redis_url="redis://127.0.0.1:1", open=True)
    for _ in range(2):
        search, _ = finished(gateway)
        assert (search["failure"], search["cached"]) == (None, None)
    assert len(provider.history) == 2


@pytest.mark.parametrize("seconds", [0, 900])
def test_the_cache_can_be_switched_off(own: Own, seconds: int) -> None:
    provider = Keepable(passage(2))
    _, gateway = own(
        *[("[SEARCH_START] off and on[SEARCH_END]", " So.")] * 2,
        search=provider,
        search_cache_seconds=seconds,
    )
    finished(gateway)
    search, _ = finished(gateway)
    assert search["cached"] == ("fresh" if seconds else None)
