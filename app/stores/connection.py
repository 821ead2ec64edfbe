"""Connects to Redis, gives its errors our name, and runs scripts by their digest."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, NoScriptError, RedisError

from app.errors import StoreUnavailable
from app.stores.breaker import Breaker, BreakingRedis

MEMORY = "memory://"
"""The address of a Redis inside this process, which forgets everything with it."""
TIMEOUT = 5.0
"""Seconds for one call; Redis answers in milliseconds, or on a very busy machine, or it is away."""

_memory: dict[str, Any] = {}
_breakers: dict[str, Breaker] = {}


@contextmanager
def named() -> Iterator[None]:
    """Redis' own errors -> ours."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise StoreUnavailable(f"Redis does not answer: {error or type(error).__name__}") from error


def connect(url: str) -> Any:
    """A client, which connects when it is first used.

    Any, since redis-py's types leave open whether an answer is text, which ours never is.
    """
    if url == MEMORY:
        from fakeredis import FakeAsyncRedis, FakeServer

        server = _memory.setdefault("server", FakeServer())
        return FakeAsyncRedis(server=server)
    client: Any = BreakingRedis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        # Once more, for a kept connection that Redis closed meanwhile; a Redis that is silent would
        # be waited for twice.
        retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
    )
    client.breaker, client.longest = _breakers.setdefault(url, Breaker()), TIMEOUT
    return client


class Script:
    """A Lua script: runs as one transaction. All its keys lie in one slot.

    Sent by its digest; whole, where this Redis has not seen it since it was started.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(
        self, redis: Any, keys: Sequence[str], args: Sequence[str | bytes | int]
    ) -> Any:
        """Run it. Raises what Redis raises."""
        given = (len(keys), *keys, *args)
        try:
            return await redis.evalsha(self._digest, *given)
        except NoScriptError:
            return await redis.eval(self._text, *given)
