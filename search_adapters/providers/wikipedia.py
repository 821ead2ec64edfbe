"""Wikipedia: the first paragraphs of the articles that a full-text search finds; free, no key.

WIKIPEDIA_CONTACT     who runs this: a mail address or a page; Wikimedia's policy asks for it
WIKIPEDIA_LANGUAGE    the edition for queries that name no language; `en` by default
WIKIPEDIA_BASE_URL    another MediaWiki's address of `api.php`

`GET /w/api.php` with `generator=search` and `prop=extracts`, one call for both. Errors come with a
200. https://www.mediawiki.org/wiki/API:Search and /Extension:TextExtracts
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import httpx2
from pydantic import BaseModel, Field

from search_adapters.backend import Call
from search_adapters.domains import fit, host_of
from search_adapters.environment import address
from search_adapters.errors import (
    BadQuery,
    BadReply,
    Blocked,
    MissingSetting,
    RateLimited,
    SearchError,
    Unavailable,
)
from search_adapters.http_adapter import USER_AGENT, HttpAdapter
from search_adapters.protocol import Environment, Passage, Query, Traits
from search_adapters.replies import each, joined, parse, plain, refusal

_EDITIONS = """ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr gl he hi hr hu hy id is
    it ja ka kk ko la lt lv mk ml mr ms nl nn no pl pt ro ru sh sk sl sq sr sv ta te th tr uk ur uz
    vi zh"""
EDITIONS = frozenset(_EDITIONS.split())
"""Languages with an edition worth asking; for others the configured one is asked."""

_KINDS: dict[str, type[SearchError]] = {
    "ratelimited": RateLimited,
    "maxlag": Unavailable,
    "readonly": Unavailable,
    "blocked": Blocked,
    "cirrussearch-too-busy-error": Unavailable,
    "search-error": Unavailable,
}


class Wikipedia:
    """The MediaWiki dialect."""

    traits: ClassVar[Traits] = Traits(
        max_query_chars=300,  # CirrusSearch's own limit
        max_results=20,  # as many as one call brings extracts of
        returns_passages=True,
        honours=frozenset({"language"}),
        needs=("WIKIPEDIA_CONTACT",),
        source="wikitech.wikimedia.org API etiquette, 2026-11: CC BY-SA, to be attributed",
    )

    def __init__(self, contact: str, language: str = "en", url: str | None = None) -> None:
        """`url` replaces the address that the language gives."""
        self._agent = f"{USER_AGENT} ({contact})"
        self._language, self._url = language, url

    def request(self, query: Query) -> Call:
        """One GET for the introductions of what the search finds."""
        asked = (query.language or "").lower()
        edition = asked if asked in EDITIONS else self._language
        params = {
            "action": "query",
            "format": "json",
            "formatversion": "2",
            "redirects": "1",
            "generator": "search",
            "gsrsearch": fit(query.text, self.traits.max_query_chars),
            "gsrlimit": str(min(query.limit, self.traits.max_results)),
            "prop": "extracts|info",
            "inprop": "url",
            "exintro": "1",
            "explaintext": "1",
            "exlimit": str(self.traits.max_results),
        }
        url = self._url or f"https://{edition}.wikipedia.org/w/api.php"
        return Call("GET", url, headers={"User-Agent": self._agent}, params=params)

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """The articles in the search's order; a 200 may hold an error instead."""
        if status != 200:
            raise refusal(status, headers)
        page = parse(_Page, body)
        if page.error is not None:
            kind = _KINDS.get(page.error.code, BadQuery)
            raise refusal(status, headers, detail=page.error.info or page.error.code, kind=kind)
        if page.query is None:
            if page.batchcomplete is None:
                raise BadReply("neither query nor batchcomplete")
            return ()  # found nothing
        articles = each(_Article, page.query.pages)
        passages = (
            Passage(
                plain(article.title),
                article.fullurl,
                joined(article.extract.split("\n")),
                host_of(article.fullurl),
            )
            for article in sorted(articles, key=lambda article: article.index)
        )
        return tuple(passage for passage in passages if passage.text)


class WikipediaAdapter(HttpAdapter):
    """Searches Wikipedia, or another MediaWiki."""

    name: ClassVar[str] = "wikipedia"
    variants: ClassVar[Mapping[str, Traits]] = {"": Wikipedia.traits}

    def __init__(self, environment: Environment, *, client: httpx2.AsyncClient | None = None):
        """Raises MissingSetting without a contact, or for a language that is no code."""
        contact = environment.get("WIKIPEDIA_CONTACT", "").strip()
        if not contact or not contact.isascii() or not contact.isprintable():
            hint = "a mail address or page of yours, which Wikimedia's policy asks for"
            raise MissingSetting(self.name, "WIKIPEDIA_CONTACT", hint)
        language = environment.get("WIKIPEDIA_LANGUAGE", "").strip().lower() or "en"
        if not re.fullmatch(r"[a-z]{2,3}(-[a-z]{2,12})?|simple", language):
            hint = f"the code of an edition such as 'de', not '{language}'"
            raise MissingSetting(self.name, "WIKIPEDIA_LANGUAGE", hint)
        url = address(environment, self.name, "WIKIPEDIA_BASE_URL")
        super().__init__(Wikipedia(contact, language, url), environment, client=client)


class _Error(BaseModel):
    code: str
    info: str = ""


class _Article(BaseModel):
    title: str
    fullurl: str
    index: int
    extract: str = Field(default="")


class _Query(BaseModel):
    pages: list[Any]


class _Page(BaseModel):
    batchcomplete: bool | None = None
    query: _Query | None = None
    error: _Error | None = None
