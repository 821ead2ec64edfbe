"""SerpApi: Google's results through serpapi.com.

`GET /search.json` with the key in the query string, the one way it offers, so the key is kept out
of every error here. Every reply may carry an `error`: with `Success` it means that nothing was
found, with anything else that the search failed, whatever the HTTP status says.
https://serpapi.com/search-api and /search-errors
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from search_adapters.backend import Call
from search_adapters.domains import host_of, with_sites
from search_adapters.errors import (
    BadReply,
    NotAuthorised,
    QuotaExhausted,
    RateLimited,
    SearchError,
    Unavailable,
)
from search_adapters.freshness import Clock, google_tbs, today
from search_adapters.protocol import Passage, Query, Traits
from search_adapters.replies import each, iso_day, parse, plain, refusal

BASE_URL = "https://serpapi.com"


class SerpApi:
    """The SerpApi dialect of Google's engine."""

    traits: ClassVar[Traits] = Traits(
        max_query_chars=1000,  # not documented
        max_results=10,
        usd_per_1000=15.0,
        cache_seconds=0.0,
        honours=frozenset(
            {"language", "country", "freshness", "allowed_domains", "denied_domains", "place"}
        ),
        needs=("SERPAPI_API_KEY",),
        source="serpapi.com/pricing, 2026-11; terms on storage unread",
    )

    def __init__(self, key: str, base_url: str = BASE_URL, clock: Clock = today) -> None:
        """`key` is the account's private key."""
        self._key, self._url, self._clock = key, base_url.rstrip("/") + "/search.json", clock

    def request(self, query: Query) -> Call:
        """One GET."""
        params = {
            "engine": "google",
            "q": with_sites(query, self.traits.max_query_chars),
            "api_key": self._key,
        }
        if query.language:
            params["hl"] = query.language.lower()
        if query.country:
            params["gl"] = query.country.lower()
        if query.place:
            params["location"] = query.place
        if query.freshness:
            params["tbs"] = google_tbs(query.freshness, self._clock())
        return Call("GET", self._url, params=params, secrets=(self._key,))

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """The answer box where it names a source, then the organic results."""
        if status != 200:
            raise _refusal(status, headers, body)
        page = parse(_Page, body)
        if page.search_metadata.status != "Success":
            said = page.error or page.search_metadata.status
            raise (_kind(said) or Unavailable)(plain(said)[:200])
        box = page.answer_box or {}
        boxes = each(_Result, [box] if box.get("link") and box.get("snippet") else [])
        return tuple(
            Passage(
                title=plain(result.title or result.link),
                url=result.link,
                text=plain(result.snippet),
                site=host_of(result.link),
                date=iso_day(result.date),
            )
            for result in (*boxes, *each(_Result, page.organic_results))
            if result.snippet.strip()
        )


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> SearchError:
    try:
        message = parse(_Refusal, body).error
    except BadReply:
        message = ""
    kind = _kind(message) if status in (400, 401, 403, 429) else None
    return refusal(status, headers, detail=message, kind=kind)


def _kind(message: str) -> type[SearchError] | None:
    """What a message in words means. A 429 is the hour's limit or the plan's."""
    told = message.casefold()
    if "run out of searches" in told or "searches for the month" in told:
        return QuotaExhausted
    if "throughput" in told:
        return RateLimited
    return NotAuthorised if "api key" in told else None


class _Metadata(BaseModel):
    status: str


class _Result(BaseModel):
    link: str
    title: str | None = None
    snippet: str = ""
    date: str | None = None


class _Page(BaseModel):
    search_metadata: _Metadata
    organic_results: list[Any] = []
    answer_box: dict[str, Any] | None = Field(default=None)
    error: str = ""


class _Refusal(BaseModel):
    error: str
