"""All the network traffic of the search adapters: one call, bounded in time and in bytes.

    Backend.request(query) -> Call --[ here ]--> status, headers, body -> Backend.passages(...)

This is the one place that touches the HTTP library, so its exceptions are translated here, and
`from None`: they carry the request, and the request carries the key. Redirects are not followed,
for a key must not travel to another host.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import ClassVar

import httpx2

from search_adapters.backend import Backend, Call
from search_adapters.domains import host_of, only_allowed
from search_adapters.errors import BadReply, TimedOut, Unavailable
from search_adapters.protocol import Passage, Query

# It logs every URL at INFO. Queries are people's questions; they don't belong in a log.
logging.getLogger("httpx2").setLevel(logging.WARNING)

TIMEOUT = 5.0
"""Seconds for a whole call. The chain is stricter; this is for those who call an adapter alone."""
MAX_BYTES = 2 * 1024 * 1024
"""Ten results of any provider are under 100 kB; what is longer than this is not an answer."""
USER_AGENT = "orson-search/0.1"


class HttpAdapter:
    """A search adapter over a `Backend`. Subclasses name themselves and choose the backend."""

    name: ClassVar[str] = "http"
    max_query_chars: ClassVar[int] = 1000

    def __init__(
        self,
        backend: Backend,
        *,
        client: httpx2.AsyncClient | None = None,
        seconds: float = TIMEOUT,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """`client` replaces the adapter's own connections, and then stays the caller's to close."""
        self.backend = backend
        self._given = client
        self._own: httpx2.AsyncClient | None = None
        self._seconds = seconds
        self._max_bytes = max_bytes

    async def search(self, query: Query) -> tuple[Passage, ...]:
        """Ask the provider once. Errors are never retried here: the chain has other providers."""
        call = self.backend.request(query)
        status, headers, body = await self._exchange(call)
        return only_allowed(self.backend.passages(status, headers, body), query)

    async def aclose(self) -> None:
        """Close the connections this adapter opened."""
        own, self._own = self._own, None
        if own is not None:
            await own.aclose()

    async def _exchange(self, call: Call) -> tuple[int, Mapping[str, str], bytes]:
        """Send `call`; the status, the headers in lower case and the whole body."""
        where = host_of(call.url)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._read(call)
        except (TimeoutError, httpx2.TimeoutException):
            raise TimedOut(f"{where} did not answer in time") from None
        except httpx2.DecodingError:
            raise BadReply(f"{where} sent a body that can't be decompressed") from None
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            raise Unavailable(f"{where}: {type(error).__name__}") from None

    async def _read(self, call: Call) -> tuple[int, Mapping[str, str], bytes]:
        # httpx2's own timeouts are off: they are per read, and a slow drip would pass them all.
        async with self._client().stream(
            call.method,
            call.url,
            headers={"User-Agent": USER_AGENT, "Accept": "application/json", **call.headers},
            params=dict(call.params) or None,
            json=call.json,
            timeout=None,
            follow_redirects=False,
        ) as response:
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > self._max_bytes:
                    raise BadReply(f"{host_of(call.url)} sent more than {self._max_bytes} bytes")
            return response.status_code, response.headers, bytes(body)

    def _client(self) -> httpx2.AsyncClient:
        if self._given is not None:
            return self._given
        if self._own is None:
            # Made at the first search: loading certificates takes tens of milliseconds.
            self._own = httpx2.AsyncClient()
        return self._own
