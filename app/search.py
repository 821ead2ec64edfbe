"""The gateway's search: a chain over the providers of the settings, with its cache in Redis.

A part of the composition root, like `app.main`, which opens it.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from app.settings import Settings
from app.stores.redis import RedisResultCache
from search_adapters.chain import Chain, Lifetimes, Options
from search_adapters.gateway_search import GatewaySearch, PageOptions, Rules, with_rules
from search_adapters.protocol import SearchAdapter


def opened_search(
    settings: Settings,
    adapters: Sequence[SearchAdapter],
    redis_url: str,
    stack: AsyncExitStack,
) -> Chain:
    """The chain; `stack` closes it, and with it the adapters."""
    store: RedisResultCache | None = None
    if settings.search_cache_seconds:
        store = RedisResultCache(redis_url)
        stack.push_async_callback(store.aclose)
    chain = Chain(adapters, _options(settings), store)
    stack.push_async_callback(chain.aclose)
    return chain


def ruled(
    settings: Settings, chain: Chain, adapters: Sequence[SearchAdapter]
) -> AbstractAsyncContextManager[GatewaySearch]:
    """The chain with the operator's domains, the pages behind snippets, and a log."""
    pages = PageOptions(settings.pages_count, settings.pages_timeout, settings.pages_workers)
    return with_rules(
        chain,
        adapters,
        rules=Rules(settings.allowed_domains, settings.denied_domains, settings.log_queries),
        pages=pages if settings.pages else None,
    )


def _options(settings: Settings) -> Options:
    found = settings.search_cache_seconds
    return Options(
        mode=settings.search_mode,
        deadline=settings.search_deadline,
        provider_timeout=settings.search_timeout,
        concurrency=settings.search_concurrency,
        hedge=settings.search_hedge,
        early=settings.search_early,
        lifetimes=Lifetimes(
            found=found,
            timely=min(settings.search_cache_timely_seconds, found),
            empty=settings.search_cache_empty_seconds,
            stale=settings.search_cache_stale_seconds,
        ),
    )
