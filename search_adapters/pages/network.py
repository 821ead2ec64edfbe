"""Connections that reach public addresses only: what is checked is what is connected to.

    name -> every address it resolves to -> all public? -> connect to that number

One look-up per connection: there is no second one that could say something else. The name goes on
as the TLS server name and the Host header, so certificates are verified against it as ever.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpcore2

from search_adapters.pages.addresses import is_public
from search_adapters.pages.refusal import NotPublic, Refused

PORTS = (80, 443)
"""Where web pages are. Other ports are where other things listen."""
_TRIES = 3
"""Addresses of one name that are tried."""
_RESOLVERS = 16
"""Look-ups at a time, in threads of their own: names that hang must not hold up other work."""

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Numeric addresses of a host name; OSError when there are none."""


class SystemResolver:
    """The machine's own look-up, in threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="page-resolver")

    async def __call__(self, host: str, port: int) -> list[str]:
        """All addresses, IPv4 first: where only one of the two works, it is that one."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        found.sort(key=lambda entry: entry[0] != socket.AF_INET)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    def close(self) -> None:
        """Wait for nobody: a look-up that hangs ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class PublicNetwork(httpcore2.AsyncNetworkBackend):
    """A network in which only the public internet exists."""

    def __init__(
        self, resolve: Resolve, network: httpcore2.AsyncNetworkBackend | None = None
    ) -> None:
        """`network` makes the connections; it is only ever given checked numeric addresses."""
        self._resolve = resolve
        self._network = network or httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to a checked address. Raises NotPublic, Refused, and what httpcore2 does."""
        if port not in PORTS:
            raise NotPublic(f"port {port} is not one of the web's")
        try:
            addresses = await self._resolve(host.strip("[]"), port)
        except (OSError, UnicodeError):
            raise Refused("no such host") from None
        if not addresses:
            raise Refused("no such host")
        # One inside is enough: a name that has both is built to get past those who check one.
        if not all(is_public(address) for address in addresses):
            raise NotPublic("the host's address is not public")
        failure: Exception | None = None
        for address in addresses[:_TRIES]:
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        assert failure is not None
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's)
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Refused: no page lives in a file."""
        raise NotPublic("not a network address")

    async def sleep(self, seconds: float) -> None:
        """Wait between tries, which httpcore2 makes only when told to."""
        await self._network.sleep(seconds)
