"""Serper: Google's results through serper.dev, the way that stays open after Custom Search ends.

`POST /search` with an `X-API-KEY` header. Used-up credits come as a 400 with a message.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from search_adapters.backend import Call
from search_adapters.domains import host_of, with_sites
from search_adapters.errors import BadReply, QuotaExhausted, SearchError
from search_adapters.freshness import Clock, google_tbs, today
from search_adapters.protocol import Passage, Query, Traits
from search_adapters.replies import each, iso_day, parse, plain, refusal

BASE_URL = "https://google.serper.dev"


class Serper:
    """The Serper dialect."""

    traits: ClassVar[Traits] = Traits(
        max_query_chars=1000,  # not documented; very long queries are refused
        max_results=10,  # more than ten cost twice the credits
        usd_per_1000=1.0,
        cache_seconds=0.0,
        honours=frozenset(
            {"language", "country", "freshness", "allowed_domains", "denied_domains", "place"}
        ),
        needs=("SERPER_API_KEY",),
        source="serper.dev pricing (Starter), 2026-11; terms on storage unread",
    )

    def __init__(self, key: str, base_url: str = BASE_URL, clock: Clock = today) -> None:
        """`key` is the account's API key."""
        self._key, self._url, self._clock = key, base_url.rstrip("/") + "/search", clock

    def request(self, query: Query) -> Call:
        """One POST."""
        body: dict[str, Any] = {
            "q": with_sites(query, self.traits.max_query_chars),
            "num": min(query.limit, self.traits.max_results),
        }
        if query.language:
            body["hl"] = query.language.lower()
        if query.country:
            body["gl"] = query.country.lower()
        if query.place:
            body["location"] = query.place
        if query.freshness:
            body["tbs"] = google_tbs(query.freshness, self._clock())
        return Call("POST", self._url, headers={"X-API-KEY": self._key}, json=body)

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """Answer box and knowledge graph, where they name a source, then the organic results."""
        if status != 200:
            raise self._refusal(status, headers, body)
        page = parse(_Page, body)
        if page.organic is None and page.searchParameters is None:
            raise BadReply("neither organic nor searchParameters")
        return tuple(page.read())

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> SearchError:
        try:
            message = parse(_Refusal, body).message
        except BadReply:
            message = ""
        spent = status in (400, 402, 403) and "credit" in message.casefold()
        return refusal(status, headers, detail=message, kind=QuotaExhausted if spent else None)


class _Box(BaseModel):
    link: str
    title: str = ""
    answer: str = ""
    snippet: str = ""


class _Graph(BaseModel):
    descriptionLink: str
    description: str
    title: str = ""


class _Result(BaseModel):
    link: str
    title: str | None = None
    snippet: str = ""
    date: str | None = None


class _Page(BaseModel):
    searchParameters: dict[str, Any] | None = None
    organic: list[Any] | None = None
    answerBox: dict[str, Any] | None = None
    knowledgeGraph: dict[str, Any] | None = None

    def read(self) -> Iterator[Passage]:
        """The passages in the order a reader would want them, no page twice."""
        # Boxes without a link can't be cited, so they are left out.
        if self.answerBox and self.answerBox.get("link"):
            for box in each(_Box, [self.answerBox]):
                text = " ".join(part for part in (box.answer, box.snippet) if part)
                if text:
                    yield _passage(box.link, box.title, text)
        if self.knowledgeGraph and self.knowledgeGraph.get("descriptionLink"):
            for graph in each(_Graph, [self.knowledgeGraph]):
                yield _passage(graph.descriptionLink, graph.title, graph.description)
        for result in each(_Result, self.organic or []):
            if result.snippet.strip():
                yield _passage(result.link, result.title or "", result.snippet, result.date)


class _Refusal(BaseModel):
    message: str = ""


def _passage(link: str, title: str, text: str, day: str | None = None) -> Passage:
    return Passage(plain(title or link), link, plain(text), host_of(link), iso_day(day))
