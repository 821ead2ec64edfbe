"""The Redis of a gateway with these settings, for commands, whether the gateway runs or not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.settings import Settings
from app.stores.connection import MEMORY
from app.stores.embedded_redis import EmbeddedRedis, FolderInUse, running_in


class NoStore(Exception):
    """There is none that would outlive the command."""


@asynccontextmanager
async def reached(settings: Settings) -> AsyncIterator[str]:
    """Its address: of `ORSON_REDIS_URL`, the running gateway's, or of its file, opened for now.

    Raises:
        NoStore: without a redis-server nothing is kept.
    """
    if settings.redis_url is not None:
        yield settings.redis_url
        return
    redis = EmbeddedRedis(settings.data_dir)
    try:
        await redis.start()
    except FolderInUse:
        if (url := running_in(settings.data_dir)) is None:
            raise NoStore(f"the Redis in '{settings.data_dir}' is starting: try again") from None
        yield url
        return
    except (RuntimeError, OSError) as error:
        raise NoStore(str(error)) from error
    try:
        if redis.url == MEMORY:
            raise NoStore(
                "there is no redis-server to keep anything: install one, or set ORSON_REDIS_URL"
            )
        yield redis.url
    finally:
        await redis.stop()
