"""Answers kept by request (`store: true`), in Redis."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.errors import StoreUnavailable

KEY = "orson:chat:completion:{}"
MEMORY = "memory://"
"""The address of a Redis inside this process, which forgets everything with it."""
TIMEOUT = 2.0
"""Seconds for one call; Redis answers in milliseconds or it is not there."""


class RedisAnswerStore:
    """Stored chat completions, by id. Every method raises StoreUnavailable, `ready` excepted."""

    def __init__(self, url: str, *, days: int) -> None:
        self._redis = _connect(url)
        self._seconds = days * 86_400

    async def save(self, body: dict[str, Any]) -> None:
        """Keep a response body under its id."""
        with _named():
            await self._redis.set(
                KEY.format(body["id"]), msgspec.json.encode(body), ex=self._seconds
            )

    async def load(self, id_: str) -> dict[str, Any] | None:
        """The stored body, None when there is none."""
        with _named():
            raw = await self._redis.get(KEY.format(id_))
        return None if raw is None else msgspec.json.decode(raw)

    async def delete(self, id_: str) -> bool:
        """Forget one; whether it was there."""
        with _named():
            return bool(await self._redis.delete(KEY.format(id_)))

    async def ready(self) -> str | None:
        """What is wrong with the store; None when it answers."""
        try:
            with _named():
                await self._redis.ping()
        except StoreUnavailable as error:
            return error.message
        return None

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._redis.aclose()


@contextmanager
def _named() -> Iterator[None]:
    """Redis' own errors -> ours."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise StoreUnavailable(f"Redis does not answer: {error or type(error).__name__}") from error


def _connect(url: str) -> Redis:
    if url == MEMORY:
        from fakeredis import FakeAsyncRedis

        return FakeAsyncRedis()
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        # Once more, for a kept connection that Redis closed meanwhile.
        retry=Retry(NoBackoff(), 1),
    )
