"""A provider spoken to over HTTP, as a pure pair: the request for a query, the passages of a reply.

Nothing here opens a socket; `http_adapter` does. So every provider can be tested as a table of
replies, and a key is in one place only: a `Call`, which doesn't show it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from search_adapters.protocol import Passage, Query


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request to a provider. Its repr holds neither headers nor parameters: keys."""

    method: Literal["GET", "POST"]
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Mapping[str, Any] | None = field(default=None, repr=False)
    """The body of a POST."""


class Backend(Protocol):
    """One provider's dialect."""

    max_query_chars: ClassVar[int]

    def request(self, query: Query) -> Call:
        """The request that asks this provider for `query`."""
        ...

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """What the reply holds, best first. Header names are in lower case.

        Raises:
            SearchError: the reply is a refusal, or can't be read.
        """
        ...
