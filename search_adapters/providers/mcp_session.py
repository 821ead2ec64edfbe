"""One session with an MCP server, shared by all searches and made anew when it broke.

The library wants a session opened and closed by the same task, so a task of its own holds it; the
calls of many searches go through it side by side.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from search_adapters.errors import BadQuery, Unavailable

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult

logger = logging.getLogger(__name__)

_INVALID_PARAMS = -32602
"""JSON-RPC's code for arguments that the tool doesn't take."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is, or how to start one."""

    url: str = ""
    command: tuple[str, ...] = ()
    token: str = field(default="", repr=False)

    def redact(self, text: str) -> str:
        """`text` without the token."""
        return text.replace(self.token, "***") if self.token else text


Connect = Callable[[], AbstractAsyncContextManager["Client"]]
"""Opens a session anew."""


class McpSession:
    """Calls tools of one server."""

    def __init__(self, connect: Connect) -> None:
        """Nothing is opened yet."""
        self._connect = connect
        self._holder: asyncio.Task[None] | None = None
        self._client: asyncio.Future[Client] | None = None
        self._end = asyncio.Event()

    async def call(self, tool: str, arguments: dict[str, Any]) -> "CallToolResult":
        """The tool's result, which may be an error of its own.

        Raises:
            BadQuery: the tool doesn't take these arguments.
            Unavailable: the server can't be reached or started, or hung up.
        """
        from mcp import MCPError  # takes more than a second; only who uses it pays

        try:
            client = await self._connected()
            return await client.call_tool(tool, arguments)
        except MCPError as error:
            if error.code == _INVALID_PARAMS:
                raise BadQuery(str(error)[:200]) from None
            await self._hang_up()
            raise Unavailable(str(error)[:200]) from None
        except Exception as error:
            await self._hang_up()
            raise Unavailable(type(_first(error)).__name__) from None

    async def aclose(self) -> None:
        """End the session."""
        await self._hang_up()

    async def _connected(self) -> "Client":
        if self._holder is None or self._holder.done() or self._client is None:
            self._end = asyncio.Event()
            self._client = asyncio.get_running_loop().create_future()
            self._holder = asyncio.create_task(self._hold(self._client, self._end), name="mcp")
        # A search that gives up must not end the session for the others.
        return await asyncio.shield(self._client)

    async def _hold(self, opened: "asyncio.Future[Client]", end: asyncio.Event) -> None:
        try:
            async with self._connect() as client:
                opened.set_result(client)
                await end.wait()
        except Exception as error:
            if opened.done():
                logger.warning("MCP session ended: %s", type(_first(error)).__name__)
            else:
                opened.set_exception(error)
                opened.exception()  # seen, also when nobody waits any more
        finally:
            opened.cancel()

    async def _hang_up(self) -> None:
        holder, self._holder = self._holder, None
        if holder is None:
            return
        self._end.set()
        if self._client is not None and not self._client.done():
            holder.cancel()  # still connecting
        await asyncio.wait({holder})


def connecting(server: Server) -> Connect:
    """How to open a session with `server`: over HTTP, or with a process started for it."""

    @asynccontextmanager
    async def connect() -> AsyncIterator["Client"]:
        import httpx2
        from mcp import Client, StdioServerParameters
        from mcp.client.streamable_http import streamable_http_client

        if server.command:
            program, *arguments = server.command
            async with Client(StdioServerParameters(command=program, args=arguments)) as client:
                yield client
            return
        headers = {"Authorization": f"Bearer {server.token}"} if server.token else {}
        async with (
            httpx2.AsyncClient(headers=headers, follow_redirects=False) as http,
            Client(streamable_http_client(server.url, http_client=http)) as client,
        ):
            yield client

    return connect


def _first(error: BaseException) -> BaseException:
    """What went wrong inside a group of errors that tasks raised together."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
