"""Perplexity's Search API: ranked results with the parts of the pages that fit the query.

PERPLEXITY_API_KEY     the account's key
PERPLEXITY_BASE_URL    another address of the same API

`POST /search` with a bearer token. The domain filter takes twenty entries, and either allows or,
with a minus, denies. A 401 also comes when the credits are used up.
https://docs.perplexity.ai/api-reference/search-post
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

import httpx2
from pydantic import BaseModel

from search_adapters.backend import Call
from search_adapters.domains import fit, host_of, plain_domains, wanted
from search_adapters.environment import address, secret
from search_adapters.errors import BadReply, QuotaExhausted, SearchError
from search_adapters.http_adapter import HttpAdapter
from search_adapters.protocol import DateRange, Environment, Passage, Query, Traits
from search_adapters.replies import each, iso_day, joined, parse, plain, refusal

BASE_URL = "https://api.perplexity.ai"
MAX_DOMAINS = 20
TOKENS_PER_PAGE = 512
"""Its own default brings snippets of several thousand characters."""


class Perplexity:
    """The Search API dialect."""

    traits: ClassVar[Traits] = Traits(
        max_query_chars=1000,  # not documented
        max_results=20,
        returns_passages=True,
        usd_per_1000=5.0,
        cache_seconds=0.0,
        honours=frozenset(
            {"language", "country", "freshness", "allowed_domains", "denied_domains"}
        ),
        needs=("PERPLEXITY_API_KEY",),
        source="docs.perplexity.ai pricing, 2026-11; terms on storage unread",
    )

    def __init__(self, key: str, base_url: str = BASE_URL) -> None:
        """`key` is the account's API key."""
        self._key, self._url = key, base_url.rstrip("/") + "/search"

    def request(self, query: Query) -> Call:
        """One POST."""
        count = wanted(query, self.traits)
        body: dict[str, Any] = {
            "query": fit(query.text, self.traits.max_query_chars),
            "max_results": count,
            "max_tokens_per_page": TOKENS_PER_PAGE,
            "max_tokens": TOKENS_PER_PAGE * count,
        }
        if query.country:
            body["country"] = query.country.upper()
        if query.language:
            body["search_language_filter"] = [query.language.lower()]
        allowed, denied = plain_domains(query.allowed_domains), plain_domains(query.denied_domains)
        if allowed and len(allowed) <= MAX_DOMAINS:
            body["search_domain_filter"] = allowed
        elif denied and not allowed and len(denied) <= MAX_DOMAINS:
            body["search_domain_filter"] = [f"-{domain}" for domain in denied]
        match query.freshness:
            case DateRange(since, until):
                body |= {"search_after_date_filter": _american(since)} if since else {}
                body |= {"search_before_date_filter": _american(until)} if until else {}
            case str(word):
                body["search_recency_filter"] = word
        return Call("POST", self._url, headers={"Authorization": f"Bearer {self._key}"}, json=body)

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """The results of a 200, or the error of anything else."""
        if status != 200:
            raise _refusal(status, headers, body)
        passages = (
            Passage(
                title=plain(result.title or result.url),
                url=result.url,
                text=joined([result.snippet]),
                site=host_of(result.url),
                date=iso_day(result.date) or iso_day(result.last_updated),
            )
            for result in each(_Result, parse(_Page, body).results)
        )
        return tuple(passage for passage in passages if passage.text)


class PerplexityAdapter(HttpAdapter):
    """Searches with Perplexity's index."""

    name: ClassVar[str] = "perplexity"
    variants: ClassVar[Mapping[str, Traits]] = {"": Perplexity.traits}

    def __init__(self, environment: Environment, *, client: httpx2.AsyncClient | None = None):
        """Raises MissingSetting for an absent key."""
        hint = "the key of your Perplexity API account"
        key = secret(environment, self.name, "PERPLEXITY_API_KEY", hint)
        base_url = address(environment, self.name, "PERPLEXITY_BASE_URL") or BASE_URL
        super().__init__(Perplexity(key, base_url), environment, client=client)


def _american(day: date) -> str:
    return f"{day.month:02}/{day.day:02}/{day.year}"


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> SearchError:
    try:
        error = parse(_Refusal, body).error
    except BadReply:
        error = _Error()
    told = f"{error.type} {error.message}".casefold()
    spent = status in (401, 403, 429) and ("credit" in told or "quota" in told)
    return refusal(status, headers, detail=error.message, kind=QuotaExhausted if spent else None)


class _Page(BaseModel):
    results: list[Any]


class _Result(BaseModel):
    url: str
    snippet: str
    title: str | None = None
    date: str | None = None
    last_updated: str | None = None


class _Error(BaseModel):
    message: str = ""
    type: str = ""


class _Refusal(BaseModel):
    error: _Error
