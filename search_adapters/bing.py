"""Web search by Microsoft: Web IQ, or any service that speaks the retired Bing v7 dialect.

BING_API_KEY     the subscription's key
BING_BACKEND     webiq (default) or v7
BING_BASE_URL    another address of the same API; needed for v7, whose own service has ended
"""

from typing import ClassVar

import httpx2

from search_adapters.backend import Backend
from search_adapters.bing_v7 import BingV7
from search_adapters.environment import address, secret
from search_adapters.errors import MissingSetting
from search_adapters.http_adapter import HttpAdapter
from search_adapters.protocol import Environment
from search_adapters.web_iq import BASE_URL, WebIq


class BingAdapter(HttpAdapter):
    """Searches with the backend its environment names."""

    name: ClassVar[str] = "bing"
    max_query_chars: ClassVar[int] = 1000

    def __init__(self, environment: Environment, *, client: httpx2.AsyncClient | None = None):
        """Raises MissingSetting for an absent key or an unknown backend."""
        super().__init__(_backend(environment), client=client)


def _backend(environment: Environment) -> Backend:
    kind = environment.get("BING_BACKEND") or "webiq"
    if kind not in ("webiq", "v7"):
        raise MissingSetting("bing", "BING_BACKEND", f"'webiq' or 'v7', not '{kind}'")
    key = secret(environment, "bing", "BING_API_KEY", "the key of your subscription")
    base_url = address(environment, "bing", "BING_BASE_URL")
    if kind == "webiq":
        return WebIq(key, base_url or BASE_URL)
    if not base_url:
        raise MissingSetting(
            "bing", "BING_BASE_URL", "Microsoft ended its v7 service on 2025-08-11; name another"
        )
    return BingV7(key, base_url)
