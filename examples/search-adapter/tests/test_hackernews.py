"""The pure pair as a table; nothing here needs a network."""

import json

import pytest
from orson_search_hackernews import HackerNews, HackerNewsAdapter

from search_adapters.errors import BadReply, MissingSetting, RateLimited
from search_adapters.protocol import Query

PAGE = {
    "hits": [
        {
            "objectID": "1",
            "title": "Show HN: A lamp for lighthouses",
            "url": "https://www.example.com/lamp",
            "author": "keeper",
            "points": 41,
            "num_comments": 7,
            "story_text": "<p>It turns &amp; shines.",
            "created_at": "2026-03-14T08:30:00Z",
        },
        {"objectID": "2", "title": "Ask HN: Why do lighthouses blink?", "author": "sailor"},
    ]
}


def test_stories_become_passages() -> None:
    """A story without a link of its own is cited by its discussion."""
    lamp, blink = HackerNews().passages(200, {}, json.dumps(PAGE).encode())
    assert (lamp.url, lamp.site, lamp.date) == (
        "https://www.example.com/lamp",
        "example.com",
        "2026-03-14",
    )
    assert "It turns & shines." in lamp.text
    assert blink.url == "https://news.ycombinator.com/item?id=2"


def test_points_are_asked_for() -> None:
    """The provider filters, so that the limit counts what is left."""
    call = HackerNews(min_points=10).request(Query("lamp", limit=3))
    assert call.params["numericFilters"] == "points>=10"
    assert call.params["hitsPerPage"] == "3"


def test_refusals_are_typed() -> None:
    """The chain decides by these what to do next."""
    with pytest.raises(RateLimited) as caught:
        HackerNews().passages(429, {"retry-after": "9"}, b"")
    assert caught.value.retry_after == 9.0
    with pytest.raises(BadReply):
        HackerNews().passages(200, {}, b"<html>")


def test_a_bad_setting_is_said_at_start() -> None:
    """Not in the first search."""
    with pytest.raises(MissingSetting, match="HACKERNEWS_MIN_POINTS"):
        HackerNewsAdapter({"HACKERNEWS_MIN_POINTS": "many"})
