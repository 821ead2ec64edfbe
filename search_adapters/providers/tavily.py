"""Tavily: search results with extracts chosen for a language model; by key, or without one.

TAVILY_API_KEY    the account's key
TAVILY_KEYLESS    `on`: search without a key, within the little that Tavily gives to everybody
TAVILY_DEPTH      basic (default), fast, ultra-fast or advanced; advanced costs twice as much
TAVILY_BASE_URL   another address of the same API

`POST /search`. A used-up plan is a 432 (the plan's) or 433 (pay-as-you-go). Without a key a refusal
says in its body how long to wait. https://docs.tavily.com/documentation/api-reference/endpoint/search
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import httpx2
from pydantic import BaseModel

from search_adapters.backend import Call
from search_adapters.domains import fit, host_of, plain_domains, wanted
from search_adapters.environment import address, choice, secret, switch
from search_adapters.errors import BadReply, QuotaExhausted, RateLimited, SearchError
from search_adapters.freshness import Clock, today
from search_adapters.http_adapter import HttpAdapter
from search_adapters.protocol import DateRange, Environment, Passage, Query, Traits
from search_adapters.providers.locales import NAMES
from search_adapters.replies import each, iso_day, joined, parse, plain, refusal

BASE_URL = "https://api.tavily.com"
MAX_ALLOWED, MAX_DENIED = 300, 150

KEYED = Traits(
    max_query_chars=400,
    max_results=20,
    returns_passages=True,
    usd_per_1000=8.0,
    cache_seconds=0.0,
    honours=frozenset({"language", "country", "freshness", "allowed_domains", "denied_domains"}),
    needs=("TAVILY_API_KEY",),
    source="tavily.com/pricing, 2026-11: 1,000 searches a month are free; terms on storage unread",
)
KEYLESS = replace(
    KEYED,
    usd_per_1000=0.0,
    needs=("TAVILY_KEYLESS",),
    source="github.com/tavily-ai/tavily-python 0.8.5, 2026-11",
)


class Tavily:
    """The Tavily dialect."""

    def __init__(
        self,
        key: str | None,
        base_url: str = BASE_URL,
        *,
        depth: str = "basic",
        clock: Clock = today,
    ) -> None:
        """`key` None asks without one."""
        self._headers = (
            {"Authorization": f"Bearer {key}"} if key else {"X-Tavily-Access-Mode": "keyless"}
        )
        self._url, self._depth, self._clock = base_url.rstrip("/") + "/search", depth, clock
        price = 2 * (KEYED.usd_per_1000 or 0) if depth == "advanced" else KEYED.usd_per_1000
        self.traits = replace(KEYED, usd_per_1000=price) if key else KEYLESS

    def request(self, query: Query) -> Call:
        """One POST with only the fields that are set."""
        body: dict[str, Any] = {
            "query": fit(query.text, self.traits.max_query_chars),
            "max_results": wanted(query, self.traits),
            "search_depth": self._depth,
        }
        if name := NAMES.get((query.country or "").upper()):
            body["country"] = name
        if query.language:
            body["language"] = query.language.lower()
        if allowed := plain_domains(query.allowed_domains)[:MAX_ALLOWED]:
            body["include_domains"] = allowed
        if denied := plain_domains(query.denied_domains)[:MAX_DENIED]:
            body["exclude_domains"] = denied
        match query.freshness:
            case DateRange(since, until):
                body |= {"start_date": since.isoformat()} if since else {}
                body |= {"end_date": until.isoformat()} if until else {}
            case str(word):
                body["time_range"] = word
        return Call("POST", self._url, headers=self._headers, json=body)

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """The results of a 200, or the error of anything else."""
        if status != 200:
            raise _refusal(status, headers, body)
        passages = (
            Passage(
                title=plain(result.title or result.url),
                url=result.url,
                text=joined(result.content.split("[...]")),
                site=host_of(result.url),
                date=iso_day(result.published_date),
            )
            for result in each(_Result, parse(_Page, body).results)
        )
        return tuple(passage for passage in passages if passage.text)


class TavilyAdapter(HttpAdapter):
    """Searches by the account's key, or without one when told so."""

    name: ClassVar[str] = "tavily"
    variants: ClassVar[Mapping[str, Traits]] = {"keyed": KEYED, "keyless": KEYLESS}

    def __init__(self, environment: Environment, *, client: httpx2.AsyncClient | None = None):
        """Raises MissingSetting without a key, unless TAVILY_KEYLESS is on."""
        key: str | None = None
        if environment.get("TAVILY_API_KEY") or not switch(
            environment, self.name, "TAVILY_KEYLESS", False
        ):
            hint = "or TAVILY_KEYLESS=on, for what Tavily gives without one"
            key = secret(environment, self.name, "TAVILY_API_KEY", hint)
        base_url = address(environment, self.name, "TAVILY_BASE_URL") or BASE_URL
        depths = ("basic", "fast", "ultra-fast", "advanced")
        depth = choice(environment, self.name, "TAVILY_DEPTH", *depths) or "basic"
        super().__init__(Tavily(key, base_url, depth=depth), environment, client=client)


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> SearchError:
    try:
        said = parse(_Refusal, body)
    except BadReply:
        said = _Refusal()
    if isinstance(said.error, _Keyless):
        # Without a key the window says which limit it was: a minute's, or the day's or month's.
        short = said.error.window in ("", "second", "minute")
        return refusal(
            status,
            headers,
            detail=said.error.message or said.error.code,
            kind=RateLimited if short else QuotaExhausted,
            retry_after=said.error.retry_after_seconds,
        )
    return refusal(
        status,
        headers,
        detail=str(said.detail.get("error", "")),
        kind=QuotaExhausted if status in (432, 433) else None,
    )


class _Page(BaseModel):
    results: list[Any]


class _Result(BaseModel):
    url: str
    content: str
    title: str | None = None
    published_date: str | None = None


class _Keyless(BaseModel):
    code: str
    message: str = ""
    window: str = ""
    retry_after_seconds: float | None = None


class _Refusal(BaseModel):
    detail: dict[str, Any] = {}
    error: _Keyless | str | None = None
