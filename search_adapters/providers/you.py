"""You.com: web and news results with extracts of the pages; by key, or without one.

YDC_API_KEY     the account's key
YOU_KEYLESS     `on`: search without a key, within the 100 searches a day that an address gets
YOU_BASE_URL    another address of the same API, before `/v1/search`

With a key `POST /v1/search`; without one `GET /v1/agents/search` at another host, whose compressed
bodies are broken, so none are asked for. Allowed and denied domains exclude each other. A 402 is
a used-up allowance. https://you.com/docs/api-reference/search/v1-search
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx2
from pydantic import BaseModel

from search_adapters.backend import Call
from search_adapters.domains import fit, host_of, plain_domains, wanted
from search_adapters.environment import address, secret, switch
from search_adapters.errors import BadReply, SearchError
from search_adapters.freshness import Clock, as_closed_range, today
from search_adapters.http_adapter import HttpAdapter
from search_adapters.protocol import DateRange, Environment, Passage, Query, Traits
from search_adapters.providers.locales import market_country, market_language
from search_adapters.replies import each, iso_day, joined, parse, plain, refusal

BASE_URL = "https://ydc-index.io"
KEYLESS_URL = "https://api.you.com/v1/agents/search"
MAX_DOMAINS = 500
MAX_DOMAINS_IN_ADDRESS = 50

KEYED = Traits(
    max_query_chars=400,
    max_results=20,
    returns_passages=True,
    usd_per_1000=5.0,
    cache_seconds=0.0,
    honours=frozenset({"language", "country", "freshness", "allowed_domains", "denied_domains"}),
    needs=("YDC_API_KEY",),
    source="inference.sh/apps/you/search, 2026-11 (a reseller); terms on storage unread",
)
KEYLESS = replace(
    KEYED,
    usd_per_1000=0.0,
    needs=("YOU_KEYLESS",),
    source="you.com/docs, 2026-11: 100 searches a day for each address",
)


class You:
    """The v1 search dialect."""

    def __init__(self, key: str | None, base_url: str = BASE_URL, clock: Clock = today) -> None:
        """`key` None asks without one, at the host for that."""
        self._key, self._clock = key, clock
        self._url = f"{base_url.rstrip('/')}/v1/search" if key else KEYLESS_URL
        self.traits = KEYED if key else KEYLESS

    def request(self, query: Query) -> Call:
        """One call for the extracts that fit the query."""
        fields: dict[str, Any] = {
            "query": fit(query.text, self.traits.max_query_chars),
            "count": wanted(query, self.traits),
        }
        if language := market_language(query.language, query.country, japanese="ja"):
            fields["language"] = language.upper()
        if country := market_country(query.country):
            fields["country"] = country
        most = MAX_DOMAINS if self._key else MAX_DOMAINS_IN_ADDRESS
        allowed, denied = plain_domains(query.allowed_domains), plain_domains(query.denied_domains)
        if allowed and len(allowed) <= most:
            fields["include_domains"] = allowed
        elif denied and not allowed and len(denied) <= most:
            fields["exclude_domains"] = denied
        match query.freshness:
            case DateRange() as days:
                since, until = as_closed_range(days, self._clock())
                fields["freshness"] = f"{since}to{until}"
            case str(word):
                fields["freshness"] = word
        if self._key:
            fields["extraction"] = {"extraction_mode": "highlights"}
            return Call("POST", self._url, headers={"X-API-Key": self._key}, json=fields)
        flat = {k: ",".join(v) if isinstance(v, list) else str(v) for k, v in fields.items()}
        return Call("GET", self._url, headers={"Accept-Encoding": "identity"}, params=flat)

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """Web results, then news, or the error of anything but a 200."""
        if status != 200:
            raise _refusal(status, headers, body)
        page = parse(_Page, body)
        found = [*each(_Result, page.results.web), *each(_Result, page.results.news)]
        passages = (
            Passage(
                title=plain(result.title or result.url),
                url=result.url,
                text=joined(result.pieces()),
                site=host_of(result.url),
                date=iso_day(result.page_age),
            )
            for result in found
        )
        return tuple(passage for passage in passages if passage.text)


class YouAdapter(HttpAdapter):
    """Searches by the account's key, or without one when told so."""

    name: ClassVar[str] = "you"
    variants: ClassVar[Mapping[str, Traits]] = {"keyed": KEYED, "keyless": KEYLESS}

    def __init__(self, environment: Environment, *, client: httpx2.AsyncClient | None = None):
        """Raises MissingSetting without a key, unless YOU_KEYLESS is on."""
        key: str | None = None
        if environment.get("YDC_API_KEY") or not switch(
            environment, self.name, "YOU_KEYLESS", False
        ):
            hint = "or YOU_KEYLESS=on, for 100 searches a day without one"
            key = secret(environment, self.name, "YDC_API_KEY", hint)
        base_url = address(environment, self.name, "YOU_BASE_URL") or BASE_URL
        super().__init__(You(key, base_url), environment, client=client)


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> SearchError:
    try:
        said = parse(_Refusal, body)
    except BadReply:
        said = _Refusal()
    detail = said.message or (said.detail if isinstance(said.detail, str) else "") or said.error
    return refusal(status, headers, detail=detail, retry_after=_until(said.reset_at))


def _until(reset_at: str | None) -> float | None:
    """Seconds until an ISO moment, None when there is none."""
    try:
        moment = datetime.fromisoformat((reset_at or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


class _Contents(BaseModel):
    highlights: list[str] | None = None


class _Result(BaseModel):
    url: str
    title: str | None = None
    description: str | None = None
    snippets: list[str] | None = None
    page_age: str | None = None
    contents: _Contents | None = None

    def pieces(self) -> list[str]:
        """The extracts that fit the query; else the snippets, else the description."""
        extracts = self.contents.highlights if self.contents else None
        return extracts or self.snippets or [self.description or ""]


class _Results(BaseModel):
    web: list[Any] = []
    news: list[Any] = []


class _Page(BaseModel):
    results: _Results


class _Refusal(BaseModel):
    error: str = ""
    message: str = ""
    detail: Any = None
    reset_at: str | None = None
