"""Exa: search by meaning in an index of its own, with the extracts that answer the query.

EXA_API_KEY     the account's key
EXA_TYPE        fast (default), auto, instant or lite
EXA_BASE_URL    another address of the same API

`POST /search` with an `x-api-key` header. A date filter drops pages whose date Exa doesn't know.
https://exa.ai/docs/reference/search
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import httpx2
from pydantic import BaseModel

from search_adapters.backend import Call
from search_adapters.domains import fit, host_of, plain_domains, wanted
from search_adapters.environment import address, choice, secret
from search_adapters.errors import BadQuery, BadReply, SearchError
from search_adapters.freshness import Clock, as_range, today
from search_adapters.http_adapter import HttpAdapter
from search_adapters.protocol import Environment, Passage, Query, Traits
from search_adapters.replies import each, iso_day, joined, parse, plain, refusal

BASE_URL = "https://api.exa.ai"
EXTRACT_CHARS = 1200


class Exa:
    """The Exa dialect."""

    traits: ClassVar[Traits] = Traits(
        max_query_chars=1000,  # not documented; it reads questions as well as keywords
        max_results=25,  # more costs five times as much
        returns_passages=True,
        usd_per_1000=5.0,
        cache_seconds=0.0,  # its terms let nothing be copied but a browser's temporary files
        honours=frozenset({"country", "freshness", "allowed_domains", "denied_domains"}),
        needs=("EXA_API_KEY",),
        source="LiteLLM's price map 1.110 and Exa_Labs_Terms_of_Service.pdf, 2026-11",
    )

    def __init__(
        self, key: str, base_url: str = BASE_URL, *, kind: str = "fast", clock: Clock = today
    ) -> None:
        """`kind` is Exa's search type."""
        self._key, self._url = key, base_url.rstrip("/") + "/search"
        self._kind, self._clock = kind, clock

    def request(self, query: Query) -> Call:
        """One POST for the extracts that fit the query."""
        body: dict[str, Any] = {
            "query": fit(query.text, self.traits.max_query_chars),
            "type": self._kind,
            "numResults": wanted(query, self.traits),
            "contents": {"highlights": {"maxCharacters": EXTRACT_CHARS}},
        }
        if query.country:
            body["userLocation"] = query.country.upper()
        if allowed := plain_domains(query.allowed_domains):
            body["includeDomains"] = allowed
        elif denied := plain_domains(query.denied_domains):
            body["excludeDomains"] = denied
        if query.freshness:
            days = as_range(query.freshness, self._clock())
            if days.since:
                body["startPublishedDate"] = f"{days.since}T00:00:00.000Z"
            if days.until:
                body["endPublishedDate"] = f"{days.until}T23:59:59.999Z"
        return Call("POST", self._url, headers={"x-api-key": self._key}, json=body)

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """The results in Exa's order, or the error of anything but a 200."""
        if status != 200:
            raise _refusal(status, headers, body)
        passages = (
            Passage(
                title=plain(result.title or result.url),
                url=result.url,
                text=joined(result.highlights or [result.text or ""], EXTRACT_CHARS),
                site=host_of(result.url),
                date=iso_day(result.publishedDate),
            )
            for result in each(_Result, parse(_Page, body).results)
        )
        return tuple(passage for passage in passages if passage.text)


class ExaAdapter(HttpAdapter):
    """Searches with Exa."""

    name: ClassVar[str] = "exa"
    variants: ClassVar[Mapping[str, Traits]] = {"": Exa.traits}

    def __init__(self, environment: Environment, *, client: httpx2.AsyncClient | None = None):
        """Raises MissingSetting for an absent key or an unknown type."""
        key = secret(environment, self.name, "EXA_API_KEY", "the key of your Exa account")
        kinds = ("fast", "auto", "instant", "lite")
        kind = choice(environment, self.name, "EXA_TYPE", *kinds) or "fast"
        base_url = address(environment, self.name, "EXA_BASE_URL") or BASE_URL
        super().__init__(Exa(key, base_url, kind=kind), environment, client=client)


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> SearchError:
    try:
        said = parse(_Refusal, body)
    except BadReply:
        said = _Refusal()
    # A 403 is about the plan, or about this one query.
    prohibited = status == 403 and said.tag == "PROHIBITED_CONTENT"
    detail = f"{said.tag} {said.error}".strip()
    return refusal(status, headers, detail=detail, kind=BadQuery if prohibited else None)


class _Page(BaseModel):
    results: list[Any]


class _Result(BaseModel):
    url: str
    title: str | None = None
    publishedDate: str | None = None
    highlights: list[str] | None = None
    text: str | None = None


class _Refusal(BaseModel):
    error: str = ""
    tag: str = ""
