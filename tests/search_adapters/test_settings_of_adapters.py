"""What each adapter says at start about settings that are missing or wrong."""

from datetime import date

import pytest

from search_adapters.errors import MissingSetting
from search_adapters.local import LocalAdapter
from search_adapters.mock import MockAdapter
from search_adapters.protocol import Environment
from search_adapters.providers.bing import BingAdapter
from search_adapters.providers.bing_v7 import BingV7
from search_adapters.providers.custom_search import CustomSearch
from search_adapters.providers.google import GoogleAdapter
from search_adapters.providers.serpapi import SerpApi
from search_adapters.providers.serper import Serper
from search_adapters.providers.web_iq import WebIq
from search_adapters.registry import load

BEFORE, AFTER = date(2026, 12, 31), date(2027, 1, 1)
CSE = {"GOOGLE_API_KEY": "k", "GOOGLE_CSE_ID": "e"}


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({}, "BING_API_KEY"),
        ({"BING_API_KEY": " "}, "BING_API_KEY"),
        ({"BING_API_KEY": "k\u00e9y"}, "BING_API_KEY"),
        ({"BING_API_KEY": "a\nb"}, "BING_API_KEY"),
        ({"BING_API_KEY": "k", "BING_BACKEND": "v8"}, "BING_BACKEND"),
        ({"BING_API_KEY": "k", "BING_BACKEND": "v7"}, "BING_BASE_URL"),
        ({"BING_API_KEY": "k", "BING_BASE_URL": "ftp://x"}, "BING_BASE_URL"),
        ({"BING_API_KEY": "k", "BING_BASE_URL": "example.com"}, "BING_BASE_URL"),
    ],
)
def test_bing(environment: Environment, variable: str) -> None:
    with pytest.raises(MissingSetting) as caught:
        BingAdapter(environment)
    assert caught.value.variable == variable
    assert variable in str(caught.value)


def test_bing_chooses_its_backend() -> None:
    key = {"BING_API_KEY": "k"}
    assert isinstance(BingAdapter(key).backend, WebIq)
    v7 = {**key, "BING_BACKEND": "v7", "BING_BASE_URL": "https://bing.example/v7.0"}
    assert isinstance(BingAdapter(v7).backend, BingV7)


@pytest.mark.parametrize(
    ("environment", "today", "variable"),
    [
        ({}, BEFORE, "GOOGLE_API_KEY"),
        ({"GOOGLE_API_KEY": "k"}, BEFORE, "GOOGLE_CSE_ID"),
        ({"GOOGLE_BACKEND": "serper"}, BEFORE, "SERPER_API_KEY"),
        ({"GOOGLE_BACKEND": "yahoo"}, BEFORE, "GOOGLE_BACKEND"),
        (CSE, AFTER, "SERPER_API_KEY"),
    ],
)
def test_google(environment: Environment, today: date, variable: str) -> None:
    with pytest.raises(MissingSetting) as caught:
        GoogleAdapter(environment, today=today)
    assert caught.value.variable == variable


