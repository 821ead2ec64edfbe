"""Every provider's dialect once: how to speak it, what its replies look like, how it refuses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from search_adapters import errors
from search_adapters.backend import Backend
from search_adapters.errors import SearchError
from search_adapters.json_mapping import JsonMapping
from search_adapters.providers.bing_v7 import BingV7
from search_adapters.providers.brave_context import BraveContext
from search_adapters.providers.brave_web import BraveWeb
from search_adapters.providers.custom_search import CustomSearch
from search_adapters.providers.exa import Exa
from search_adapters.providers.foundry import FoundryGrounding
from search_adapters.providers.json_api import JsonApi
from search_adapters.providers.perplexity import Perplexity
from search_adapters.providers.searxng import Searxng
from search_adapters.providers.serpapi import SerpApi
from search_adapters.providers.serper import Serper
from search_adapters.providers.tavily import Tavily
from search_adapters.providers.web_iq import WebIq
from search_adapters.providers.web_search_service import WebSearchService
from search_adapters.providers.wikipedia import Wikipedia
from search_adapters.providers.you import You

REPLIES = Path(__file__).with_name("replies")
KEY = "k3y-of-the-house"
TODAY = date(2026, 3, 20)


def clock() -> date:
    return TODAY


@dataclass(frozen=True)
class Dialect:
    """One provider's, and the place of the list of results in its replies."""

    backend: Backend
    results: tuple[str, ...]
    environment: Mapping[str, str]
    """What makes `adapter` choose this dialect."""
    adapter: str
    dated: bool = True
    """Whether its replies carry dates."""
    operators: bool = False
    """Whether domains go into the query's text."""
    folder: str = ""


MAPPING = {
    "M_RESULTS": "data.hits",
    "M_TITLE": "headline",
    "M_LINK": "permalink",
    "M_TEXT": "extracts",
    "M_DATE": "when",
    "M_ERROR": "fault",
}
HTTP = {
    "HTTP_SEARCH_URL": "https://api.example/v1?q={query}&n={limit}&lang={language}",
    "HTTP_SEARCH_HEADERS": '{"X-Key": "{key}"}',
    "HTTP_SEARCH_KEY": KEY,
    **{name.replace("M_", "HTTP_SEARCH_"): path for name, path in MAPPING.items()},
}
DIALECTS: dict[str, Dialect] = {
    "web_iq": Dialect(WebIq(KEY), ("webResults",), {"BING_API_KEY": KEY}, "bing", operators=True),
    "bing_v7": Dialect(
        BingV7(KEY, "https://bing.example/v7.0/", clock),
        ("webPages", "value"),
        {"BING_API_KEY": KEY, "BING_BACKEND": "v7", "BING_BASE_URL": "https://bing.example"},
        "bing",
        operators=True,
    ),
    "foundry": Dialect(
        FoundryGrounding(KEY, "https://foundry.example/api/projects/p", "m", "bing-1", clock),
        ("output", "1", "content", "0", "annotations"),
        {
            "BING_API_KEY": KEY,
            "BING_BACKEND": "foundry",
            "BING_FOUNDRY_ENDPOINT": "https://foundry.example/api/projects/p",
            "BING_FOUNDRY_MODEL": "m",
        },
        "bing",
        dated=False,
        operators=True,
    ),
    "custom_search": Dialect(
        CustomSearch(KEY, "engine-id", clock=clock),
        ("items",),
        {
            "GOOGLE_API_KEY": KEY,
            "GOOGLE_CSE_ID": "e",
            "GOOGLE_BASE_URL": "https://cse.example",  # lives on when Google's own has ended
        },
        "google",
        operators=True,
    ),
    "serper": Dialect(
        Serper(KEY, clock=clock), ("organic",), {"SERPER_API_KEY": KEY}, "google", operators=True
    ),
    "serpapi": Dialect(
        SerpApi(KEY, clock=clock),
        ("organic_results",),
        {"SERPAPI_API_KEY": KEY},
        "google",
        operators=True,
    ),
    "web_search_service": Dialect(
        WebSearchService(KEY, "partner-id", "192.0.2.1"),
        ("searchResults",),
        {
            "GOOGLE_BACKEND": "wss",
            "GOOGLE_API_KEY": KEY,
            "GOOGLE_WSS_CLIENT": "partner-id",
            "GOOGLE_WSS_IP_ADDRESS": "192.0.2.1",
        },
        "google",
        operators=True,
    ),
    "brave_context": Dialect(
        BraveContext(KEY), ("grounding", "generic"), {"BRAVE_API_KEY": KEY}, "brave"
    ),
    "brave_web": Dialect(
        BraveWeb(KEY, clock=clock),
        ("web", "results"),
        {"BRAVE_API_KEY": KEY, "BRAVE_BACKEND": "web"},
        "brave",
    ),
    "searxng": Dialect(
        Searxng("https://searx.example/", clock=clock),
        ("results",),
        {"SEARXNG_URL": "https://searx.example"},
        "searxng",
        operators=True,
    ),
    "tavily": Dialect(Tavily(KEY, clock=clock), ("results",), {"TAVILY_API_KEY": KEY}, "tavily"),
    "tavily_keyless": Dialect(
        Tavily(None, clock=clock),
        ("results",),
        {"TAVILY_KEYLESS": "on"},
        "tavily",
        folder="tavily",
    ),
    "you": Dialect(You(KEY, clock=clock), ("results", "web"), {"YDC_API_KEY": KEY}, "you"),
    "you_keyless": Dialect(
        You(None, clock=clock), ("results", "web"), {"YOU_KEYLESS": "on"}, "you", folder="you"
    ),
    "exa": Dialect(Exa(KEY, clock=clock), ("results",), {"EXA_API_KEY": KEY}, "exa"),
    "perplexity": Dialect(Perplexity(KEY), ("results",), {"PERPLEXITY_API_KEY": KEY}, "perplexity"),
    "wikipedia": Dialect(
        Wikipedia("operator@example.com"),
        ("query", "pages"),
        {"WIKIPEDIA_CONTACT": "operator@example.com"},
        "wikipedia",
        dated=False,
    ),
    "json_api": Dialect(
        JsonApi(
            "https://api.example/v1?q={query}",
            JsonMapping.from_environment(MAPPING, "http", "M"),
            headers={"X-Key": "{key}"},
            key=KEY,
            clock=clock,
        ),
        ("data", "hits"),
        HTTP,
        "http",
    ),
}


