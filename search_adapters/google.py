"""Web search by Google: Custom Search while it lives, Serper as the way to its results after.

GOOGLE_API_KEY, GOOGLE_CSE_ID   for Custom Search
SERPER_API_KEY                  for Serper
GOOGLE_BACKEND                  cse or serper; without it, serper when only its key is set
GOOGLE_BASE_URL                 another address of the chosen API
"""

from datetime import UTC, date, datetime
from typing import ClassVar

import httpx2

from search_adapters import custom_search, serper
from search_adapters.backend import Backend
from search_adapters.environment import address, secret
from search_adapters.errors import MissingSetting
from search_adapters.http_adapter import HttpAdapter
from search_adapters.protocol import Environment


class GoogleAdapter(HttpAdapter):
    """Searches with the backend its environment names, or the one it has a key for."""

    name: ClassVar[str] = "google"
    max_query_chars: ClassVar[int] = 1000

    def __init__(
        self,
        environment: Environment,
        *,
        client: httpx2.AsyncClient | None = None,
        today: date | None = None,
    ) -> None:
        """Raises MissingSetting for an absent key, and for Custom Search once it has ended."""
        day = today or datetime.now(UTC).date()
        super().__init__(_backend(environment, day), client=client)


def _backend(environment: Environment, today: date) -> Backend:
    base_url = address(environment, "google", "GOOGLE_BASE_URL")
    only_serper = bool(environment.get("SERPER_API_KEY")) and not environment.get("GOOGLE_API_KEY")
    kind = environment.get("GOOGLE_BACKEND") or ("serper" if only_serper else "cse")
    if kind == "serper":
        key = secret(environment, "google", "SERPER_API_KEY", "the key of your serper.dev account")
        return serper.Serper(key, base_url or serper.BASE_URL)
    if kind != "cse":
        raise MissingSetting("google", "GOOGLE_BACKEND", f"'cse' or 'serper', not '{kind}'")
    if today >= custom_search.ENDS and not base_url:
        raise MissingSetting(
            "google",
            "SERPER_API_KEY",
            f"with GOOGLE_BACKEND=serper: Custom Search ended on {custom_search.ENDS}",
        )
    key = secret(environment, "google", "GOOGLE_API_KEY", "or SERPER_API_KEY, to use serper.dev")
    engine = secret(environment, "google", "GOOGLE_CSE_ID", "the id of your search engine, cx")
    return custom_search.CustomSearch(key, engine, base_url or custom_search.BASE_URL)
