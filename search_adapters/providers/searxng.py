"""SearXNG: many engines behind one's own server, free and without a key.

SEARXNG_URL        the server, e.g. http://localhost:8888
SEARXNG_ENGINES    only these engines, with commas between

`GET /search?format=json`; JSON has to be switched on in the server's `settings.yml`
(`search: formats: [html, json]`), else it answers 403. An empty page that names unresponsive
engines is an outage and not a result. https://docs.searxng.org/dev/search_api
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import httpx2
from pydantic import BaseModel

from search_adapters.backend import Call
from search_adapters.domains import host_of, with_sites
from search_adapters.environment import address
from search_adapters.errors import (
    Blocked,
    MissingSetting,
    NotAuthorised,
    RateLimited,
    SearchError,
    TimedOut,
    Unavailable,
)
from search_adapters.freshness import Clock, as_word, today
from search_adapters.http_adapter import HttpAdapter
from search_adapters.protocol import Environment, Passage, Query, Traits
from search_adapters.replies import each, iso_day, joined, parse, plain, refusal


class Searxng:
    """The JSON dialect of a SearXNG server."""

    traits: ClassVar[Traits] = Traits(
        max_query_chars=1000,
        max_results=20,
        speculative=True,  # one's own server
        honours=frozenset({"language", "country", "freshness"}),
        needs=("SEARXNG_URL",),
        source="your own server; what its engines allow is between you and them",
    )

    def __init__(self, url: str, engines: str = "", clock: Clock = today) -> None:
        """`url` is the server's address, without `/search`."""
        self._url, self._engines, self._clock = url.rstrip("/") + "/search", engines, clock

    def request(self, query: Query) -> Call:
        """One GET. How many results come is the server's affair."""
        params = {"q": with_sites(query, self.traits.max_query_chars), "format": "json"}
        # A language without a country makes some engines answer in English; `all` searches from
        # where the server stands.
        if query.language:
            place = f"-{query.country.upper()}" if query.country else ""
            params["language"] = query.language.lower() + place
        if query.freshness and (word := as_word(query.freshness, self._clock())):
            params["time_range"] = word
        if self._engines:
            params["engines"] = self._engines
        # The server's bot detection refuses calls without these two.
        accept = {"Accept": "application/json, text/html;q=0.9", "Accept-Language": "en;q=0.5"}
        return Call("GET", self._url, headers=accept, params=params)

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """Infoboxes that name their source, then the results; an outage when nobody answered."""
        if status == 403:
            raise NotAuthorised("status 403: its settings.yml needs json in search.formats")
        if status != 200:
            raise refusal(status, headers)
        page = parse(_Page, body)
        found = [*_infoboxes(page.infoboxes), *_results(page.results)]
        if not found and page.unresponsive_engines:
            raise _outage(page.unresponsive_engines)
        return tuple(found)


class SearxngAdapter(HttpAdapter):
    """Searches with one's own SearXNG."""

    name: ClassVar[str] = "searxng"
    variants: ClassVar[Mapping[str, Traits]] = {"": Searxng.traits}
    traced: ClassVar[bool] = True

    def __init__(self, environment: Environment, *, client: httpx2.AsyncClient | None = None):
        """Raises MissingSetting without an address."""
        url = address(environment, self.name, "SEARXNG_URL")
        if url is None:
            raise MissingSetting(self.name, "SEARXNG_URL", "the address of your SearXNG")
        engines = environment.get("SEARXNG_ENGINES", "").strip()
        super().__init__(Searxng(url, engines), environment, client=client)


def _results(items: list[Any]) -> Iterable[Passage]:
    for result in each(_Result, items):
        if text := plain(result.content or ""):
            yield Passage(
                plain(result.title or result.url),
                result.url,
                text,
                host_of(result.url),
                iso_day(result.publishedDate),
            )


def _infoboxes(items: list[Any]) -> Iterable[Passage]:
    for item in items:
        if not isinstance(item, dict) or not str(item.get("id", "")).startswith("http"):
            continue  # a box without a source can't be cited
        url, text = str(item["id"]), joined([str(item.get("content") or "")])
        if text:
            yield Passage(plain(str(item.get("infobox") or url)), url, text, host_of(url))


def _outage(engines: list[Any]) -> SearchError:
    """The error of a search that no engine answered, by what most of them say.

    Each entry is the engine's name and a reason in words, such as `Suspended: CAPTCHA`.
    """
    told = [
        " ".join(map(str, engine)) if isinstance(engine, list) else str(engine)
        for engine in engines
    ]
    kinds = [_kind(reason.casefold()) for reason in told]
    kind = max(kinds, key=kinds.count)
    return kind("no engine answered: " + plain("; ".join(told))[:200])


def _kind(reason: str) -> type[SearchError]:
    if "captcha" in reason or "access denied" in reason:
        return Blocked
    if "too many requests" in reason:
        return RateLimited
    return TimedOut if "timeout" in reason else Unavailable


class _Result(BaseModel):
    url: str
    content: str | None = None
    title: str | None = None
    publishedDate: str | None = None


class _Page(BaseModel):
    results: list[Any]
    infoboxes: list[Any] = []
    unresponsive_engines: list[Any] = []
