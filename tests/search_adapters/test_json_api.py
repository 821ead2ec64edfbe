"""A search API that is written down instead of programmed: templates, mapping, what is refused."""

import json
from datetime import date
from typing import Any

import pytest
from dialects import HTTP, KEY, clock

from search_adapters.errors import BadReply, MissingSetting, Unavailable
from search_adapters.json_mapping import JsonMapping
from search_adapters.protocol import DateRange, Environment, Query
from search_adapters.providers.json_api import JsonApi, JsonApiAdapter
from search_adapters.templates import filled, unknown, values

DEFAULT = JsonMapping.from_environment({}, "http", "M")
RESULT = {"title": "Varn", "url": "https://example.com/varn", "snippet": "Varn is a town."}


def api(url: str, body: Any = None) -> JsonApi:
    return JsonApi(url, DEFAULT, body=body, key=KEY, clock=clock)


def test_what_the_query_does_not_say_is_left_out_of_the_address() -> None:
    backend = api(
        "https://api.example/v1?q={query}&n={limit}&lang={language}&cc={country}"
        "&age={freshness}&from={since}&to={until}&site={allowed_domains}&fixed=1&key={key}"
    )
    plain = backend.request(Query("varn & co", limit=3))
    assert plain.url == "https://api.example/v1"
    assert plain.params == {"q": "varn & co", "n": "3", "fixed": "1", "key": KEY}
    assert KEY not in plain.redact(f"?key={KEY}")
    full = backend.request(
        Query(
            "varn",
            language="DE",
            country="AT",
            freshness=DateRange(date(2026, 3, 1), date(2026, 3, 14)),
            allowed_domains=("a.example", "www.b.example"),
        )
    )
    assert full.params["lang"] == "de"
    assert full.params["cc"] == "at"
    assert full.params["age"] == "month"
    assert (full.params["from"], full.params["to"]) == ("2026-03-01", "2026-03-14")
    assert full.params["site"] == "a.example,b.example"


def test_a_query_in_the_path_is_quoted() -> None:
    call = api("https://api.example/search/{query}/{limit}").request(Query("c++ / ../admin"))
    assert call.url == "https://api.example/search/c%2B%2B%20%2F%20..%2Fadmin/5"


def test_a_body_keeps_its_types() -> None:
    body = {
        "q": "{query}",
        "n": "{limit}",
        "filter": {"lang": "{language}", "since": "{since}"},
        "tags": ["web", "{country}"],
        "note": "for {query}",
        "safe": True,
    }
    call = api("https://api.example/v1", body).request(Query('a "b" {limit}', limit=2))
    assert call.method == "POST"
    assert call.json == {
        "q": 'a "b" {limit}',
        "n": 2,
        "filter": {},
        "tags": ["web"],
        "note": 'for a "b" {limit}',
        "safe": True,
    }


def test_placeholders_are_known_or_named() -> None:
    assert unknown(["{query}", {"a": "{qeury} {limit}"}]) == ["qeury"]
    assert filled("{nothing}", values(Query("varn"), 5, "", date(2026, 3, 20))) is None


@pytest.mark.parametrize(
    "reply",
    [
        {"results": [RESULT]},
        {"items": [RESULT]},
        {"organic": [{"title": "Varn", "link": RESULT["url"], "snippet": RESULT["snippet"]}]},
        {"web": {"results": [{**RESULT, "snippet": None, "description": RESULT["snippet"]}]}},
        [RESULT],
        {"data": [{"name": "Varn", "href": RESULT["url"], "highlights": [RESULT["snippet"]]}]},
    ],
)
def test_common_shapes_need_no_mapping(reply: Any) -> None:
    (passage,) = DEFAULT.passages(reply)
    assert (passage.title, passage.url, passage.text, passage.site) == (
        "Varn",
        "https://example.com/varn",
        "Varn is a town.",
        "example.com",
    )


def test_an_empty_list_is_no_error() -> None:
    assert DEFAULT.passages({"results": []}) == ()
    assert DEFAULT.passages([]) == ()


def test_an_error_in_a_200_is_one() -> None:
    with pytest.raises(Unavailable, match="out of order"):
        DEFAULT.passages({"error": {"message": "out of order"}, "results": []})


@pytest.mark.parametrize("reply", [None, 5, "text", {}, {"results": {"a": 1}}, [RESULT["url"]]])
def test_other_shapes_are_bad_replies(reply: Any) -> None:
    with pytest.raises(BadReply):
        DEFAULT.passages(reply)


def test_an_expression_that_does_not_fit_the_reply() -> None:
    mapping = JsonMapping.from_environment({"M_TEXT": "join(' ', parts)"}, "http", "M")
    with pytest.raises(BadReply, match="mapping"):
        mapping.passages([{**RESULT, "parts": 5}])


@pytest.mark.parametrize(
    ("changed", "variable"),
    [
        ({"HTTP_SEARCH_URL": ""}, "HTTP_SEARCH_URL"),
        ({"HTTP_SEARCH_URL": "ftp://x?q={query}"}, "HTTP_SEARCH_URL"),
        ({"HTTP_SEARCH_URL": "https://x.example?q={qeury}"}, "HTTP_SEARCH_URL"),
        ({"HTTP_SEARCH_URL": "https://x.example?q=1"}, "HTTP_SEARCH_URL"),
        ({"HTTP_SEARCH_BODY": "{"}, "HTTP_SEARCH_BODY"),
        ({"HTTP_SEARCH_BODY": "[1]"}, "HTTP_SEARCH_BODY"),
        ({"HTTP_SEARCH_HEADERS": '{"a": 1}'}, "HTTP_SEARCH_HEADERS"),
        ({"HTTP_SEARCH_KEY": ""}, "HTTP_SEARCH_KEY"),
        ({"HTTP_SEARCH_RESULTS": "a[["}, "HTTP_SEARCH_RESULTS"),
        ({"HTTP_SEARCH_MAX_RESULTS": "0"}, "HTTP_SEARCH_MAX_RESULTS"),
        ({"HTTP_SEARCH_PASSAGES": "perhaps"}, "HTTP_SEARCH_PASSAGES"),
    ],
)
def test_a_wrong_setting_is_said_at_start(changed: Environment, variable: str) -> None:
    with pytest.raises(MissingSetting) as caught:
        JsonApiAdapter({**HTTP, **changed})
    assert caught.value.variable == variable
    assert KEY not in str(caught.value)


def test_traits_follow_from_what_is_written() -> None:
    traits = JsonApiAdapter(HTTP).traits
    assert traits.honours == {"language"}
    assert (traits.max_results, traits.returns_passages, traits.speculative) == (10, False, False)
    more = {"HTTP_SEARCH_MAX_RESULTS": "20", "HTTP_SEARCH_PASSAGES": "on"}
    traits = JsonApiAdapter({**HTTP, **more, "HTTP_SEARCH_FREE": "on"}).traits
    assert (traits.max_results, traits.returns_passages, traits.speculative) == (20, True, True)


def test_a_status_and_an_error_that_is_no_text() -> None:
    with pytest.raises(BadReply, match="404"):
        api("https://x.example?q={query}").passages(404, {}, json.dumps({"error": 5}).encode())
