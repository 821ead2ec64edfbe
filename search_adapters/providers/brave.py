"""Web search by Brave's own index: passages cut for language models, or plain results.

BRAVE_API_KEY     the key of a Search plan
BRAVE_BACKEND     context (default): ready passages; web: titles and snippets
BRAVE_BASE_URL    another address of the same API
"""

from collections.abc import Mapping
from typing import ClassVar

import httpx2

from search_adapters.backend import Backend
from search_adapters.environment import address, choice, secret
from search_adapters.http_adapter import HttpAdapter
from search_adapters.protocol import Environment, Traits
from search_adapters.providers.brave_context import BraveContext
from search_adapters.providers.brave_web import BASE_URL, BraveWeb


class BraveAdapter(HttpAdapter):
    """Searches with the backend its environment names."""

    name: ClassVar[str] = "brave"
    variants: ClassVar[Mapping[str, Traits]] = {
        "context": BraveContext.traits,
        "web": BraveWeb.traits,
    }

    def __init__(self, environment: Environment, *, client: httpx2.AsyncClient | None = None):
        """Raises MissingSetting for an absent key or an unknown backend."""
        super().__init__(_backend(environment), environment, client=client)


def _backend(environment: Environment) -> Backend:
    kind = choice(environment, "brave", "BRAVE_BACKEND", "context", "web")
    key = secret(environment, "brave", "BRAVE_API_KEY", "the key of your Brave Search plan")
    base_url = address(environment, "brave", "BRAVE_BASE_URL") or BASE_URL
    return BraveWeb(key, base_url) if kind == "web" else BraveContext(key, base_url)
