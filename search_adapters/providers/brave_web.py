"""Brave web search: titles, snippets and up to five more extracts a result.

`GET /res/v1/web/search` with an `X-Subscription-Token` header. Both limits of a plan come in one
header as a list, `X-RateLimit-Remaining: 0, 1400` and `X-RateLimit-Reset: 1, 1419704`: the second's
and the month's. Which of them is used up decides what a 429 means.
https://api-dashboard.search.brave.com/documentation
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from search_adapters.backend import Call
from search_adapters.domains import fit, host_of, plain_domains, wanted
from search_adapters.errors import BadReply, NotAuthorised, QuotaExhausted, SearchError
from search_adapters.freshness import Clock, as_closed_range, today
from search_adapters.protocol import DateRange, Freshness, Passage, Query, Traits
from search_adapters.providers.locales import market_country, market_language
from search_adapters.replies import each, iso_day, joined, parse, plain, refusal

BASE_URL = "https://api.search.brave.com/res/v1"
SOURCE = "brave.com/search/api and its terms of use of 2026-02-11, read 2026-11"
MAX_RULES = 50
"""Domains in one goggle; it travels in the address, which has to stay short."""


class BraveWeb:
    """The web search dialect."""

    traits: ClassVar[Traits] = Traits(
        max_query_chars=400,
        max_query_words=50,
        max_results=20,
        usd_per_1000=5.0,
        cache_seconds=0.0,  # keeping results needs a plan with storage rights
        honours=frozenset(
            {"language", "country", "freshness", "allowed_domains", "denied_domains"}
        ),
        needs=("BRAVE_API_KEY",),
        source=SOURCE,
    )

    def __init__(self, key: str, base_url: str = BASE_URL, clock: Clock = today) -> None:
        """`key` is the subscription token of a Search plan."""
        self._key, self._url = key, base_url.rstrip("/") + "/web/search"
        self._clock = clock

    def request(self, query: Query) -> Call:
        """One GET, for web results without highlighting."""
        params = {
            **shared_params(query, self.traits),
            "count": str(wanted(query, self.traits)),
            "result_filter": "web",
            "text_decorations": "false",
        }
        if query.freshness:
            params["freshness"] = _freshness(query.freshness, self._clock)
        return Call("GET", self._url, headers={"X-Subscription-Token": self._key}, params=params)

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """The web results of a 200, or the error of anything else."""
        if status != 200:
            raise brave_refusal(status, headers, body)
        page = parse(_Page, body)
        results = each(_Result, page.web.results if page.web else [])
        passages = (
            Passage(
                title=plain(result.title or result.url),
                url=result.url,
                text=joined([result.description or "", *(result.extra_snippets or ())]),
                site=host_of(result.url),
                date=iso_day(result.page_age) or iso_day(result.age),
            )
            for result in results
        )
        return tuple(passage for passage in passages if passage.text)


def shared_params(query: Query, traits: Traits) -> dict[str, str]:
    """What both of Brave's searches take: the text, language, country and domains."""
    params = {"q": fit(query.text, traits.max_query_chars, traits.max_query_words)}
    if language := market_language(query.language, query.country, japanese="jp"):
        params["search_lang"] = language
    if country := market_country(query.country):
        params["country"] = country
    if goggle := _goggle(query):
        params["goggles"] = goggle
    return params


def brave_refusal(status: int, headers: Mapping[str, str], body: bytes) -> SearchError:
    """The error of a status; what a 429 is about is in its headers."""
    try:
        said = parse(_Refusal, body).error
    except BadReply:
        said = _Error()
    kind: type[SearchError] | None = None
    retry_after: float | None = None
    if status == 422 and said.code == "SUBSCRIPTION_TOKEN_INVALID":
        kind = NotAuthorised
    elif status == 429:
        left, reset = _numbers(headers, "remaining"), _numbers(headers, "reset")
        if (len(left) > 1 and left[-1] <= 0) or said.code == "QUOTA_LIMITED":
            kind, retry_after = QuotaExhausted, reset[-1] if reset else None
        elif reset:
            retry_after = reset[0]
    return refusal(status, headers, detail=said.detail, kind=kind, retry_after=retry_after)


def _numbers(headers: Mapping[str, str], name: str) -> list[float]:
    """`1, 1419704` as numbers: of the second, of the month."""
    parts = headers.get(f"x-ratelimit-{name}", "").split(",")
    return [float(part) for part in parts if part.strip().isdecimal()]


def _goggle(query: Query) -> str:
    """Rules for domains. Operators in the query are "experimental" at Brave; these are not."""
    allowed, denied = plain_domains(query.allowed_domains), plain_domains(query.denied_domains)
    if allowed and len(allowed) <= MAX_RULES:
        return "\n".join(["$discard", *(f"$site={domain}" for domain in allowed)])
    if denied and len(denied) <= MAX_RULES:
        return "\n".join(f"$discard,site={domain}" for domain in denied)
    return ""


def _freshness(freshness: Freshness, clock: Clock) -> str:
    if not isinstance(freshness, DateRange):
        return f"p{freshness[0]}"
    since, until = as_closed_range(freshness, clock())
    return f"{since}to{until}"


class _Pages(BaseModel):
    results: list[Any] = []


class _Page(BaseModel):
    type: str = Field(pattern="^search$")
    web: _Pages | None = None


class _Result(BaseModel):
    url: str
    title: str | None = None
    description: str | None = None
    extra_snippets: list[str] | None = None
    page_age: str | None = None
    age: str | None = None


class _Error(BaseModel):
    code: str = ""
    detail: str = ""


class _Refusal(BaseModel):
    error: _Error
