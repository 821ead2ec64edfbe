"""Each provider's pure pair, as tables: queries to requests, replies to passages or errors."""

import json
from pathlib import Path

import pytest

from search_adapters import errors
from search_adapters.backend import Backend
from search_adapters.bing_v7 import BingV7
from search_adapters.custom_search import CustomSearch
from search_adapters.errors import SearchError
from search_adapters.protocol import Query
from search_adapters.serper import Serper
from search_adapters.web_iq import WebIq

REPLIES = Path(__file__).with_name("replies")
KEY = "k3y-of-the-house"
BACKENDS: dict[str, Backend] = {
    "web_iq": WebIq(KEY),
    "bing_v7": BingV7(KEY, "https://bing.example/v7.0/"),
    "custom_search": CustomSearch(KEY, "engine-id"),
    "serper": Serper(KEY),
}
each_backend = pytest.mark.parametrize("name", BACKENDS)


def body(name: str, case: str) -> bytes:
    return (REPLIES / name / f"{case}.json").read_bytes()


@each_backend
def test_results_become_passages(name: str) -> None:
    passages = BACKENDS[name].passages(200, {}, body(name, "ok"))
    by_url = {passage.url.split("?")[0]: passage for passage in passages}
    varn = by_url["https://www.example.com/lighthouses/varn"]
    assert varn.title == "Lighthouses of the Varn coast"
    assert "lit in 1871" in varn.text
    assert "<b>" not in varn.text
    assert "&amp;" not in varn.text
    assert "\n" not in varn.text
    assert varn.site == "example.com"
    assert varn.date == "2026-03-14"
    town = by_url["https://towns.example.org/varn"]
    assert town.text.startswith("Varn has 4,200 people")
    assert town.date is None


@each_backend
def test_no_results_are_no_error(name: str) -> None:
    assert BACKENDS[name].passages(200, {}, body(name, "empty")) == ()


@pytest.mark.parametrize(
    ("name", "case", "status", "kind", "retry_after"),
    [
        ("web_iq", "401", 401, errors.NotAuthorised, None),
        ("web_iq", "429", 429, errors.RateLimited, 60.0),
        ("web_iq", "430", 430, errors.RateLimited, 2.0),
        ("web_iq", "quota", 402, errors.QuotaExhausted, None),
        ("web_iq", "filtered", 403, errors.BadQuery, None),
        ("web_iq", "off", 403, errors.Unavailable, None),
        ("bing_v7", "401", 401, errors.NotAuthorised, None),
        ("bing_v7", "403", 403, errors.NotAuthorised, None),
        ("bing_v7", "429", 429, errors.RateLimited, 26.0),
        ("bing_v7", "quota", 403, errors.QuotaExhausted, None),
        ("custom_search", "401", 401, errors.NotAuthorised, None),
        ("custom_search", "bad_key", 400, errors.NotAuthorised, None),
        ("custom_search", "429", 429, errors.RateLimited, None),
        ("custom_search", "quota", 429, errors.QuotaExhausted, None),
        ("custom_search", "quota_403", 403, errors.QuotaExhausted, None),
        ("serper", "403", 403, errors.NotAuthorised, None),
        ("serper", "429", 429, errors.RateLimited, None),
        ("serper", "quota", 400, errors.QuotaExhausted, None),
    ],
)
def test_a_refusal_says_what_follows_from_it(
    name: str, case: str, status: int, kind: type[SearchError], retry_after: float | None
) -> None:
    with pytest.raises(kind) as caught:
        BACKENDS[name].passages(status, {}, body(name, case))
    assert type(caught.value) is kind
    assert caught.value.retry_after == retry_after


@each_backend
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, errors.BadReply),
        (404, errors.BadReply),
        (408, errors.TimedOut),
        (410, errors.Retired),
        (414, errors.BadQuery),
        (500, errors.Unavailable),
        (503, errors.Unavailable),
        (504, errors.TimedOut),
    ],
)
def test_statuses_without_a_readable_body(name: str, status: int, kind: type[SearchError]) -> None:
    with pytest.raises(kind) as caught:
        BACKENDS[name].passages(status, {"retry-after": "7"}, (REPLIES / "page.html").read_bytes())
    assert caught.value.retry_after == 7.0


@each_backend
def test_html_instead_of_json_is_named(name: str) -> None:
    with pytest.raises(errors.BadReply, match="HTML"):
        BACKENDS[name].passages(200, {}, (REPLIES / "page.html").read_bytes())


@each_backend
@pytest.mark.parametrize("reply", [b"", b"null", b"[]", b'"ok"', b"{}", b"\xff\xfe", b"[" * 5000])
def test_other_json_is_a_bad_reply(name: str, reply: bytes) -> None:
    with pytest.raises(errors.BadReply):
        BACKENDS[name].passages(200, {}, reply)


