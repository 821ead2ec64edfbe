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
from urllib.parse import urlsplit

import httpx2

from search_adapters.backend import Backend, Call
from search_adapters.domains import host_of, only_allowed
from search_adapters.environment import with_contract
from search_adapters.errors import BadReply, SearchError, TimedOut, Unavailable
from search_adapters.propagation import TRACE_HEADERS
from search_adapters.protocol import Environment, Passage, Query, Traits

# It logs every URL at INFO. Queries are people's questions; they don't belong in a log.
logging.getLogger("httpx2").setLevel(logging.WARNING)

TIMEOUT = 5.0
"""Seconds for a whole call. The chain is stricter; this is for those who call an adapter alone."""
MAX_BYTES = 2 * 1024 * 1024
"""Ten results of any provider are under 100 kB; what is longer than this is not an answer."""
KEEPALIVE = 50.0
"""Seconds for which an idle connection is counted on; servers close theirs after 60 and more."""
USER_AGENT = "orson-search/0.1"


class HttpAdapter:
    """A search adapter over a `Backend`. Subclasses name themselves and choose the backend."""

    name: ClassVar[str] = "http"
    variants: ClassVar[Mapping[str, Traits]] = {}
    """The traits of each dialect it may be set to, by the backend's name."""
    traced: ClassVar[bool] = False
    """Whether the host is the operator's own, which may go on with the trace of a search."""

    def __init__(
        self,
        backend: Backend,
        environment: Environment | None = None,
        *,
        client: httpx2.AsyncClient | None = None,
        seconds: float = TIMEOUT,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """`client` replaces the adapter's own connections, and then stays the caller's to close.

        `environment` may say by ORSON_CACHE_NAME what the operator's contract lets be kept.
        """
        self.backend = backend
        self._traits = with_contract(environment or {}, self.name, backend.traits)
        self._given = client
        self._own: httpx2.AsyncClient | None = None
        self._used: float | None = None
        self._seconds = seconds
        self._max_bytes = max_bytes

    @property
    def traits(self) -> Traits:
        """The chosen backend's, with the operator's own contract."""
        return self._traits

    @property
    def variant(self) -> str:
        """The name of the chosen backend among `variants`."""
        chosen = self.backend.traits
        like = {name for name, traits in self.variants.items() if traits.needs == chosen.needs}
        same = {name for name, traits in self.variants.items() if traits == chosen}
        return next(iter(same or like), "")  # an option may have changed the price

    async def search(self, query: Query) -> tuple[Passage, ...]:
        """Ask the provider once. Errors are never retried here: the chain has other providers."""
        call = self.backend.request(query)
        status, headers, body = await self._exchange(call)
        try:
            passages = self.backend.passages(status, headers, body)
        except SearchError as error:
            # The message may quote the provider, and the provider our key. Its cause would too.
            raise type(error)(call.redact(str(error)), retry_after=error.retry_after) from None
        return only_allowed(passages, query)

    async def warm(self) -> None:
        """Open a connection to the provider, so that the next search finds one open.

        Asks the bare host for nothing (`HEAD /`), with no key and no query: providers count calls
        of their API, and this is none. Does nothing while a connection is likely to be open still.

        Raises:
            SearchError: the provider can't be reached.
        """
        now = asyncio.get_running_loop().time()
        if self._used is not None and now - self._used < KEEPALIVE:
            return
        call = self.backend.request(Query("warm"))
        parts = urlsplit(call.url)
        who = {name: said for name, said in call.headers.items() if name.lower() == "user-agent"}
        await self._exchange(Call("HEAD", f"{parts.scheme}://{parts.netloc}/", headers=who))

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
            headers={
                "User-Agent": USER_AGENT,
                "Accept": "application/json",
                **(TRACE_HEADERS.get() if self.traced else {}),
                **call.headers,
            },
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
            self._used = asyncio.get_running_loop().time()
            return response.status_code, response.headers, bytes(body)

    def _client(self) -> httpx2.AsyncClient:
        if self._given is not None:
            return self._given
        if self._own is None:
            # Made at the first search: loading certificates takes tens of milliseconds.
            limits = httpx2.Limits(keepalive_expiry=KEEPALIVE + 5)
            self._own = httpx2.AsyncClient(limits=limits)
        return self._own