@pytest.mark.parametrize(
    ("name", "environment", "variable"),
    [
        ("bing", {"BING_API_KEY": "k", "BING_BACKEND": "foundry"}, "BING_FOUNDRY_ENDPOINT"),
        (
            "bing",
            {
                "BING_API_KEY": "k",
                "BING_BACKEND": "foundry",
                "BING_FOUNDRY_ENDPOINT": "https://f.example",
            },
            "BING_FOUNDRY_MODEL",
        ),
        ("google", {"GOOGLE_BACKEND": "serpapi"}, "SERPAPI_API_KEY"),
        ("google", {"GOOGLE_BACKEND": "wss", "GOOGLE_API_KEY": "k"}, "GOOGLE_WSS_CLIENT"),
        (
            "google",
            {
                "GOOGLE_BACKEND": "wss",
                "GOOGLE_API_KEY": "k",
                "GOOGLE_WSS_CLIENT": "c",
                "GOOGLE_WSS_IP_ADDRESS": "here",
            },
            "GOOGLE_WSS_IP_ADDRESS",
        ),
        ("searxng", {}, "SEARXNG_URL"),
        ("brave", {}, "BRAVE_API_KEY"),
        ("brave", {"BRAVE_API_KEY": "k", "BRAVE_BACKEND": "images"}, "BRAVE_BACKEND"),
        ("brave", {"BRAVE_API_KEY": "k", "ORSON_CACHE_BRAVE": "long"}, "ORSON_CACHE_BRAVE"),
        ("tavily", {}, "TAVILY_API_KEY"),
        ("tavily", {"TAVILY_KEYLESS": "off"}, "TAVILY_API_KEY"),
        ("tavily", {"TAVILY_API_KEY": "k", "TAVILY_DEPTH": "abyss"}, "TAVILY_DEPTH"),
        ("you", {}, "YDC_API_KEY"),
        ("you", {"YOU_KEYLESS": "maybe"}, "YOU_KEYLESS"),
        ("exa", {}, "EXA_API_KEY"),
        ("exa", {"EXA_API_KEY": "k", "EXA_TYPE": "deep"}, "EXA_TYPE"),
        ("perplexity", {}, "PERPLEXITY_API_KEY"),
        ("wikipedia", {}, "WIKIPEDIA_CONTACT"),
        (
            "wikipedia",
            {"WIKIPEDIA_CONTACT": "a@example.com", "WIKIPEDIA_LANGUAGE": "evil.example/"},
            "WIKIPEDIA_LANGUAGE",
        ),
    ],
)
def test_what_is_missing_is_named(name: str, environment: Environment, variable: str) -> None:
    with pytest.raises(MissingSetting) as caught:
        load([name], environment)
    assert caught.value.variable == variable
    assert str(caught.value).startswith(f"search adapter '{name}' needs {variable}")


def test_a_mistyped_address_does_not_show_its_password() -> None:
    with pytest.raises(MissingSetting) as caught:
        load(["searxng"], {"SEARXNG_URL": "htp://me:s3cret@searx.example"})
    assert "s3cret" not in str(caught.value)


def test_google_says_what_ended() -> None:
    with pytest.raises(MissingSetting, match="Custom Search ended on 2027-01-01"):
        GoogleAdapter(CSE, today=AFTER)


def test_google_chooses_its_backend() -> None:
    serper = {"SERPER_API_KEY": "s"}
    assert isinstance(GoogleAdapter(CSE, today=BEFORE).backend, CustomSearch)
    assert isinstance(GoogleAdapter(serper, today=AFTER).backend, Serper)
    assert isinstance(GoogleAdapter({"SERPAPI_API_KEY": "s"}, today=AFTER).backend, SerpApi)
    assert isinstance(GoogleAdapter({**CSE, **serper}, today=BEFORE).backend, CustomSearch)
    chosen = {**CSE, **serper, "GOOGLE_BACKEND": "serper"}
    assert isinstance(GoogleAdapter(chosen, today=AFTER).backend, Serper)
    elsewhere = {**CSE, "GOOGLE_BASE_URL": "https://search.example"}
    assert isinstance(GoogleAdapter(elsewhere, today=AFTER).backend, CustomSearch)


def test_mock_and_local() -> None:
    with pytest.raises(MissingSetting, match=r"ORSON_MOCK_FAIL.*RateLimited"):
        MockAdapter({"ORSON_MOCK_FAIL": "Explosion"})
    with pytest.raises(MissingSetting, match="ORSON_MOCK_DELAY"):
        MockAdapter({"ORSON_MOCK_DELAY": "soon"})
    with pytest.raises(MissingSetting, match="ORSON_MOCK_EMPTY"):
        MockAdapter({"ORSON_MOCK_EMPTY": "perhaps"})
    with pytest.raises(MissingSetting, match="ORSON_ENCYCLOPEDIA"):
        LocalAdapter({"ORSON_ENCYCLOPEDIA": "britannica"})
