"""What each provider is asked, in its own notation: one query, and every way to narrow it."""

import json
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from dialects import DIALECTS, body

from search_adapters.protocol import DateRange, Freshness, Query
from search_adapters.providers.tavily import Tavily
from search_adapters.providers.you import KEYLESS_URL

MARCH = DateRange(date(2026, 3, 1), date(2026, 3, 14))


def sent(name: str, query: Query) -> dict[str, Any]:
    call = DIALECTS[name].backend.request(query)
    return {**call.params, **(call.json or {})}


def test_web_iq_asks_for_passages_of_a_stated_length() -> None:
    call = DIALECTS["web_iq"].backend.request(Query("varn", limit=99, language="EN", country="gb"))
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
    call = DIALECTS["bing_v7"].backend.request(Query("varn", limit=3, language="en", country="GB"))
    assert (call.method, call.url) == ("GET", "https://bing.example/v7.0/search")
    assert call.params["mkt"] == "en-GB"
    assert call.params["count"] == "3"
    assert call.params["textDecorations"] == "false"


def test_bing_v7_keeps_its_url_short_in_every_script() -> None:
    call = DIALECTS["bing_v7"].backend.request(Query("灯台の歴史" * 200))
    assert 0 < len(urlencode(call.params)) < 1500


def test_foundry_searches_by_its_connection() -> None:
    query = Query("varn", limit=3, language="en", country="GB", freshness="week")
    assert sent("foundry", query) == {
        "model": "m",
        "input": "varn",
        "tools": [
            {
                "type": "bing_grounding",
                "bing_grounding": {
                    "search_configurations": [
                        {
                            "project_connection_id": "bing-1",
                            "count": 3,
                            "market": "en-GB",
                            "set_lang": "en",
                            "freshness": "Week",
                        }
                    ]
                },
            }
        ],
    }


def test_custom_search_asks_for_a_page_at_most() -> None:
    query = Query("varn", limit=50, language="en", country="GB")
    assert sent("custom_search", query) == {
        "cx": "engine-id",
        "q": "varn",
        "num": "10",
        "hl": "en",
        "lr": "lang_en",
        "gl": "gb",
    }


@pytest.mark.parametrize("name", ["serper", "serpapi"])
def test_resellers_of_google_are_told_where_the_user_is(name: str) -> None:
    found = sent(name, Query("varn", country="GB", language="en", place="Leeds, England"))
    assert (found["gl"], found["hl"], found["location"]) == ("gb", "en", "Leeds, England")


def test_web_search_service_names_partner_and_address() -> None:
    assert sent("web_search_service", Query("varn", language="de")) == {
        "clientContext.clientId": "partner-id",
        "userContext.ipAddress": "192.0.2.1",
        "searchQuery.query": "varn",
        "pageSize": "5",
        "languageCode": "de",
    }


def test_brave_context_is_asked_for_a_small_budget() -> None:
    call = DIALECTS["brave_context"].backend.request(Query("varn", limit=4))
    assert call.url == "https://api.search.brave.com/res/v1/llm/context"
    assert call.params == {
        "q": "varn",
        "count": "4",
        "maximum_number_of_urls": "4",
        "maximum_number_of_tokens": "2048",
        "maximum_number_of_tokens_per_url": "512",
    }
    assert sent("brave_context", Query("varn", limit=1))["maximum_number_of_tokens"] == "1024"


@pytest.mark.parametrize("name", ["brave_web", "brave_context"])
def test_brave_takes_domains_as_a_goggle(name: str) -> None:
    allowed = Query("varn", allowed_domains=("a.example", "b.example"))
    assert sent(name, allowed)["goggles"] == "$discard\n$site=a.example\n$site=b.example"
    denied = Query("varn", denied_domains=("a.example",))
    assert sent(name, denied)["goggles"] == "$discard,site=a.example"


@pytest.mark.parametrize(
    ("language", "country", "brave", "you"),
    [
        ("en", None, "en", "EN"),
        ("en", "GB", "en-gb", "EN-GB"),
        ("ja", "JP", "jp", "JA"),
        ("zh", "TW", "zh-hant", "ZH-HANT"),
        ("zh", None, "zh-hans", "ZH-HANS"),
        ("pt", "BR", "pt-br", "PT-BR"),
        ("no", "NO", "nb", "NB"),
        ("tlh", "ZZ", None, None),
    ],
)
def test_languages_that_are_no_iso_codes(
    language: str, country: str | None, brave: str | None, you: str | None
) -> None:
    query = Query("varn", language=language, country=country)
    assert sent("brave_web", query).get("search_lang") == brave
    assert sent("you", query).get("language") == you
    expected = country if country != "ZZ" else None
    assert sent("brave_web", query).get("country") == expected
    assert sent("you", query).get("country") == expected


