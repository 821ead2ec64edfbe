"""What every adapter must do, whoever wrote it. Real ones answer from their recorded page."""

import asyncio
import json
import logging
import tomllib
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import httpx2
import pytest
from dialects import DIALECTS, KEY, REPLIES, body
from local_files import encyclopedia
from mcp.types import CallToolResult, TextContent

from search_adapters import registry
from search_adapters.errors import BadReply, SearchError, TimedOut, Unavailable
from search_adapters.local import LocalAdapter
from search_adapters.mock import MockAdapter
from search_adapters.protocol import Passage, Query, SearchAdapter, Traits
from search_adapters.providers.ddgs_search import DdgsAdapter
from search_adapters.providers.mcp_search import McpAdapter

Make = Callable[[Path], SearchAdapter]


def client(name: str) -> httpx2.AsyncClient:
    page = body(name, "ok")
    return httpx2.AsyncClient(
        transport=httpx2.MockTransport(lambda request: httpx2.Response(200, content=page))
    )


def built(name: str, transport: httpx2.AsyncClient) -> SearchAdapter:
    """The adapter as its entry point names it, set to one dialect."""
    (point,) = entry_points(group=registry.GROUP, name=DIALECTS[name].adapter)
    adapter: SearchAdapter = point.load()(DIALECTS[name].environment, client=transport)
    return adapter


def ddgs() -> SearchAdapter:
    found = [
        {"title": "Varn", "href": f"https://{host}/varn", "body": "Varn has <b>4,200</b> people."}
        for host in ("example.com", "example.org", "example.net")
    ]
    return DdgsAdapter({}, text=lambda query, **options: found)


class Mcp:
    """A session with an MCP server, as far as the adapter uses one."""

    async def call_tool(self, tool: str, arguments: dict[str, Any]) -> CallToolResult:
        found = [
            {"title": "Varn", "url": f"https://{host}/varn", "text": "Varn is a town."}
            for host in ("example.com", "example.org", "example.net")
        ]
        return CallToolResult(content=[TextContent(type="text", text=json.dumps(found))])


@asynccontextmanager
async def mcp_session() -> AsyncIterator[Any]:
    yield Mcp()


ADAPTERS: dict[str, Make] = {
    "mock": lambda place: MockAdapter(),
    "local": lambda place: LocalAdapter(
        {"ORSON_DATA_DIR": str(place)}, articles=encyclopedia(place / "a.gz")
    ),
    "ddgs": lambda place: ddgs(),
    "mcp": lambda place: McpAdapter({"MCP_SEARCH_TOOL": "search"}, connect=mcp_session),
    **{
        f"{dialect.adapter} {name}": partial(lambda name, place: built(name, client(name)), name)
        for name, dialect in DIALECTS.items()
    },
}
ASK = Query("Velia", limit=5)


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> SearchAdapter:
    return ADAPTERS[request.param](tmp_path)


def test_the_installation_knows_the_adapters_of_this_code() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    written = project["entry-points"][registry.GROUP]
    stale = "entry points have changed since this was installed: pip install --no-deps -e ."
    assert written.items() <= registry.available().items(), stale


def test_every_built_in_adapter_is_tried_here() -> None:
    offered = {
        name for name, at in registry.available().items() if at.startswith("search_adapters.")
    }
    assert {name.split()[0] for name in ADAPTERS} == offered


async def test_it_is_an_adapter_of_its_entry_points_name(adapter: SearchAdapter) -> None:
    assert isinstance(adapter, SearchAdapter)
    assert adapter.name in registry.available()
    await adapter.aclose()


async def test_its_traits_are_whole(adapter: SearchAdapter) -> None:
    traits = adapter.traits
    assert isinstance(traits, Traits)
    assert 100 <= traits.max_query_chars <= 2000
    assert 1 <= traits.max_results <= 50
    assert traits.cache_seconds is None or traits.cache_seconds >= 0
    if traits.usd_per_1000 != 0:
        assert not traits.speculative
        assert traits.needs
        assert traits.source
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


async def test_denied_domains_hold(adapter: SearchAdapter) -> None:
    (first, *_) = await adapter.search(ASK)
    host = first.url.split("/")[2]
    for passage in await adapter.search(Query("Velia", denied_domains=(host,))):
        assert passage.url.split("/")[2] != host
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


each_dialect = pytest.mark.parametrize("name", DIALECTS)


def answering(answer: Callable[[httpx2.Request], httpx2.Response]) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.MockTransport(answer))


@each_dialect
@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (httpx2.ReadTimeout("slow"), TimedOut),
        (httpx2.ConnectError("refused"), Unavailable),
        (httpx2.RemoteProtocolError("hung up"), Unavailable),
        (httpx2.DecodingError("no gzip"), BadReply),
    ],
)
async def test_trouble_on_the_network(
    name: str, trouble: Exception, kind: type[SearchError]
) -> None:
    def fail(request: httpx2.Request) -> httpx2.Response:
        raise trouble

    with pytest.raises(kind):
        await built(name, answering(fail)).search(ASK)


@each_dialect
@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500])
async def test_a_provider_that_quotes_the_key_tells_it_to_nobody(
    name: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """In no error, no traceback and no log, at any level, wherever in the reply it stands."""
    caplog.set_level(logging.DEBUG)
    told = f"key {KEY} refused, see https://provider.example/?api_key={KEY}"
    reply = dict.fromkeys(("error", "message", "detail", "fault", "userMessage"), told)
    nested = {**reply, "error": {"message": told, "code": told, "detail": told, "info": told}}
    for shape in (reply, nested, {**nested, "detail": {"error": told}}, {"errors": [reply]}):
        page = json.dumps({**shape, "search_metadata": {"status": "Error"}, "_type": told})
        adapter = built(name, answering(lambda request: httpx2.Response(status, text=page)))  # noqa: B023
        with pytest.raises(SearchError) as caught:
            await adapter.search(ASK)
        if KEY in DIALECTS[name].environment.values():
            assert KEY not in "".join(traceback.format_exception(caught.value))
            assert KEY not in repr(caught.value)
    if KEY in DIALECTS[name].environment.values():
        assert KEY not in caplog.text


@each_dialect
async def test_an_operators_contract_changes_what_may_be_kept(name: str) -> None:
    dialect = DIALECTS[name]
    (point,) = entry_points(group=registry.GROUP, name=dialect.adapter)
    agreed = {**dialect.environment, f"ORSON_CACHE_{dialect.adapter.upper()}": "86400"}
    assert point.load()(agreed).traits.cache_seconds == 86400.0
