"""Leases of the answers under way, in one sorted set. Time is Redis' own: gateways' clocks differ.

A lease says who to look at, and nothing more: whether an answer has ended is in its own record. It
is taken before the answer is begun, so an answer without a lease was never begun.
"""

from collections.abc import Sequence

from app.stores import keys
from app.stores.connection import Script, connect, named

SECONDS = 15.0
"""Longer than a short stop of Redis or of a gateway. An answer of a dead one is ended then."""
AT_ONCE = 500

RENEW = Script(
    """
-- KEYS leases; ARGV milliseconds, then ids
local now = redis.call('TIME')
local until_ = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000) + tonumber(ARGV[1])
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], until_, ARGV[i]) end
return 1
"""
)
LAPSED = Script(
    """
-- KEYS leases; ARGV most
local now = redis.call('TIME')
local now_ms = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now_ms, 'LIMIT', 0, ARGV[1])
"""
)


class RedisLeases:
    """Implements `app.chat.state.Leases`."""

    def __init__(self, url: str, *, seconds: float = SECONDS) -> None:
        self._redis = connect(url)
        self.seconds = seconds

    async def renew(self, ids: Sequence[str]) -> None:
        """Take or renew the leases of these answers."""
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            with named():
                await RENEW(self._redis, [keys.LEASES], [int(self.seconds * 1000), *some])

    async def release(self, ids: Sequence[str]) -> None:
        """These answers have ended."""
        if ids:
            with named():
                await self._redis.zrem(keys.LEASES, *ids)

    async def lapsed(self) -> tuple[str, ...]:
        """Answers whose gateway has not renewed their lease in time."""
        with named():
            ids = await LAPSED(self._redis, [keys.LEASES], [AT_ONCE])
        return tuple(id_.decode() for id_ in ids)

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._redis.aclose()
