"""Answers kept by request (`store: true`), in Redis."""

from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

KEY = "orson:chat:completion:{}"


class AnswerStore:
    """Stored chat completions, by id."""

    def __init__(self, url: str, *, days: int) -> None:
        self._redis: Redis = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
        self._seconds = days * 86_400

    async def save(self, body: dict[str, Any]) -> None:
        """Keep a response body under its id."""
        await self._redis.set(KEY.format(body["id"]), msgspec.json.encode(body), ex=self._seconds)

    async def load(self, id_: str) -> dict[str, Any] | None:
        """The stored body, None when there is none."""
        raw = await self._redis.get(KEY.format(id_))
        return None if raw is None else msgspec.json.decode(raw)

    async def delete(self, id_: str) -> bool:
        """Forget one; whether it was there."""
        return bool(await self._redis.delete(KEY.format(id_)))

    async def ready(self) -> str | None:
        """What is wrong with the store; None when it answers."""
        try:
            await self._redis.ping()
        except (RedisError, OSError) as error:
            return f"Redis does not answer: {error}"
        return None

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._redis.aclose()
