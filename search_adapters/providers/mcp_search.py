"""Any MCP server with a search tool, local or remote. Needs the `mcp` package: `orson[mcp]`.

MCP_SEARCH_URL         the server's address (streamable HTTP)
MCP_SEARCH_COMMAND     or the command that starts one, which is spoken to by stdio
MCP_SEARCH_TOOL        the tool to call; no other is, whatever the server offers
MCP_SEARCH_ARGUMENTS   its arguments as JSON; {"query": "{query}"} by default, see `templates`
MCP_SEARCH_TOKEN       a bearer token for the address
MCP_SEARCH_RESULTS, _TITLE, _LINK, _TEXT, _DATE, _ERROR   JMESPath, see `json_mapping`
MCP_SEARCH_MAX_RESULTS, MCP_SEARCH_PASSAGES   as for the `http` adapter

What the server says of its tools is never shown to the model: only passages are. A command gets
its own small environment and not the gateway's, which holds keys. https://modelcontextprotocol.io
"""

import asyncio
import importlib.util
import logging
import shlex
from collections.abc import Mapping
from typing import Any, ClassVar

from search_adapters.domains import only_allowed, wanted
from search_adapters.environment import address, count, needed, secret, switch, with_contract
from search_adapters.errors import MissingSetting, SearchError, TimedOut
from search_adapters.freshness import today
from search_adapters.json_mapping import JsonMapping
from search_adapters.protocol import Environment, Passage, Query, Traits
from search_adapters.providers.json_api import honoured, json_setting
from search_adapters.providers.mcp_reply import failure, passages
from search_adapters.providers.mcp_session import Connect, McpSession, Server, connecting
from search_adapters.templates import filled, unknown, uses, values

# It logs each request at INFO.
logging.getLogger("mcp").setLevel(logging.WARNING)

SECONDS = 10.0
"""For connecting and one call; the chain is stricter."""
DEFAULT_ARGUMENTS: Mapping[str, Any] = {"query": "{query}"}


class McpAdapter:
    """Calls one tool of one server, and reads passages out of whatever form it answers in."""

    name: ClassVar[str] = "mcp"
    traits: Traits = Traits(
        usd_per_1000=None,
        cache_seconds=0.0,
        needs=("MCP_SEARCH_URL or MCP_SEARCH_COMMAND", "MCP_SEARCH_TOOL"),
        source="you know its terms: ORSON_CACHE_MCP",
    )

    def __init__(self, environment: Environment, *, connect: Connect | None = None) -> None:
        """`connect` replaces the environment's server. Connects at the first search.

        Raises:
            MissingSetting: the package, the server or the tool is missing, or a template is wrong.
        """
        if importlib.util.find_spec("mcp") is None:
            raise MissingSetting(self.name, "the mcp package", "pip install 'orson[mcp]'")
        self._tool = needed(environment, self.name, "MCP_SEARCH_TOOL", "the tool to call")
        self._arguments = _arguments(environment, self.name)
        self._mapping = JsonMapping.from_environment(environment, self.name, "MCP_SEARCH")
        traits = Traits(
            max_query_chars=400,
            max_results=count(environment, self.name, "MCP_SEARCH_MAX_RESULTS") or 10,
            returns_passages=switch(environment, self.name, "MCP_SEARCH_PASSAGES", False),
            usd_per_1000=None,
            cache_seconds=0.0,
            honours=honoured(self._arguments),
            needs=type(self).traits.needs,
            source=type(self).traits.source,
        )
        self.traits = with_contract(environment, self.name, traits)
        self._server = Server() if connect else _server(environment, self.name)
        self._session = McpSession(connect or connecting(self._server))

    async def search(self, query: Query) -> tuple[Passage, ...]:
        """Call the tool once."""
        arguments = filled(self._arguments, values(query, wanted(query, self.traits), "", today()))
        try:
            async with asyncio.timeout(SECONDS):
                result = await self._session.call(self._tool, arguments)
            if result.is_error:
                raise failure(result)
            found = passages(result, self._mapping, self._tool)
        except TimeoutError:
            raise TimedOut(f"no answer within {SECONDS:.0f} s") from None
        except SearchError as error:
            # The server may quote the token it was sent.
            message = self._server.redact(str(error))
            raise type(error)(message, retry_after=error.retry_after) from None
        return only_allowed(found, query)

    async def aclose(self) -> None:
        """End the session, and the server if it was started here."""
        await self._session.aclose()


def _arguments(environment: Environment, name: str) -> Mapping[str, Any]:
    arguments = json_setting(environment, name, "MCP_SEARCH_ARGUMENTS") or DEFAULT_ARGUMENTS
    if (strange := unknown(arguments)) or not uses(arguments, "query"):
        problem = f"nothing stands for {{{strange[0]}}}" if strange else "with {query} in it"
        raise MissingSetting(name, "MCP_SEARCH_ARGUMENTS", problem)
    return arguments


def _server(environment: Environment, name: str) -> Server:
    url = address(environment, name, "MCP_SEARCH_URL")
    if url:
        token = ""
        if environment.get("MCP_SEARCH_TOKEN"):
            token = secret(environment, name, "MCP_SEARCH_TOKEN", "a bearer token")
        return Server(url=url, token=token)
    command = environment.get("MCP_SEARCH_COMMAND", "").strip()
    if not command:
        raise MissingSetting(name, "MCP_SEARCH_URL", "or MCP_SEARCH_COMMAND")
    try:
        return Server(command=tuple(shlex.split(command)))
    except ValueError as error:
        raise MissingSetting(name, "MCP_SEARCH_COMMAND", str(error)) from None