@each_backend
def test_a_cut_reply_is_a_bad_reply(name: str) -> None:
    whole = body(name, "ok")
    for end in range(0, len(whole) - 2, 97):
        with pytest.raises(errors.BadReply):
            BACKENDS[name].passages(200, {}, whole[:end])


@each_backend
def test_results_with_other_fields_are_a_bad_reply(name: str) -> None:
    with pytest.raises(errors.BadReply, match="documented"):
        BACKENDS[name].passages(200, {}, body(name, "other_fields"))


@each_backend
def test_one_odd_result_does_not_spoil_the_page(name: str) -> None:
    page = json.loads(body(name, "ok"))
    places = {"web_iq": "webResults", "custom_search": "items", "serper": "organic"}
    results = page["webPages"]["value"] if name == "bing_v7" else page[places[name]]
    good = len(BACKENDS[name].passages(200, {}, json.dumps(page).encode()))
    results.insert(0, {"url": 5, "link": None})
    results.insert(1, "not an object")
    assert len(BACKENDS[name].passages(200, {}, json.dumps(page).encode())) == good


@each_backend
def test_the_key_is_in_the_headers_and_nowhere_to_be_seen(name: str) -> None:
    call = BACKENDS[name].request(Query("varn lighthouse"))
    assert KEY in call.headers.values()
    assert KEY not in call.url
    assert KEY not in str(call.params)
    assert KEY not in repr(call)


@each_backend
def test_domains_are_asked_for_by_operator(name: str) -> None:
    def text(query: Query) -> str:
        call = BACKENDS[name].request(query)
        sent = {**call.params, **(call.json or {})}
        return str(sent.get("q") or sent["query"])

    one = Query("varn", allowed_domains=("Example.com",))
    assert text(one) == "varn site:example.com"
    two = Query("varn", allowed_domains=("example.com", "*.example.org"))
    assert text(two) == "varn (site:example.com OR site:example.org)"
    many = Query("varn", allowed_domains=tuple(f"d{i}.example" for i in range(20)))
    assert text(many) == "varn"
    sly = Query("varn", allowed_domains=("example.com OR site:evil.example",))
    assert text(sly) == "varn"
    long = Query("varn " * 400, allowed_domains=("example.com",))
    assert len(text(long)) <= BACKENDS[name].max_query_chars
    assert text(long).endswith("varn site:example.com")


def test_web_iq_asks_for_passages_of_a_stated_length() -> None:
    call = BACKENDS["web_iq"].request(Query("varn", limit=99, language="EN", country="gb"))
    assert (call.method, call.url) == ("POST", "https://api.microsoft.ai/v3/search/web")
    assert call.json == {
        "query": "varn",
        "maxResults": 50,
        "contentFormat": "passage",
        "maxLength": 1200,
        "language": "en",
        "region": "GB",
    }


def test_bing_v7_asks_for_plain_text() -> None:
    call = BACKENDS["bing_v7"].request(Query("varn", limit=3, language="en", country="GB"))
    assert (call.method, call.url) == ("GET", "https://bing.example/v7.0/search")
    assert call.params["mkt"] == "en-GB"
    assert call.params["count"] == "3"
    assert call.params["textDecorations"] == "false"


def test_bing_v7_keeps_its_url_short_in_every_script() -> None:
    from urllib.parse import urlencode

    call = BACKENDS["bing_v7"].request(Query("灯台の歴史" * 200))
    assert 0 < len(urlencode(call.params)) < 1500


def test_custom_search_asks_for_a_page_at_most() -> None:
    call = BACKENDS["custom_search"].request(Query("varn", limit=50, language="en", country="GB"))
    assert call.params == {
        "cx": "engine-id",
        "q": "varn",
        "num": "10",
        "hl": "en",
        "lr": "lang_en",
        "gl": "gb",
    }


def test_serper_is_told_where_the_user_is() -> None:
    call = BACKENDS["serper"].request(Query("varn", country="GB", place="Leeds, England"))
    assert call.json is not None
    assert (call.json["gl"], call.json["location"]) == ("gb", "Leeds, England")


def test_serper_puts_its_boxes_first_where_they_have_a_source() -> None:
    passages = BACKENDS["serper"].passages(200, {}, body("serper", "ok"))
    assert [passage.site for passage in passages[:2]] == [
        "history.example.com",
        "encyclopedia.example.org",
    ]
    assert passages[0].text == "1871 The lighthouse was first lit in 1871."
    page = json.loads(body("serper", "ok"))
    del page["answerBox"]["link"], page["knowledgeGraph"]["descriptionLink"]
    assert len(BACKENDS["serper"].passages(200, {}, json.dumps(page).encode())) == 2
