"""Google's Web Search Service: whole-web results for Google's partners.

`GET /v1:search` with an `X-Goog-Api-Key` header. It wants a partner's id and the address of the
user; the gateway doesn't pass on its users' addresses, so the operator names one that stands for
all of them. The fields of a result aren't public: the names read here are those of Google's other
search APIs, either way, and a reply with none of them is a BadReply and not an empty page.
https://developers.google.com/web-search-service
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import AliasChoices, BaseModel, Field

from search_adapters.backend import Call
from search_adapters.domains import host_of, with_sites
from search_adapters.errors import BadReply
from search_adapters.protocol import Passage, Query, Traits
from search_adapters.providers.custom_search import google_refusal
from search_adapters.replies import each, iso_day, parse, plain

BASE_URL = "https://websearchservice.googleapis.com/v1:search"


class WebSearchService:
    """The dialect of `websearchservice.googleapis.com`."""

    traits: ClassVar[Traits] = Traits(
        max_query_chars=1000,  # not documented
        max_results=20,
        usd_per_1000=None,  # by contract
        cache_seconds=0.0,
        honours=frozenset({"language", "allowed_domains", "denied_domains"}),
        needs=("GOOGLE_API_KEY", "GOOGLE_WSS_CLIENT", "GOOGLE_WSS_IP_ADDRESS"),
        source="developers.google.com/web-search-service of 2026-09-09, read 2026-11",
    )

    def __init__(self, key: str, client: str, ip_address: str, base_url: str = BASE_URL) -> None:
        """`client` is the partner's id, `ip_address` what is sent as the user's."""
        self._key, self._url = key, base_url.rstrip("/")
        self._client, self._ip_address = client, ip_address

    def request(self, query: Query) -> Call:
        """One GET for at most twenty results."""
        params = {
            "clientContext.clientId": self._client,
            "userContext.ipAddress": self._ip_address,
            "searchQuery.query": with_sites(query, self.traits.max_query_chars),
            "pageSize": str(min(query.limit, self.traits.max_results)),
        }
        if query.language:
            params["languageCode"] = query.language.lower()
        headers = {"X-Goog-Api-Key": self._key}
        return Call("GET", self._url, headers, params, secrets=(self._client,))

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """The results of a 200, or the error of anything else. None found leaves the list out."""
        if status != 200:
            raise google_refusal(status, headers, body)
        page = parse(_Page, body)
        if page.searchResults is None and page.searchInfo is None:
            raise BadReply("neither searchResults nor searchInfo")
        return tuple(
            Passage(
                title=plain(result.title or result.url),
                url=result.url,
                text=plain(result.snippet),
                site=host_of(result.url),
                date=iso_day(result.date),
            )
            for result in each(_Result, page.searchResults or [])
            if result.snippet.strip()
        )


class _Result(BaseModel):
    url: str = Field(validation_alias=AliasChoices("url", "link", "uri"))
    snippet: str = Field(validation_alias=AliasChoices("snippet", "description"))
    title: str | None = None
    date: str | None = Field(
        default=None, validation_alias=AliasChoices("publishedDate", "publishTime", "date")
    )


class _Page(BaseModel):
    searchResults: list[Any] | None = None
    searchInfo: dict[str, Any] | None = None
