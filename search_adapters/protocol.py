"""What a search adapter is: a question in, passages out. Imports nothing of ours.

An adapter is a *pure pair* with one thin method around it: a function that turns a `Query` into
an HTTP request (or a database query), a function that turns the reply into `Passage`s, and
`search`, which does the IO between them. Adapters raise the errors of `search_adapters.errors`
and nothing else on purpose; the chain turns those into values.

An adapter is found by its entry point in the group `orson.search_adapters`. The entry point names
a class (or any callable) taking one argument, the `Environment` the adapter may read its keys
from, and returning a `SearchAdapter`; it raises `MissingSetting` when a key is not there, so
that a gateway with a half-configured adapter refuses to start.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, runtime_checkable

Environment = Mapping[str, str]
"""Environment variables by name: where adapters read keys, addresses and paths."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question to a provider, with the limits the caller puts on it."""

    text: str
    """What to search for: one line, stripped, never empty."""
    limit: int = 5
    """The most passages wanted; an adapter may return fewer."""
    allowed_domains: tuple[str, ...] = ()
    """Hosts (with their subdomains) that results may come from; empty means any."""
    language: str | None = None
    """ISO 639-1 code the results should be in, e.g. `en`."""
    country: str | None = None
    """ISO 3166-1 alpha-2 code to search from, e.g. `GB`."""
    place: str | None = None
    """Where the user is, for providers that rank by it, e.g. `Leeds, England`."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text somebody else wrote, and where it stands."""

    title: str
    url: str
    text: str
    site: str = ""
    """Host or collection the passage comes from, e.g. `example.org` or `encyclopedia`."""
    date: str | None = None
    """ISO 8601 day of publication or last change, where the provider says."""
    metadata: Mapping[str, str] = field(default_factory=dict, compare=False)


@runtime_checkable
class SearchAdapter(Protocol):
    """A provider of passages. One instance serves all requests of a gateway, concurrently."""

    name: ClassVar[str]
    """The name of its entry point."""
    max_query_chars: ClassVar[int]
    """Longer queries are cut at a word boundary before they reach the adapter."""

    async def search(self, query: Query) -> tuple[Passage, ...]:
        """The best passages for `query`, best first; empty when the provider found nothing.

        Raises:
            SearchError: one of `search_adapters.errors`.
        """
        ...

    async def aclose(self) -> None:
        """Give back connections and files. Called once, when the gateway stops."""
        ...