def test_searxng_passes_its_bot_detection() -> None:
    call = DIALECTS["searxng"].backend.request(Query("varn", language="de", country="at"))
    assert call.url == "https://searx.example/search"
    assert call.params == {"q": "varn", "format": "json", "language": "de-AT"}
    assert "text/html" in call.headers["Accept"]
    assert call.headers["Accept-Language"]


def test_tavily_wants_countries_by_name() -> None:
    query = Query(
        "varn",
        country="kr",
        language="KO",
        allowed_domains=("a.example",),
        denied_domains=("b.a.example",),
    )
    assert sent("tavily", query) == {
        "query": "varn",
        "max_results": 5,
        "search_depth": "basic",
        "country": "south korea",
        "language": "ko",
        "include_domains": ["a.example"],
        "exclude_domains": ["b.a.example"],
    }
    assert "country" not in sent("tavily", Query("varn", country="AQ"))


def test_tavily_and_you_without_a_key() -> None:
    call = DIALECTS["tavily_keyless"].backend.request(Query("varn"))
    assert call.headers == {"X-Tavily-Access-Mode": "keyless"}
    call = DIALECTS["you_keyless"].backend.request(
        Query("varn", denied_domains=("a.example", "b.example"))
    )
    assert (call.method, call.url) == ("GET", KEYLESS_URL)
    assert call.headers == {"Accept-Encoding": "identity"}
    assert call.params["exclude_domains"] == "a.example,b.example"


def test_a_deeper_search_costs_more() -> None:
    assert Tavily("k").traits.usd_per_1000 == 8.0
    assert Tavily("k", depth="advanced").traits.usd_per_1000 == 16.0
    assert Tavily(None).traits.usd_per_1000 == 0.0


def test_you_takes_one_list_of_domains() -> None:
    both = Query("varn", allowed_domains=("a.example",), denied_domains=("b.a.example",))
    assert sent("you", both)["include_domains"] == ["a.example"]
    assert "exclude_domains" not in sent("you", both)
    assert sent("you", both)["extraction"] == {"extraction_mode": "highlights"}


def test_exa_is_asked_for_extracts() -> None:
    query = Query("varn", country="gb", denied_domains=("a.example",))
    assert sent("exa", query) == {
        "query": "varn",
        "type": "fast",
        "numResults": 5,
        "contents": {"highlights": {"maxCharacters": 1200}},
        "userLocation": "GB",
        "excludeDomains": ["a.example"],
    }


def test_perplexity_takes_twenty_domains() -> None:
    denied = Query("varn", denied_domains=("a.example",), language="DE", country="de")
    found = sent("perplexity", denied)
    assert found["search_domain_filter"] == ["-a.example"]
    assert found["search_language_filter"] == ["de"]
    assert found["country"] == "DE"
    many = Query("varn", allowed_domains=tuple(f"d{number}.example" for number in range(21)))
    assert "search_domain_filter" not in sent("perplexity", many)


def test_wikipedia_speaks_the_readers_language_and_says_who_asks() -> None:
    wikipedia = DIALECTS["wikipedia"].backend
    call = wikipedia.request(Query("varn", language="de", limit=50))
    assert call.url == "https://de.wikipedia.org/w/api.php"
    assert call.params["gsrlimit"] == "20"
    assert "(operator@example.com)" in call.headers["User-Agent"]
    assert wikipedia.request(Query("varn", language="tlh")).url.startswith("https://en.")


