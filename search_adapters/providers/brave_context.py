"""Brave LLM Context: extracts of the pages themselves, cut and ranked for a language model.

`GET /res/v1/llm/context` with an `X-Subscription-Token` header. It knows no freshness; dates come
with its sources, so a date range is kept to afterwards. Extracts may be tables written as JSON.
https://github.com/brave/brave-search-skills (llm-context)
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from search_adapters.backend import Call
from search_adapters.domains import host_of, wanted
from search_adapters.protocol import Passage, Query, Traits
from search_adapters.providers.brave_web import BASE_URL, SOURCE, brave_refusal, shared_params
from search_adapters.replies import each, iso_day, joined, parse, plain

TOKENS_PER_RESULT = 512
"""The least that may be asked for a page; a results block holds a thousand or so in all."""
LEAST_TOKENS = 1024


class BraveContext:
    """The LLM Context dialect."""

    traits: ClassVar[Traits] = Traits(
        max_query_chars=400,
        max_query_words=50,
        max_results=50,
        returns_passages=True,
        usd_per_1000=5.0,
        cache_seconds=0.0,  # keeping results needs a plan with storage rights
        honours=frozenset({"language", "country", "allowed_domains", "denied_domains"}),
        needs=("BRAVE_API_KEY",),
        source=SOURCE,
    )

    def __init__(self, key: str, base_url: str = BASE_URL) -> None:
        """`key` is the subscription token of a Search plan."""
        self._key, self._url = key, base_url.rstrip("/") + "/llm/context"

    def request(self, query: Query) -> Call:
        """One GET for so many pages, half a thousand tokens each."""
        count = wanted(query, self.traits)
        params = {
            **shared_params(query, self.traits),
            "count": str(count),
            "maximum_number_of_urls": str(count),
            "maximum_number_of_tokens": str(max(LEAST_TOKENS, TOKENS_PER_RESULT * count)),
            "maximum_number_of_tokens_per_url": str(TOKENS_PER_RESULT),
        }
        return Call("GET", self._url, headers={"X-Subscription-Token": self._key}, params=params)

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """One passage a page, its extracts joined, or the error of anything but a 200."""
        if status != 200:
            raise brave_refusal(status, headers, body)
        page = parse(_Page, body)
        passages = (
            Passage(
                title=plain(result.title or result.url),
                url=result.url,
                text=joined(result.snippets),
                site=host_of(result.url),
                date=_day(page.sources.get(result.url)),
            )
            for result in each(_Result, page.grounding.generic)
        )
        return tuple(passage for passage in passages if passage.text)


def _day(source: Any) -> str | None:
    """The day among `["Wednesday, January 15, 2025", "2025-01-15", "392 days ago"]`."""
    ages = source.get("age") if isinstance(source, dict) else None
    if not isinstance(ages, list):
        return None
    return next((day for age in ages if (day := iso_day(str(age)))), None)


class _Result(BaseModel):
    url: str
    snippets: list[str]
    title: str | None = None


class _Grounding(BaseModel):
    generic: list[Any] = []


class _Page(BaseModel):
    grounding: _Grounding
    sources: dict[str, Any] = {}
