"""Free search by reading the result pages of public engines, through the `ddgs` package. Opt-in.

DDGS_BACKEND    the engines, with commas between; `auto` (default) takes them in turn

`pip install 'orson[ddgs]'`. No key, no contract and no promise: engines block whoever asks often,
and their terms may forbid it. "No results" from it mostly means that it was blocked, so it is
told as a failure: that nobody knows would be a guess. https://github.com/deedy5/ddgs
"""

import asyncio
import importlib
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from search_adapters.domains import fit, host_of, only_allowed, wanted, with_sites
from search_adapters.environment import with_contract
from search_adapters.errors import (
    BadReply,
    MissingSetting,
    RateLimited,
    SearchError,
    TimedOut,
    Unavailable,
)
from search_adapters.freshness import as_word, today
from search_adapters.protocol import Environment, Passage, Query, Traits
from search_adapters.replies import each, plain

SECONDS = 5
SIDE_BY_SIDE = 4
"""Threads that may wait for engines at a time; more would only be blocked sooner."""

Text = Callable[..., list[dict[str, Any]]]
"""`DDGS.text`: a query and keyword options to results with title, href and body."""

_UNSPOKEN = {"GB": "uk"}


class DdgsAdapter:
    """Searches through `ddgs`, in threads: it blocks."""

    name: ClassVar[str] = "ddgs"
    traits: Traits = Traits(
        max_query_chars=400,
        max_results=20,
        cache_seconds=0.0,
        honours=frozenset({"language", "country", "freshness", "allowed_domains"}),
        needs=("pip install 'orson[ddgs]'",),
        source="the engines' own terms, which may forbid it",
    )

    def __init__(self, environment: Environment, *, text: Text | None = None) -> None:
        """`text` stands in for the package's. MissingSetting when that isn't installed."""
        self.traits = with_contract(environment, self.name, type(self).traits)
        self._backend = environment.get("DDGS_BACKEND", "").strip() or "auto"
        self._text = text or _installed()
        self._places = asyncio.Semaphore(SIDE_BY_SIDE)

    async def search(self, query: Query) -> tuple[Passage, ...]:
        """What the engines say; a search given up on still ends in its thread, within seconds."""
        async with self._places:
            try:
                found = await asyncio.to_thread(
                    self._text,
                    fit(with_sites(query, self.traits.max_query_chars), 400),
                    **self.options(query),
                )
            except Exception as error:  # the package's own tree, and its HTTP library's
                raise _meaning(error) from None
        if not isinstance(found, list):
            raise BadReply("no list of results")
        return only_allowed(map(_passage, each(_Result, found)), query)

    def options(self, query: Query) -> Mapping[str, Any]:
        """The query in the package's notation."""
        options: dict[str, Any] = {
            "max_results": wanted(query, self.traits),
            "backend": self._backend,
        }
        if query.country:
            country = _UNSPOKEN.get(query.country.upper(), query.country.lower())
            options["region"] = f"{country}-{(query.language or 'en').lower()}"
        if query.freshness and (word := as_word(query.freshness, today())):
            options["timelimit"] = word[0]
        return options

    async def aclose(self) -> None:
        """Nothing is kept open."""


def _installed() -> Text:
    try:
        package = importlib.import_module("ddgs")
    except ImportError:
        raise MissingSetting("ddgs", "the ddgs package", "pip install 'orson[ddgs]'") from None
    text: Text = package.DDGS(timeout=SECONDS).text
    return text


def _meaning(error: Exception) -> SearchError:
    kinds = {"RatelimitException": RateLimited, "TimeoutException": TimedOut}
    name = type(error).__name__
    message = "nothing found, or blocked" if "No results" in str(error) else name
    return kinds.get(name, Unavailable)(message)


def _passage(result: "_Result") -> Passage:
    return Passage(plain(result.title), result.href, plain(result.body), host_of(result.href))


class _Result(BaseModel):
    title: str
    href: str
    body: str
