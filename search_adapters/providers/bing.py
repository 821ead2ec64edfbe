"""Web search by Microsoft: Web IQ, a service that speaks Bing v7, or Grounding with Bing.

BING_API_KEY              the subscription's key; with `foundry` the Foundry resource's
BING_BACKEND              webiq (default), v7 or foundry
BING_BASE_URL             another address of the same API; needed for v7, whose own service ended
BING_FOUNDRY_ENDPOINT     foundry: the project, https://NAME.services.ai.azure.com/api/projects/NAME
BING_FOUNDRY_MODEL        foundry: the deployment that searches, e.g. gpt-4.1
BING_FOUNDRY_CONNECTION   foundry: the project's Bing connection; else its own web_search tool
"""

from collections.abc import Mapping
from typing import ClassVar

import httpx2

from search_adapters.backend import Backend
from search_adapters.environment import address, choice, needed, secret
from search_adapters.errors import MissingSetting
from search_adapters.http_adapter import TIMEOUT, HttpAdapter
from search_adapters.protocol import Environment, Traits
from search_adapters.providers.bing_v7 import BingV7
from search_adapters.providers.foundry import FoundryGrounding
from search_adapters.providers.web_iq import BASE_URL, WebIq

FOUNDRY_SECONDS = 20.0
"""A model answers there, which takes seconds; the chain's own limits still hold."""


class BingAdapter(HttpAdapter):
    """Searches with the backend its environment names."""

    name: ClassVar[str] = "bing"
    variants: ClassVar[Mapping[str, Traits]] = {
        "webiq": WebIq.traits,
        "v7": BingV7.traits,
        "foundry": FoundryGrounding.traits,
    }

    def __init__(self, environment: Environment, *, client: httpx2.AsyncClient | None = None):
        """Raises MissingSetting for an absent key or an unknown backend."""
        backend = _backend(environment)
        slow = isinstance(backend, FoundryGrounding)
        seconds = FOUNDRY_SECONDS if slow else TIMEOUT
        super().__init__(backend, environment, client=client, seconds=seconds)


def _backend(environment: Environment) -> Backend:
    kind = choice(environment, "bing", "BING_BACKEND", "webiq", "v7", "foundry")
    key = secret(environment, "bing", "BING_API_KEY", "the key of your subscription")
    base_url = address(environment, "bing", "BING_BASE_URL")
    if kind == "foundry":
        endpoint = address(environment, "bing", "BING_FOUNDRY_ENDPOINT")
        if not endpoint:
            raise MissingSetting("bing", "BING_FOUNDRY_ENDPOINT", "the address of your project")
        model = needed(environment, "bing", "BING_FOUNDRY_MODEL", "a deployment in the project")
        connection = environment.get("BING_FOUNDRY_CONNECTION", "").strip()
        return FoundryGrounding(key, endpoint, model, connection)
    if kind != "v7":
        return WebIq(key, base_url or BASE_URL)
    if not base_url:
        raise MissingSetting(
            "bing", "BING_BASE_URL", "Microsoft ended its v7 service on 2025-08-11; name another"
        )
    return BingV7(key, base_url)
