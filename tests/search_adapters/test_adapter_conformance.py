"""What every adapter must do, whoever wrote it. Real ones answer from their recorded page."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from local_files import encyclopedia

from search_adapters import registry
from search_adapters.bing import BingAdapter
from search_adapters.errors import SearchError
from search_adapters.google import GoogleAdapter
from search_adapters.local import LocalAdapter
from search_adapters.mock import MockAdapter
from search_adapters.protocol import Passage, Query, SearchAdapter

REPLIES = Path(__file__).with_name("replies")
Make = Callable[[Path], SearchAdapter]


def client(backend: str) -> httpx2.AsyncClient:
    page = (REPLIES / backend / "ok.json").read_bytes()
    return httpx2.AsyncClient(
        transport=httpx2.MockTransport(lambda request: httpx2.Response(200, content=page))
    )


V7 = {"BING_API_KEY": "k", "BING_BACKEND": "v7", "BING_BASE_URL": "https://bing.example"}
CSE = {"GOOGLE_API_KEY": "k", "GOOGLE_CSE_ID": "e", "GOOGLE_BASE_URL": "https://cse.example"}
ADAPTERS: dict[str, Make] = {
    "mock": lambda place: MockAdapter(),
    "local": lambda place: LocalAdapter(
        {"ORSON_DATA_DIR": str(place)}, articles=encyclopedia(place / "a.gz")
    ),
    "bing webiq": lambda place: BingAdapter({"BING_API_KEY": "k"}, client=client("web_iq")),
    "bing v7": lambda place: BingAdapter(V7, client=client("bing_v7")),
    "google cse": lambda place: GoogleAdapter(CSE, client=client("custom_search")),
    "google serper": lambda place: GoogleAdapter({"SERPER_API_KEY": "k"}, client=client("serper")),
}
ASK = Query("Velia", limit=5)


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> SearchAdapter:
    return ADAPTERS[request.param](tmp_path)


def test_every_built_in_adapter_is_tried_here() -> None:
    offered = {
        name for name, at in registry.available().items() if at.startswith("search_adapters.")
    }
    assert {name.split()[0] for name in ADAPTERS} == offered


async def test_it_is_an_adapter_of_its_entry_points_name(adapter: SearchAdapter) -> None:
    assert isinstance(adapter, SearchAdapter)
    assert adapter.name in registry.available()
    assert adapter.max_query_chars >= 100
    await adapter.aclose()


async def test_passages_are_complete_and_plain(adapter: SearchAdapter) -> None:
    passages = await adapter.search(ASK)
    assert isinstance(passages, tuple)
    assert passages
    for passage in passages:
        assert isinstance(passage, Passage)
        assert passage.title.strip()
        assert passage.text.strip()
        assert passage.site
        assert "://" in passage.url
        assert passage.date is None or len(passage.date) == 10
        assert "<b>" not in passage.text + passage.title
    await adapter.aclose()


async def test_the_limit_holds(adapter: SearchAdapter) -> None:
    assert len(await adapter.search(Query("Velia", limit=1))) == 1
    await adapter.aclose()


async def test_allowed_domains_hold(adapter: SearchAdapter) -> None:
    (first, *_) = await adapter.search(ASK)
    host = first.url.split("/")[2]
    for passage in await adapter.search(Query("Velia", allowed_domains=(host,))):
        assert passage.url.split("/")[2] == host
    await adapter.aclose()


async def test_searches_run_side_by_side(adapter: SearchAdapter) -> None:
    alone = await adapter.search(ASK)
    assert await asyncio.gather(*(adapter.search(ASK) for _ in range(4))) == [alone] * 4
    await adapter.aclose()


@pytest.mark.parametrize("text", ['c++ "AND" col:x NEAR(', "👩‍🚀", "\x00", "灯台", "x" * 400])
async def test_odd_queries_are_answered_or_refused(adapter: SearchAdapter, text: str) -> None:
    try:
        await adapter.search(Query(text, language="en", country="GB"))
    except SearchError:
        pass
    finally:
        await adapter.aclose()


async def test_it_can_be_closed_unused_and_twice(adapter: SearchAdapter) -> None:
    await adapter.aclose()
    await adapter.aclose()


def test_recorded_pages_hold_no_real_address() -> None:
    for file in REPLIES.glob("*/ok.json"):
        for word in json.dumps(json.loads(file.read_bytes())).split('"'):
            if word.startswith("http"):
                assert "example" in word.split("/")[2], word
