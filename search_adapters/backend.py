"""A provider spoken to over HTTP, as a pure pair: the request for a query, the passages of a reply.

Nothing here opens a socket; `http_adapter` does. So every provider can be tested as a table of
replies, and a key is in one place only: a `Call`, which doesn't show it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import quote

from search_adapters.protocol import Passage, Query, Traits

_SHORTEST_SECRET = 8
"""Characters: shorter header words are things like `Bearer` or `GB`."""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request to a provider. Its repr holds neither headers nor parameters: keys."""

    method: Literal["GET", "POST", "HEAD"]
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Mapping[str, Any] | None = field(default=None, repr=False)
    """The body of a POST."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Keys that stand elsewhere than in the headers, so that they can be kept out of errors."""

    def redact(self, text: str) -> str:
        """`text` without this call's secrets: providers quote a refused key, or the whole URL.

        Every longer word of a header counts as one, so an adapter that forgets to say is safe too.
        """
        words = [word for value in self.headers.values() for word in value.split()]
        for secret in sorted({*self.secrets, *words}, key=len, reverse=True):
            if len(secret) >= _SHORTEST_SECRET or secret in self.secrets:
                text = text.replace(secret, "***").replace(quote(secret), "***")
        return text


class Backend(Protocol):
    """One provider's dialect."""

    @property
    def traits(self) -> Traits:
        """What is true of this provider; a class attribute in most."""
        ...

    def request(self, query: Query) -> Call:
        """The request that asks this provider for `query`."""
        ...

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """What the reply holds, best first. Header names are in lower case.

        Raises:
            SearchError: the reply is a refusal, or can't be read.
        """
        ...
