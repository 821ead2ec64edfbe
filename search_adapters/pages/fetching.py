"""Fetching one page: what is asked for, how far redirects lead, and how much is taken.

httpcore2 is used without the client above it: there is nothing here that keeps cookies, reads
proxies or `.netrc` from the environment, follows redirects by itself, or decompresses. Bytes are
passed on as they came; making text of them is the business of another process (see `worker`).
"""

import logging
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

import httpcore2
import httpx2

from search_adapters.pages.network import PORTS, PublicNetwork
from search_adapters.pages.refusal import NotPublic, Refused

# At DEBUG it logs every request. Which pages are read tells what somebody looked for.
logging.getLogger("httpcore2").setLevel(logging.WARNING)

MAX_BYTES = 4 * 1024 * 1024
"""Of a body as it travels. Pages have a tenth of that, papers in PDF about as much."""
MAX_REDIRECTS = 4
MAX_URL = 2048
CONNECTIONS = 32
USER_AGENT = "Mozilla/5.0 (compatible; OrsonReader/0.1)"

_TYPES = (
    "text/html",
    "application/xhtml+xml",
    "text/plain",
    "text/markdown",
    "application/pdf",
    "",
)
_ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")


_AUTHORITY = re.compile(r"//|[/?#]")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as it travelled."""

    url: str
    """Where it was in the end, after redirects."""
    type: str
    """Media type without parameters, in lower case; empty when the server says none."""
    charset: str
    """As the header says; may be empty or wrong."""
    encoding: str
    """`gzip`, `deflate` or empty."""
    body: bytes
    whole: bool
    """False when there was more than is taken."""


def target(url: str) -> httpx2.URL:
    """The URL to be asked for, checked in what can be checked without looking anything up.

    Raises:
        Refused: not http(s), another port, a user name in it, no host, or no URL at all.
    """
    if len(url) > MAX_URL:
        raise Refused("the address is too long")
    if any(char <= " " or char == "\\" or char == "\x7f" for char in url.strip(" ")):
        # Browsers and libraries disagree on what these mean, and so on which host is meant.
        raise Refused("not a web address")
    try:
        parsed = httpx2.URL(url.strip(" "))
        host = parsed.raw_host.decode("ascii")
    except (httpx2.InvalidURL, UnicodeError, ValueError):
        raise Refused("not a web address") from None
    if parsed.scheme not in ("http", "https"):
        raise Refused("only http and https are fetched")
    if not host.strip(".[]"):
        raise Refused("not a web address")
    if parsed.userinfo or "@" in _AUTHORITY.split(url, maxsplit=2)[1]:
        raise Refused("an address with a user name is not fetched")
    if parsed.port is not None and parsed.port not in PORTS:
        raise NotPublic(f"port {parsed.port} is not one of the web's")
    return parsed.copy_with(fragment=None)


class Fetcher:
    """Fetches pages from the public internet. One instance serves all searches."""

    def __init__(
        self,
        network: PublicNetwork,
        ssl_context: ssl.SSLContext | None = None,
        *,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl_context or httpcore2.default_ssl_context(),
            network_backend=network,
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS // 2,
            keepalive_expiry=15.0,
        )
        self._max_bytes = max_bytes

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def __call__(
        self, url: str, *, language: str = "", allows: Callable[[str], bool] = lambda url: True
    ) -> Fetched:
        """The page at `url`. Bounded in bytes; the caller bounds the time by cancelling.

        Args:
            url: as a search result or a person gave it.
            language: ISO code of what is wanted.
            allows: whether a URL may be read; asked for each hop, the first included.

        Raises:
            Refused: it may not be read, or can't be.
        """
        for _ in range(MAX_REDIRECTS + 1):
            checked = target(url)
            if not allows(str(checked)):
                raise Refused("the domain is not allowed")
            try:
                fetched = await self._hop(checked, language)
            except (httpcore2.TimeoutException, TimeoutError):
                raise Refused("no answer in time") from None
            except httpcore2.ConnectError as error:
                raise Refused(_connect_trouble(error)) from None
            except (httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError):
                raise Refused("the connection broke off") from None
            except httpcore2.UnsupportedProtocol:
                raise Refused("only http and https are fetched") from None
            if isinstance(fetched, Fetched):
                return fetched
            url = fetched
        raise Refused(f"more than {MAX_REDIRECTS} redirects")

    async def _hop(self, url: httpx2.URL, language: str) -> Fetched | str:
        """The page, or the URL it redirects to."""
        headers = [
            (b"Host", url.netloc),
            (b"User-Agent", USER_AGENT.encode()),
            (b"Accept", b"text/html,application/xhtml+xml,text/plain;q=0.8,application/pdf;q=0.7"),
            (b"Accept-Encoding", b"gzip, deflate"),
        ]
        if language.isalpha() and language.isascii():
            headers.append((b"Accept-Language", f"{language}, *;q=0.5".encode()))
        request_url = httpcore2.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        async with self._pool.stream("GET", request_url, headers=headers) as response:
            said = {name.lower(): value for name, value in response.headers}
            if response.status in (301, 302, 303, 307, 308):
                location = said.get(b"location", b"").decode("utf-8", "replace")
                if not location:
                    raise Refused("a redirect to nowhere")
                try:
                    return urljoin(str(url), location)
                except ValueError:
                    raise Refused("a redirect to nowhere") from None
            if response.status not in (200, 203):
                raise Refused(f"the server answered {response.status}")
            type_, _, rest = said.get(b"content-type", b"").decode("latin-1").partition(";")
            type_ = type_.strip().lower()
            if type_ not in _TYPES:
                raise Refused("not a page of text")
            encoding = said.get(b"content-encoding", b"").decode("latin-1").strip().lower()
            if encoding not in _ENCODINGS:
                raise Refused("an encoding that was not asked for")
            body, whole = bytearray(), True
            async for piece in response.aiter_stream():
                body += piece
                if len(body) >= self._max_bytes:
                    del body[self._max_bytes :]
                    whole = False
                    break
        return Fetched(
            url=str(url),
            type=type_,
            charset=_charset(rest),
            encoding=encoding.removeprefix("x-").replace("identity", ""),
            body=bytes(body),
            whole=whole,
        )


def _charset(parameters: str) -> str:
    for part in parameters.split(";"):
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")[:40]
    return ""


def _connect_trouble(error: Exception) -> str:
    """Certificate trouble is said as such; the rest is a host that isn't there."""
    return "the certificate is not valid" if "certificate" in str(error).lower() else "unreachable"