def body(name: str, case: str) -> bytes:
    """The reply of a dialect in one case."""
    return (REPLIES / (DIALECTS[name].folder or name) / f"{case}.json").read_bytes()


@dataclass(frozen=True)
class Refused:
    """A documented way to refuse, and what the chain should make of it."""

    name: str
    case: str
    status: int
    kind: type[SearchError]
    retry_after: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


SPENT = {"x-ratelimit-remaining": "1, 0", "x-ratelimit-reset": "1, 1419704"}
HURRIED = {"x-ratelimit-remaining": "0, 1400", "x-ratelimit-reset": "1, 1419704"}
REFUSALS = (
    Refused("web_iq", "401", 401, errors.NotAuthorised),
    Refused("web_iq", "429", 429, errors.RateLimited, 60.0),
    Refused("web_iq", "430", 430, errors.RateLimited, 2.0),
    Refused("web_iq", "quota", 402, errors.QuotaExhausted),
    Refused("web_iq", "filtered", 403, errors.BadQuery),
    Refused("web_iq", "off", 403, errors.Unavailable),
    Refused("bing_v7", "401", 401, errors.NotAuthorised),
    Refused("bing_v7", "403", 403, errors.NotAuthorised),
    Refused("bing_v7", "429", 429, errors.RateLimited, 26.0),
    Refused("bing_v7", "quota", 403, errors.QuotaExhausted),
    Refused("foundry", "401", 401, errors.NotAuthorised),
    Refused("foundry", "429", 429, errors.RateLimited),
    Refused("foundry", "nested", 400, errors.BadQuery),
    Refused("foundry", "failed", 200, errors.Unavailable),
    Refused("foundry", "failed_rate", 200, errors.RateLimited),
    Refused("foundry", "incomplete", 200, errors.Unavailable),
    Refused("custom_search", "401", 401, errors.NotAuthorised),
    Refused("custom_search", "bad_key", 400, errors.NotAuthorised),
    Refused("custom_search", "429", 429, errors.RateLimited),
    Refused("custom_search", "quota", 429, errors.QuotaExhausted),
    Refused("custom_search", "quota_403", 403, errors.QuotaExhausted),
    Refused("web_search_service", "401", 401, errors.NotAuthorised),
    Refused("web_search_service", "bad_key", 400, errors.NotAuthorised),
    Refused("web_search_service", "429", 429, errors.RateLimited),
    Refused("web_search_service", "quota", 429, errors.QuotaExhausted),
    Refused("web_search_service", "quota_403", 403, errors.QuotaExhausted),
    Refused("serper", "403", 403, errors.NotAuthorised),
    Refused("serper", "429", 429, errors.RateLimited),
    Refused("serper", "quota", 400, errors.QuotaExhausted),
    Refused("serpapi", "401", 401, errors.NotAuthorised),
    Refused("serpapi", "quota", 429, errors.QuotaExhausted),
    Refused("serpapi", "429", 429, errors.RateLimited),
    Refused("serpapi", "400", 400, errors.BadQuery),
    Refused("serpapi", "failed", 503, errors.Unavailable),
    Refused("serpapi", "failed", 200, errors.Unavailable),
    Refused("serpapi", "processing", 200, errors.Unavailable),
    *(
        refused
        for brave in ("brave_web", "brave_context")
        for refused in (
            Refused(brave, "422", 422, errors.NotAuthorised),
            Refused(brave, "bad_query", 422, errors.BadQuery),
            Refused(brave, "429", 429, errors.RateLimited),
            Refused(brave, "429", 429, errors.RateLimited, 1.0, HURRIED),
            Refused(brave, "429", 429, errors.QuotaExhausted, 1419704.0, SPENT),
            Refused(brave, "quota", 429, errors.QuotaExhausted),
        )
    ),
    Refused("searxng", "captcha", 200, errors.Blocked),
    Refused("searxng", "rate", 200, errors.RateLimited),
    Refused("searxng", "timeout", 200, errors.TimedOut),
    Refused("searxng", "outage", 200, errors.Unavailable),
    Refused("searxng", "empty", 403, errors.NotAuthorised),  # JSON is not switched on
    Refused("searxng", "empty", 429, errors.RateLimited),  # its own bot detection
    Refused("tavily", "400", 400, errors.BadQuery),
    Refused("tavily", "401", 401, errors.NotAuthorised),
    Refused("tavily", "429", 429, errors.RateLimited),
    Refused("tavily", "432", 432, errors.QuotaExhausted),
    Refused("tavily", "433", 433, errors.QuotaExhausted),
    Refused("tavily_keyless", "keyless_minute", 429, errors.RateLimited, 42.0),
    Refused("tavily_keyless", "keyless_day", 429, errors.QuotaExhausted, 3600.0),
    Refused("you", "401", 401, errors.NotAuthorised),
    Refused("you", "403", 403, errors.NotAuthorised),
    Refused("you", "422", 422, errors.BadQuery),
    Refused("you", "429", 429, errors.RateLimited),
    Refused("you_keyless", "402", 402, errors.QuotaExhausted),
    Refused("exa", "401", 401, errors.NotAuthorised),
    Refused("exa", "402", 402, errors.QuotaExhausted),
    Refused("exa", "403", 403, errors.NotAuthorised),
    Refused("exa", "prohibited", 403, errors.BadQuery),
    Refused("exa", "429", 429, errors.RateLimited),
    Refused("perplexity", "400", 400, errors.BadQuery),
    Refused("perplexity", "401", 401, errors.NotAuthorised),
    Refused("perplexity", "credits", 401, errors.QuotaExhausted),
    Refused("perplexity", "429", 429, errors.RateLimited),
    Refused("wikipedia", "ratelimited", 200, errors.RateLimited),
    Refused("wikipedia", "ratelimited", 429, errors.RateLimited),
    Refused("wikipedia", "maxlag", 200, errors.Unavailable),
    Refused("wikipedia", "busy", 200, errors.Unavailable),
    Refused("wikipedia", "blocked", 200, errors.Blocked),
    Refused("wikipedia", "bad_query", 200, errors.BadQuery),
    Refused("json_api", "failed", 200, errors.Unavailable),
    Refused("json_api", "401", 401, errors.NotAuthorised),
)
