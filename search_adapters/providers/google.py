"""Web search by Google: Custom Search while it lives, and three ways to its results after.

GOOGLE_API_KEY, GOOGLE_CSE_ID   for Custom Search
SERPER_API_KEY                  for Serper
SERPAPI_API_KEY                 for SerpApi
GOOGLE_WSS_CLIENT               for the Web Search Service: the partner's id, with GOOGLE_API_KEY
GOOGLE_WSS_IP_ADDRESS           ... and the address that is sent as every user's
GOOGLE_BACKEND                  cse, serper, serpapi or wss; without it, the one that has a key
GOOGLE_BASE_URL                 another address of the chosen API
"""

from collections.abc import Mapping
from datetime import date
from ipaddress import ip_address
from typing import ClassVar

import httpx2

from search_adapters.backend import Backend
from search_adapters.environment import address, choice, needed, secret
from search_adapters.errors import MissingSetting
from search_adapters.freshness import today as utc_today
from search_adapters.http_adapter import HttpAdapter
from search_adapters.protocol import Environment, Traits
from search_adapters.providers import custom_search, serpapi, serper, web_search_service
from search_adapters.providers.custom_search import CustomSearch
from search_adapters.providers.serpapi import SerpApi
from search_adapters.providers.serper import Serper
from search_adapters.providers.web_search_service import WebSearchService


class GoogleAdapter(HttpAdapter):
    """Searches with the backend its environment names, or the one it has a key for."""

    name: ClassVar[str] = "google"
    variants: ClassVar[Mapping[str, Traits]] = {
        "cse": CustomSearch.traits,
        "serper": Serper.traits,
        "serpapi": SerpApi.traits,
        "wss": WebSearchService.traits,
    }

    def __init__(
        self,
        environment: Environment,
        *,
        client: httpx2.AsyncClient | None = None,
        today: date | None = None,
    ) -> None:
        """Raises MissingSetting for an absent key, and for Custom Search once it has ended."""
        super().__init__(_backend(environment, today or utc_today()), environment, client=client)


def _backend(environment: Environment, today: date) -> Backend:
    base_url = address(environment, "google", "GOOGLE_BASE_URL")
    kind = choice(environment, "google", "GOOGLE_BACKEND", *GoogleAdapter.variants)
    match kind or _with_a_key(environment):
        case "serper":
            hint = "the key of your serper.dev account"
            key = secret(environment, "google", "SERPER_API_KEY", hint)
            return Serper(key, base_url or serper.BASE_URL)
        case "serpapi":
            hint = "the key of your serpapi.com account"
            key = secret(environment, "google", "SERPAPI_API_KEY", hint)
            return SerpApi(key, base_url or serpapi.BASE_URL)
        case "wss":
            return _web_search_service(environment, base_url or web_search_service.BASE_URL)
    if today >= custom_search.ENDS and not base_url:
        raise MissingSetting(
            "google",
            "SERPER_API_KEY",
            "or SERPAPI_API_KEY, and GOOGLE_BACKEND=serper or serpapi: "
            f"Custom Search ended on {custom_search.ENDS}",
        )
    hint = "or SERPER_API_KEY or SERPAPI_API_KEY, to use those services"
    key = secret(environment, "google", "GOOGLE_API_KEY", hint)
    engine = secret(environment, "google", "GOOGLE_CSE_ID", "the id of your search engine, cx")
    return CustomSearch(key, engine, base_url or custom_search.BASE_URL)


def _with_a_key(environment: Environment) -> str:
    keys = {"GOOGLE_API_KEY": "cse", "SERPER_API_KEY": "serper", "SERPAPI_API_KEY": "serpapi"}
    return next((kind for name, kind in keys.items() if environment.get(name)), "cse")


def _web_search_service(environment: Environment, base_url: str) -> Backend:
    key = secret(environment, "google", "GOOGLE_API_KEY", "the key of your Google project")
    partner = needed(environment, "google", "GOOGLE_WSS_CLIENT", "your id as Google's partner")
    hint = "an address of yours; it is sent as every user's"
    user = needed(environment, "google", "GOOGLE_WSS_IP_ADDRESS", hint)
    try:
        ip_address(user)
    except ValueError:
        raise MissingSetting("google", "GOOGLE_WSS_IP_ADDRESS", f"not '{user}'") from None
    return WebSearchService(key, partner, user, base_url)
