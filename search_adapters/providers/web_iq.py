"""Microsoft Web IQ: raw web results with passages, the successor of the Bing Search APIs.

`POST /v3/search/web` with an `x-apikey` header. Passages come ready-cut, so no page needs to be
fetched. The retry hint of a 429 (rate) or 430 (concurrency) is in the *body*, as `"60s"`.
https://learn.microsoft.com/en-us/web-iq/
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from search_adapters.backend import Call
from search_adapters.domains import host_of, wanted, with_sites
from search_adapters.errors import BadQuery, BadReply, RateLimited, SearchError, Unavailable
from search_adapters.protocol import Passage, Query, Traits
from search_adapters.replies import duration, each, iso_day, parse, plain, refusal

BASE_URL = "https://api.microsoft.ai/v3"


class WebIq:
    """The Web IQ dialect."""

    traits: ClassVar[Traits] = Traits(
        max_query_chars=1000,
        max_results=50,
        returns_passages=True,
        usd_per_1000=None,  # not published
        cache_seconds=0.0,
        honours=frozenset({"language", "country", "allowed_domains", "denied_domains"}),
        needs=("BING_API_KEY",),
        source="learn.microsoft.com/en-us/web-iq, 2026-11; price and terms on storage not found",
    )
    max_length: ClassVar[int] = 1200
    """Characters per passage. Sent always: the service's default has changed before."""

    def __init__(self, key: str, base_url: str = BASE_URL) -> None:
        """`key` is an API key of a Web IQ subscription."""
        self._key = key
        self._url = base_url.rstrip("/") + "/search/web"

    def request(self, query: Query) -> Call:
        """One POST; fields the service doesn't know would be refused, so only set ones are sent."""
        body: dict[str, Any] = {
            "query": with_sites(query, self.traits.max_query_chars),
            "maxResults": wanted(query, self.traits),
            "contentFormat": "passage",
            "maxLength": self.max_length,
        }
        if query.language:
            body["language"] = query.language.lower()
        if query.country:
            body["region"] = query.country.upper()
        return Call("POST", self._url, headers={"x-apikey": self._key}, json=body)

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """The results of a 200, or the error of anything else."""
        if status != 200:
            raise self._refusal(status, headers, body)
        results = each(_Result, parse(_Page, body).webResults)
        return tuple(
            Passage(
                title=plain(result.title or result.url),
                url=result.url,
                text=plain(result.content),
                site=host_of(result.url),
                date=iso_day(result.lastUpdatedAt),  # the day of the crawl says nothing of its age
            )
            for result in results
            if result.content.strip()
        )

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> SearchError:
        try:
            said = parse(_Refusal, body)
        except BadReply:
            said = _Refusal()
        kind: type[SearchError] | None = None
        if status == 430:
            kind = RateLimited
        elif status == 403:
            # The key is good: either this one query was filtered, or the service is off.
            filtered = "filter" in (said.errorCode + said.errorCategory).casefold()
            kind = BadQuery if filtered else Unavailable
        return refusal(
            status,
            headers,
            detail=said.userMessage or said.errorCode,
            kind=kind,
            retry_after=duration(said.retryAfter or ""),
        )


class _Page(BaseModel):
    webResults: list[Any]


class _Result(BaseModel):
    url: str
    content: str
    title: str | None = None
    lastUpdatedAt: str | None = None


class _Refusal(BaseModel):
    errorCode: str = ""
    errorCategory: str = ""
    userMessage: str = ""
    retryAfter: str | None = None
