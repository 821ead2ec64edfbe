"""Two gateways' books of one key, on a Redis."""

import asyncio
import time

from app.chat.access.allowance import Standing
from app.chat.access.api_key import ApiKey, KeyLimits, digest_of, id_of, new_text
from app.chat.access.caller import Caller
from app.stores.allowances import RedisAllowance, RedisAllowances, _keys
from app.stores.api_keys import RedisKeys


class Books:
    """Two gateways' books of one key."""

    def __init__(self, url: str, lease: float = 60.0) -> None:
        self.keys = RedisKeys(url)
        self.here, self.there = (RedisAllowances(url, lease=lease) for _ in range(2))
        self.id = ""
        self.standings: list[Standing] = []

    async def of(self, **limits: float) -> "Books":
        text = new_text()
        self.id = id_of(text) or ""
        key = ApiKey(
            self.id, "test", digest_of(text), limits=KeyLimits(**limits), created=int(time.time())
        )
        await self.keys.add(key)
        return self

    async def admit(
        self, tokens: int = 0, *, books: RedisAllowances | None = None
    ) -> RedisAllowance:
        caller = Caller(self.id, metered=True)
        return await (books or self.here).admit(caller, tokens, self.standings.append)

    async def age(self, seconds: float) -> None:
        """Make all that was noted so much older."""
        redis = self.keys._redis
        for name in ("requests", "tokens", "streams"):
            (where,) = _keys(self.id, name)
            for member, score in await redis.zrange(where, 0, -1, withscores=True):
                await redis.zadd(where, {member: score - 1000 * seconds})

    async def settled(self) -> None:
        for books in (self.here, self.there):
            while books._behind:
                await asyncio.wait(books._behind)

    async def aclose(self) -> None:
        for each in (self.here, self.there, self.keys):
            await each.aclose()
