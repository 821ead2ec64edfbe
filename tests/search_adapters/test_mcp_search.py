"""Any MCP server as a search provider: a real server of the SDK, in process and as a process."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from search_adapters import errors
from search_adapters.errors import MissingSetting, SearchError
from search_adapters.protocol import DateRange, Environment, Query
from search_adapters.providers.mcp_search import McpAdapter

mcp = pytest.importorskip("mcp", reason="orson[mcp]")
from mcp import Client  # noqa: E402
from mcp.server import MCPServer  # noqa: E402
from mcp.types import CallToolResult, TextContent  # noqa: E402

RESULTS = [
    {"title": "Varn", "url": "https://example.com/varn", "content": "Varn has 4,200 people."},
    {"title": "Light", "url": "https://example.org/light", "content": "Lit in 1871."},
]
LABELLED = """Detailed Results:

Title: Varn
URL: https://example.com/varn
Published Date: 2026-03-14T08:30:00Z
Text: Varn has 4,200 people.
It lies by the sea.

Title: Light
URL: https://example.org/light
Text: Lit in 1871.
"""
TOOL = {"MCP_SEARCH_TOOL": "search"}


def result(*texts: str, error: bool = False, structured: Any = None) -> CallToolResult:
    blocks: list[Any] = [TextContent(type="text", text=text) for text in texts]
    return CallToolResult(content=blocks, structured_content=structured, is_error=error)


class Stage:
    """A server with one tool that answers what it is told, and counts its sessions."""

    def __init__(self) -> None:
        self.answer: CallToolResult = result(json.dumps(RESULTS))
        self.asked: list[dict[str, Any]] = []
        self.sessions = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.arrived = asyncio.Semaphore(0)
        self.broken: Exception | None = None

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Client]:
        server = MCPServer("stage")

        async def search(query: str, count: int = 0) -> CallToolResult:
            self.asked.append({"query": query, "count": count})
            self.arrived.release()
            await self.gate.wait()
            return self.answer

        server.tool()(search)
        self.sessions += 1
        if self.broken is not None:
            raise self.broken
        async with Client(server) as client:
            yield client


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def ask(stage: Stage, query: Query | None = None, **settings: str) -> Any:
    adapter = McpAdapter({**TOOL, **settings}, connect=stage.connect)
    try:
        return await adapter.search(query or Query("varn"))
    finally:
        await adapter.aclose()


@pytest.mark.parametrize(
    "answer",
    [
        result(json.dumps(RESULTS)),
        result(json.dumps({"results": RESULTS})),
        result(*map(json.dumps, RESULTS)),
        result(LABELLED),
        result("ignored", structured={"results": RESULTS}),
        result("ignored", structured={"result": RESULTS}),
        result("ignored", structured={"result": json.dumps(RESULTS)}),
        result("ignored", structured={"result": LABELLED}),
    ],
)
async def test_results_in_every_form_servers_use(stage: Stage, answer: CallToolResult) -> None:
    stage.answer = answer
    varn, light = await ask(stage)
    assert (varn.title, varn.url, varn.site) == ("Varn", "https://example.com/varn", "example.com")
    assert varn.text.startswith("Varn has 4,200 people.")
    assert light.text == "Lit in 1871."


async def test_other_text_is_cited_as_the_tool(stage: Stage) -> None:
    stage.answer = result("The Varn lighthouse was lit in 1871.")
    (passage,) = await ask(stage)
    assert (passage.url, passage.site) == ("mcp://search", "search")


@pytest.mark.parametrize("answer", [result(), result(""), result("[]"), result('{"results": []}')])
async def test_nothing_found(stage: Stage, answer: CallToolResult) -> None:
    stage.answer = answer
    assert await ask(stage) == ()


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("Error: 429 Too Many Requests", errors.RateLimited),
        ("Your credits are used up", errors.QuotaExhausted),
        ("401 Unauthorized", errors.NotAuthorised),
        ("Something broke", errors.Unavailable),
        ("", errors.Unavailable),
    ],
)
async def test_a_tools_error_is_classed_by_its_words(
    stage: Stage, told: str, kind: type[SearchError]
) -> None:
    stage.answer = result(told, error=True)
    with pytest.raises(SearchError) as caught:
        await ask(stage)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (result('{"error": "the index is down"}'), errors.Unavailable),
        (result('{"hits": 3}'), errors.BadReply),
        (result('[{"name": "Varn"}]'), errors.BadReply),
    ],
)
async def test_a_good_status_may_be_a_failure(
    stage: Stage, answer: CallToolResult, kind: type[SearchError]
) -> None:
    stage.answer = answer
    with pytest.raises(kind):
        await ask(stage)


async def test_arguments_are_written_by_the_operator(stage: Stage) -> None:
    arguments = '{"query": "{query}", "count": "{limit}", "lang": "{language}"}'
    await ask(stage, Query("varn", limit=3), MCP_SEARCH_ARGUMENTS=arguments)
    assert stage.asked == [{"query": "varn", "count": 3}]


async def test_domains_and_days_are_kept_to(stage: Stage) -> None:
    assert [p.title for p in await ask(stage, Query("varn", allowed_domains=("example.org",)))] == [
        "Light"
    ]
    stage.answer = result(LABELLED)
    late = Query("varn", freshness=DateRange(since=date(2026, 3, 15)))
    assert [passage.title for passage in await ask(stage, late)] == ["Light"]


async def test_searches_share_a_session(stage: Stage) -> None:
    adapter = McpAdapter(TOOL, connect=stage.connect)
    await asyncio.gather(*(adapter.search(Query(f"varn {number}")) for number in range(5)))
    assert stage.sessions == 1
    assert len(stage.asked) == 5
    await adapter.aclose()
    await adapter.aclose()


async def test_one_leaver_does_not_end_the_session(stage: Stage) -> None:
    adapter = McpAdapter(TOOL, connect=stage.connect)
    stage.gate.clear()
    leaver = asyncio.create_task(adapter.search(Query("varn")))
    stayer = asyncio.create_task(adapter.search(Query("light")))
    for _ in range(2):
        await stage.arrived.acquire()
    leaver.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaver
    stage.gate.set()
    assert len(await stayer) == 2
    assert stage.sessions == 1
    await adapter.aclose()


async def test_a_broken_session_is_made_anew(stage: Stage) -> None:
    adapter = McpAdapter(TOOL, connect=stage.connect)
    stage.broken = ConnectionError("refused")
    with pytest.raises(errors.Unavailable, match="ConnectionError"):
        await adapter.search(Query("varn"))
    stage.broken = None
    assert len(await adapter.search(Query("varn"))) == 2
    await adapter.aclose()


async def test_a_tool_that_is_not_there(stage: Stage) -> None:
    with pytest.raises(SearchError):
        await ask(stage, MCP_SEARCH_TOOL="another")


SCRIPT = f"""
import json, os
from mcp.server import MCPServer
server = MCPServer("varn")

