"""A search adapter for Orson that finds Hacker News stories, by the public Algolia index.

    HACKERNEWS_MIN_POINTS    leave out stories with fewer points; 0 by default

No key is needed. API: https://hn.algolia.com/api
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel

from search_adapters.backend import Call
from search_adapters.domains import host_of
from search_adapters.errors import MissingSetting
from search_adapters.http_adapter import HttpAdapter
from search_adapters.protocol import Environment, Passage, Query, Traits
from search_adapters.replies import each, iso_day, parse, plain, refusal

_URL = "https://hn.algolia.com/api/v1/search"
_STORY = "https://news.ycombinator.com/item?id="


class HackerNews:
    """The pure pair: what to ask, and how to read the answer. No IO, so it is tested as a table."""

    traits: ClassVar[Traits] = Traits(max_query_chars=300, max_results=20)

    def __init__(self, min_points: int = 0) -> None:
        self._min_points = min_points

    def request(self, query: Query) -> Call:
        """One GET for stories."""
        params = {
            "query": query.text,
            "tags": "story",
            "hitsPerPage": str(min(query.limit, self.traits.max_results)),
        }
        if self._min_points:
            params["numericFilters"] = f"points>={self._min_points}"
        return Call("GET", _URL, params=params)

    def passages(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[Passage, ...]:
        """A passage per story: what it is, and the text its poster wrote, if any."""
        if status != 200:
            raise refusal(status, headers)
        return tuple(_passage(story) for story in each(_Story, parse(_Page, body).hits))


class HackerNewsAdapter(HttpAdapter):
    """What the entry point names. All IO, limits and error mapping come from `HttpAdapter`."""

    name: ClassVar[str] = "hackernews"

    def __init__(self, environment: Environment) -> None:
        points = environment.get("HACKERNEWS_MIN_POINTS") or "0"
        if not points.isdecimal():
            raise MissingSetting("hackernews", "HACKERNEWS_MIN_POINTS", "a whole number")
        super().__init__(HackerNews(int(points)))


class _Page(BaseModel):
    hits: list[Any]


class _Story(BaseModel):
    objectID: str
    title: str
    url: str | None = None
    author: str = ""
    points: int | None = None
    num_comments: int | None = None
    story_text: str | None = None
    created_at: str | None = None


def _passage(story: _Story) -> Passage:
    url = story.url or _STORY + story.objectID
    facts = (
        f"Posted by {story.author}, {story.points or 0} points, {story.num_comments or 0} comments."
    )
    text = " ".join(
        part for part in (plain(story.title) + ".", plain(story.story_text or ""), facts) if part
    )
    return Passage(plain(story.title), url, text, host_of(url), iso_day(story.created_at))
