"""Answers kept by request (`store: true`) and search results kept for a while, in Redis."""

from typing import Any

import msgspec

from app.errors import StoreUnavailable
from app.stores import keys
from app.stores.connection import connect, named

SEARCH_KEY = "orson:search:{}"


class RedisAnswerStore:
    """Stored chat completions, by id. Every method raises StoreUnavailable, `ready` excepted."""

    def __init__(self, url: str, *, days: int) -> None:
        self._redis = connect(url)
        self._seconds = days * 86_400

    async def save(self, body: dict[str, Any], owner: str) -> None:
        """Keep a response body under its id."""
        key = keys.completion(body["id"])
        with named():
            async with self._redis.pipeline(transaction=True) as together:
                together.hset(key, mapping={"owner": owner, "body": msgspec.json.encode(body)})
                together.expire(key, self._seconds)
                await together.execute()

    async def load(self, id_: str, owner: str) -> dict[str, Any] | None:
        """The stored body, None when this owner has none."""
        with named():
            whose, raw = await self._redis.hmget(keys.completion(id_), "owner", "body")
        if raw is None or whose != owner.encode():
            return None
        body: dict[str, Any] = msgspec.json.decode(raw)
        return body

    async def delete(self, id_: str, owner: str) -> bool:
        """Forget one, and its trace; whether it was there."""
        if await self.load(id_, owner) is None:
            return False
        with named():
            return bool(await self._redis.delete(keys.completion(id_), keys.trace(id_)))

    async def ready(self) -> str | None:
        """What is wrong with the store; None when it answers."""
        try:
            with named():
                await self._redis.ping()
        except StoreUnavailable as error:
            return error.message
        return None

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._redis.aclose()


class RedisResultCache:
    """What search providers found, kept for a while. Raises StoreUnavailable."""

    def __init__(self, url: str) -> None:
        self._redis = connect(url)

    async def get(self, key: str) -> bytes | None:
        """The bytes under `key`; None when there are none or their time is over."""
        with named():
            raw = await self._redis.get(SEARCH_KEY.format(key))
        return raw.encode() if isinstance(raw, str) else raw

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Keep the bytes for so long."""
        with named():
            await self._redis.set(SEARCH_KEY.format(key), value, px=max(1, int(seconds * 1000)))

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._redis.aclose()