@server.tool()
def search(query: str) -> str:
    assert "TAVILY_API_KEY" not in os.environ
    return json.dumps({RESULTS!r})

server.run("stdio")
"""


async def test_a_server_that_is_started_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And that doesn't see the gateway's keys."""
    monkeypatch.setenv("TAVILY_API_KEY", "k")
    script = tmp_path / "server.py"
    script.write_text(SCRIPT)
    adapter = McpAdapter({**TOOL, "MCP_SEARCH_COMMAND": f"{sys.executable} {script}"})
    assert len(await adapter.search(Query("varn"))) == 2
    await adapter.aclose()


async def test_a_command_that_is_not_there() -> None:
    adapter = McpAdapter({**TOOL, "MCP_SEARCH_COMMAND": "/nowhere/server"})
    with pytest.raises(errors.Unavailable):
        await adapter.search(Query("varn"))
    await adapter.aclose()


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({}, "MCP_SEARCH_TOOL"),
        (TOOL, "MCP_SEARCH_URL"),
        ({**TOOL, "MCP_SEARCH_URL": "example.com"}, "MCP_SEARCH_URL"),
        ({**TOOL, "MCP_SEARCH_COMMAND": "sh 'open"}, "MCP_SEARCH_COMMAND"),
        ({**TOOL, "MCP_SEARCH_COMMAND": "x", "MCP_SEARCH_ARGUMENTS": "{"}, "MCP_SEARCH_ARGUMENTS"),
        (
            {**TOOL, "MCP_SEARCH_COMMAND": "x", "MCP_SEARCH_ARGUMENTS": '{"q": "{qeury}"}'},
            "MCP_SEARCH_ARGUMENTS",
        ),
        ({**TOOL, "MCP_SEARCH_COMMAND": "x", "MCP_SEARCH_LINK": "url |"}, "MCP_SEARCH_LINK"),
    ],
)
def test_settings(environment: Environment, variable: str) -> None:
    with pytest.raises(MissingSetting) as caught:
        McpAdapter(environment)
    assert caught.value.variable == variable


async def test_the_token_is_not_told(stage: Stage) -> None:
    secret = "t0ken-of-the-house"
    stage.answer = result(f"Bad token {secret}", error=True)
    environment = {**TOOL, "MCP_SEARCH_URL": "https://mcp.example", "MCP_SEARCH_TOKEN": secret}
    adapter = McpAdapter(environment)
    adapter._session._connect = stage.connect
    with pytest.raises(errors.NotAuthorised) as caught:
        await adapter.search(Query("varn"))
    assert secret not in str(caught.value)
    assert secret not in repr(adapter._server)
    await adapter.aclose()