ADDED_BY_FRESHNESS: dict[str, tuple[dict[str, str], dict[str, str], dict[str, str]]] = {
    "bing_v7": (
        {"freshness": "Week"},
        {"freshness": "2025-03-20..2026-03-20"},
        {"freshness": "2026-03-01..2026-03-14"},
    ),
    "custom_search": (
        {"dateRestrict": "w1"},
        {"dateRestrict": "y1"},
        {"sort": "date:r:20260301:20260314"},
    ),
    "serper": (
        {"tbs": "qdr:w"},
        {"tbs": "qdr:y"},
        {"tbs": "cdr:1,cd_min:3/1/2026,cd_max:3/14/2026"},
    ),
    "serpapi": (
        {"tbs": "qdr:w"},
        {"tbs": "qdr:y"},
        {"tbs": "cdr:1,cd_min:3/1/2026,cd_max:3/14/2026"},
    ),
    "brave_web": (
        {"freshness": "pw"},
        {"freshness": "py"},
        {"freshness": "2026-03-01to2026-03-14"},
    ),
    "searxng": ({"time_range": "week"}, {"time_range": "year"}, {"time_range": "month"}),
    "tavily": (
        {"time_range": "week"},
        {"time_range": "year"},
        {"start_date": "2026-03-01", "end_date": "2026-03-14"},
    ),
    "you": (
        {"freshness": "week"},
        {"freshness": "year"},
        {"freshness": "2026-03-01to2026-03-14"},
    ),
    "exa": (
        {"startPublishedDate": "2026-03-13T00:00:00.000Z"},
        {"startPublishedDate": "2025-03-20T00:00:00.000Z"},
        {
            "startPublishedDate": "2026-03-01T00:00:00.000Z",
            "endPublishedDate": "2026-03-14T23:59:59.999Z",
        },
    ),
    "perplexity": (
        {"search_recency_filter": "week"},
        {"search_recency_filter": "year"},
        {"search_after_date_filter": "03/01/2026", "search_before_date_filter": "03/14/2026"},
    ),
}
"""What a week, a year and the first half of March add to a request."""


@pytest.mark.parametrize("name", ADDED_BY_FRESHNESS)
def test_freshness_in_every_notation(name: str) -> None:
    asked: tuple[Freshness, ...] = ("week", "year", MARCH)
    for freshness, added in zip(asked, ADDED_BY_FRESHNESS[name], strict=True):
        with_it = sent(name, Query("varn", freshness=freshness))
        plain = sent(name, Query("varn"))
        assert {k: v for k, v in with_it.items() if plain.get(k) != v} == added
    assert "freshness" in DIALECTS[name].backend.traits.honours


OPEN = (DateRange(since=date(2026, 3, 1)), DateRange(until=date(2026, 3, 14)), DateRange())


@pytest.mark.parametrize("open_end", OPEN)
@pytest.mark.parametrize("name", DIALECTS)
def test_open_ranges_are_understood(name: str, open_end: DateRange) -> None:
    text = json.dumps(sent(name, Query("varn", freshness=open_end)))
    assert "None" not in text


def test_what_a_provider_does_not_know_is_not_sent() -> None:
    for name in ("web_iq", "brave_context", "wikipedia", "web_search_service"):
        plain = DIALECTS[name].backend.request(Query("varn"))
        assert DIALECTS[name].backend.request(Query("varn", freshness="day")) == plain


def test_serper_puts_its_boxes_first_where_they_have_a_source() -> None:
    serper = DIALECTS["serper"].backend
    passages = serper.passages(200, {}, body("serper", "ok"))
    assert [passage.site for passage in passages[:2]] == [
        "history.example.com",
        "encyclopedia.example.org",
    ]
    assert passages[0].text == "1871 The lighthouse was first lit in 1871."
    page = json.loads(body("serper", "ok"))
    del page["answerBox"]["link"], page["knowledgeGraph"]["descriptionLink"]
    assert len(serper.passages(200, {}, json.dumps(page).encode())) == 2


def test_pieces_of_a_page_are_one_passage() -> None:
    (varn, _) = DIALECTS["brave_context"].backend.passages(200, {}, body("brave_context", "ok"))
    assert varn.text == (
        "The Varn lighthouse was lit in 1871 & rebuilt later. … Height: 31 m; Range: 18 nmi"
    )
    (first, *_) = DIALECTS["tavily"].backend.passages(200, {}, body("tavily", "ok"))
    assert first.text.endswith("rebuilt later. … Its lens was made in Tarn.")


def test_you_tells_news_after_the_web_and_when_to_come_back() -> None:
    *_, news = DIALECTS["you"].backend.passages(200, {}, body("you", "ok"))
    assert (news.site, news.text) == ("news.example.net", "The light has a birthday.")


def test_wikipedia_keeps_the_order_of_its_search() -> None:
    first, second = DIALECTS["wikipedia"].backend.passages(200, {}, body("wikipedia", "ok"))
    assert (first.site, second.site) == ("example.com", "towns.example.org")


def test_foundry_cites_what_its_answer_rests_on() -> None:
    varn, town = DIALECTS["foundry"].backend.passages(200, {}, body("foundry", "ok"))
    assert varn.text == "The Varn lighthouse was lit in 1871 & rebuilt later."
    assert town.text == "Varn has 4,200 people."
