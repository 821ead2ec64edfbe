"""The Bing Web Search v7 dialect. Microsoft's own service ended on 2025-08-11; others speak it on.

`GET {base}/search` with an `Ocp-Apim-Subscription-Key` header. A 403 is either a key without the
right or a plan that is used up; only the message tells.
https://learn.microsoft.com/en-us/bing/search-apis/bing-web-search/reference/
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import BaseModel, Field

from search_adapters.backend import Call
from search_adapters.domains import fit, host_of, with_sites
from search_adapters.errors import BadReply, QuotaExhausted, SearchError
from search_adapters.freshness import Clock, as_closed_range, today
from search_adapters.protocol import DateRange, Freshness, Passage, Query, Traits
from search_adapters.replies import each, iso_day, parse, plain, refusal

MAX_ENCODED = 1400
"""Parameters may have 1500 characters in all; a longer URL is answered with a plain 404."""

_WORDS = {"day": "Day", "week": "Week", "month": "Month"}


class BingV7:
    """The v7 dialect."""

    traits: ClassVar[Traits] = Traits(
        max_query_chars=1000,
        max_results=50,
        usd_per_1000=None,  # whoever serves it sets one
        cache_seconds=0.0,  # Bing's use and display requirements; another service's may differ
        honours=frozenset(
            {"language", "country", "freshness", "allowed_domains", "denied_domains"}
        ),
        needs=("BING_API_KEY", "BING_BASE_URL"),
        source="learn.microsoft.com/en-us/bing/search-apis, 2026-11",
    )

    def __init__(self, key: str, base_url: str, clock: Clock = today) -> None:
        """`base_url` ends before `/search`, e.g. `https://bing.example/v7.0`."""
        self._key = key
        self._url, self._clock = base_url.rstrip("/") + "/search", clock

    def request(self, query: Query) -> Call:
        """One GET, for plain text without highlighting."""
        params = {
            "q": self._text(query),
            "count": str(min(query.limit, self.traits.max_results)),
            "responseFilter": "Webpages",
            "textDecorations": "false",
            "textFormat": "Raw",
        }
        if query.language and query.country:
            params["mkt"] = f"{query.language.lower()}-{query.country.upper()}"
        elif query.country:
            params["cc"] = query.country.upper()
        elif query.language:
            params["setLang"] = query.language.lower()
        if query.freshness:
            params["freshness"] = bing_freshness(query.freshness, self._clock)
        return Call(
            "GET", self._url, headers={"Ocp-Apim-Subscription-Key": self._key}, params=params
        )

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """The web pages of a 200, or the error of anything else."""
        if status != 200:
            raise self._refusal(status, headers, body)
        answer = parse(_Answer, body)
        # No `webPages` at all is how v7 says that nothing was found.
        results = each(_Result, answer.webPages.value if answer.webPages else [])
        return tuple(
            Passage(
                title=plain(result.name or result.url),
                url=result.url,
                text=plain(result.snippet),
                site=host_of(result.url),
                date=iso_day(result.datePublished),
            )
            for result in results
            if result.snippet.strip()
        )

    def _text(self, query: Query) -> str:
        text = with_sites(query, self.traits.max_query_chars)
        if len(quote(text)) <= MAX_ENCODED:
            return text
        # Percent-encoding makes nine characters of one Chinese one: cut until it fits.
        text, chars = query.text, self.traits.max_query_chars
        while len(quote(text)) > MAX_ENCODED:
            chars = chars * 3 // 4
            text = fit(text, chars)
        return text

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> SearchError:
        try:
            said = parse(_Refusal, body)
        except BadReply:
            said = _Refusal()
        message = " ".join([said.message, *(error.message for error in said.errors)]).strip()
        quota = status in (403, 429) and "quota" in message.casefold()
        wait = re.search(r"try again in (\d+) seconds", message, re.IGNORECASE)
        return refusal(
            status,
            headers,
            detail=message,
            kind=QuotaExhausted if quota else None,
            retry_after=float(wait[1]) if wait else None,
        )


def bing_freshness(freshness: Freshness, clock: Clock) -> str:
    """Bing's notation: three words, or two dates; a year is dates."""
    if not isinstance(freshness, DateRange) and freshness in _WORDS:
        return _WORDS[freshness]
    since, until = as_closed_range(freshness, clock())
    return f"{since}..{until}"


class _Pages(BaseModel):
    value: list[Any] = []


class _Answer(BaseModel):
    type: str = Field(alias="_type", pattern="^SearchResponse$")
    webPages: _Pages | None = None


class _Result(BaseModel):
    url: str
    name: str | None = None
    snippet: str = ""
    datePublished: str | None = None


class _Error(BaseModel):
    message: str = ""


class _Refusal(BaseModel):
    message: str = ""
    errors: list[_Error] = []
