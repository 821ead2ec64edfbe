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
from datetime import date
from typing import ClassVar, Literal, Protocol, runtime_checkable

Environment = Mapping[str, str]
"""Environment variables by name: where adapters read keys, addresses and paths."""

Wish = Literal["language", "country", "freshness", "allowed_domains", "denied_domains", "place"]
"""A part of a `Query` beside its text and limit, by its field's name."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days that results must be from, both ends included; an end that is None is open."""

    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a range that holds no day."""
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"no day is after {self.since} and before {self.until}")


Caching = Literal["use", "refresh", "off"]
"""What may be done with results from before: use them; ask again and keep what comes; neither."""

Freshness = Literal["day", "week", "month", "year"] | DateRange
"""How new results should be. A word is a wish: providers that know such a thing are asked for it.
A range is a rule: results that say that they are from another day are left out as well."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question to a provider, with the limits the caller puts on it."""

    text: str
    """What to search for: one line, stripped, never empty."""
    limit: int = 5
    """The most passages wanted; an adapter may return fewer."""
    allowed_domains: tuple[str, ...] = ()
    """Hosts (with their subdomains) that results may come from; empty means any."""
    denied_domains: tuple[str, ...] = ()
    """Hosts (with their subdomains) that no result may come from; a host in both is denied."""
    freshness: Freshness | None = None
    """How new the results should be; None means of any age."""
    language: str | None = None
    """ISO 639-1 code the results should be in, e.g. `en`."""
    country: str | None = None
    """ISO 3166-1 alpha-2 code to search from, e.g. `GB`."""
    place: str | None = None
    """Where the user is, for providers that rank by it, e.g. `Leeds, England`."""
    caching: Caching = "use"
    """The chain's affair, as is the next; providers are not told."""
    seconds: float | None = None
    """Less time than the chain's own deadline, when the caller has used up a part of it."""
    question: str = field(default="", compare=False, repr=False)
    """What the user asked, in the user's words. It ranks passages here and is sent to no provider;
    two queries that differ only in it are the same query."""


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


@dataclass(frozen=True, slots=True)
class Traits:
    """What is true of a provider whatever the query: its limits, its price, its terms.

    The chain decides by these what to cut, whether to fetch pages, what may be kept and for how
    long, and which calls may be made on a guess. A price or a term is a snapshot; `source` says
    of what and when.
    """

    max_query_chars: int = 400
    """Longer queries are cut at a word boundary before they reach the adapter."""
    max_query_words: int | None = None
    """The same in words, where the provider counts those too."""
    max_results: int = 10
    """The most passages one call brings; a larger limit is lowered to this."""
    returns_passages: bool = False
    """Its texts are pieces of the pages themselves, long enough to answer from, so fetching the
    pages is not needed; False when they are a search engine's snippets of a line or two."""
    usd_per_1000: float | None = 0.0
    """US dollars for a thousand calls at the list price; 0 when free, None when unpublished."""
    cache_seconds: float | None = None
    """The longest that its terms let a result be kept; 0 forbids it, None sets no bound."""
    worth_caching: bool = True
    """False where asking again is as cheap as looking up what was kept, and sees what is new."""
    speculative: bool = False
    """A call whose result is thrown away costs nobody anything: it may be made on a guess."""
    honours: frozenset[Wish] = frozenset()
    """The parts of a query that reach the provider in its own notation. Domains and date ranges
    are checked on what comes back for every adapter; other parts it doesn't know are dropped."""
    needs: tuple[str, ...] = ()
    """Environment variables it can't do without."""
    source: str = ""
    """Where price and terms were read, and when, e.g. `example.com/pricing, 2026-11`."""


@runtime_checkable
class SearchAdapter(Protocol):
    """A provider of passages. One instance serves all requests of a gateway, concurrently."""

    name: ClassVar[str]
    """The name of its entry point."""

    @property
    def traits(self) -> Traits:
        """What is true of this provider; the same for the adapter's whole life. A class attribute
        where one class speaks to one provider, which also lets `orson adapters` show it unset."""
        ...

    async def search(self, query: Query) -> tuple[Passage, ...]:
        """The best passages for `query`, best first; empty when the provider found nothing.

        Raises:
            SearchError: one of `search_adapters.errors`.
        """
        ...

    async def aclose(self) -> None:
        """Give back connections and files. Called once, when the gateway stops."""
        ...
