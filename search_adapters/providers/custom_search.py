"""Google's Custom Search JSON API, closed to new customers and ending on 2027-01-01.

`GET /customsearch/v1`; the key goes into the `X-Goog-Api-Key` header rather than the URL, where
every proxy on the way would log it. `items` is absent when nothing was found.
https://developers.google.com/custom-search/v1/reference/rest/v1/cse/list
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from pydantic import BaseModel

from search_adapters.backend import Call
from search_adapters.domains import host_of, with_sites
from search_adapters.errors import BadReply, NotAuthorised, QuotaExhausted, RateLimited, SearchError
from search_adapters.freshness import Clock, as_closed_range, today
from search_adapters.protocol import DateRange, Passage, Query, Traits
from search_adapters.replies import each, iso_day, parse, plain, refusal

BASE_URL = "https://www.googleapis.com/customsearch/v1"
ENDS = date(2027, 1, 1)
"""The first day without the API."""

_REASONS: dict[str, type[SearchError]] = {
    "dailyLimitExceeded": QuotaExhausted,
    "quotaExceeded": QuotaExhausted,
    "billingNotEnabled": QuotaExhausted,
    "rateLimitExceeded": RateLimited,
    "userRateLimitExceeded": RateLimited,
    "keyInvalid": NotAuthorised,
    "API_KEY_INVALID": NotAuthorised,
    "accessNotConfigured": NotAuthorised,
}
_DATE_TAGS = ("article:published_time", "article:modified_time", "og:updated_time", "date")


class CustomSearch:
    """The Custom Search dialect."""

    traits: ClassVar[Traits] = Traits(
        # Not documented; Google reads 32 words, and a URL of 2048 characters is safe everywhere.
        max_query_chars=1000,
        max_results=10,
        usd_per_1000=5.0,
        cache_seconds=0.0,  # Google's API terms: no longer than a cache header says; it sends none
        honours=frozenset(
            {"language", "country", "freshness", "allowed_domains", "denied_domains"}
        ),
        needs=("GOOGLE_API_KEY", "GOOGLE_CSE_ID"),
        source="developers.google.com/custom-search/v1/overview, /terms, 2026-11: 100 a day free",
    )

    def __init__(
        self, key: str, engine: str, base_url: str = BASE_URL, clock: Clock = today
    ) -> None:
        """`engine` is the id of the Programmable Search Engine, `cx`."""
        self._key, self._engine, self._url = key, engine, base_url.rstrip("/")
        self._clock = clock

    def request(self, query: Query) -> Call:
        """One GET for at most ten results, all that a page may have."""
        params = {
            "cx": self._engine,
            "q": with_sites(query, self.traits.max_query_chars),
            "num": str(min(query.limit, self.traits.max_results)),
        }
        if query.language:
            params |= {"hl": query.language.lower(), "lr": f"lang_{query.language.lower()}"}
        if query.country:
            params["gl"] = query.country.lower()
        match query.freshness:
            case DateRange() as days:
                since, until = as_closed_range(days, self._clock())
                params["sort"] = f"date:r:{since:%Y%m%d}:{until:%Y%m%d}"
            case str(word):
                params["dateRestrict"] = f"{word[0]}1"
        return Call("GET", self._url, headers={"X-Goog-Api-Key": self._key}, params=params)

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """The items of a 200, or the error of anything else."""
        if status != 200:
            raise google_refusal(status, headers, body)
        page = parse(_Page, body)
        if page.items is None and page.searchInformation is None and page.queries is None:
            raise BadReply("neither items nor searchInformation")
        return tuple(
            Passage(
                title=plain(item.title or item.link),
                url=item.link,
                text=plain(item.snippet),
                site=host_of(item.link),
                date=item.day(),
            )
            for item in each(_Item, page.items or [])
            if item.snippet.strip()
        )


def google_refusal(status: int, headers: Mapping[str, str], body: bytes) -> SearchError:
    """The error of a refusal in the form all of Google's APIs share."""
    try:
        error = parse(_Refusal, body).error
    except BadReply:
        return refusal(status, headers)
    told = (*(each.reason for each in (*error.errors, *error.details)), "")
    kind = next((_REASONS[reason] for reason in told if reason in _REASONS), None)
    # The daily limit also comes as a plain 429 that names the metric in its message.
    if "per day" in error.message.casefold():
        kind = QuotaExhausted
    return refusal(status, headers, detail=error.message, kind=kind)


class _Page(BaseModel):
    items: list[Any] | None = None
    searchInformation: dict[str, Any] | None = None
    queries: dict[str, Any] | None = None


class _Item(BaseModel):
    link: str
    title: str | None = None
    snippet: str = ""
    pagemap: dict[str, Any] = {}

    def day(self) -> str | None:
        """The page's own date tags, the only dates this API passes on."""
        tags = self.pagemap.get("metatags")
        if not isinstance(tags, list) or not tags or not isinstance(tags[0], dict):
            return None
        return next(
            (day for tag in _DATE_TAGS if (day := iso_day(str(tags[0].get(tag, ""))))), None
        )


class _Reason(BaseModel):
    reason: str = ""


class _Error(BaseModel):
    message: str = ""
    errors: list[_Reason] = []
    details: list[_Reason] = []


class _Refusal(BaseModel):
    error: _Error
