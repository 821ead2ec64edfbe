"""API keys in Redis, by their ids. Every method raises StoreUnavailable.

    orson:{keys}           set: the ids of all keys that were ever made
    orson:{<id>}:key       hash: what is kept of one

A revoked key stays, so that a gateway whose last key was revoked does not open to everybody.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict

from app.chat.access.api_key import ApiKey, KeyLimits
from app.chat.access.caller import SCOPES
from app.stores.connection import connect, named

INDEX = "orson:{keys}"


def record_of(id_: str) -> str:
    """Under which name a key lies."""
    return f"orson:{{{id_}}}:key"


class RedisKeys:
    """Made, found, listed and revoked."""

    def __init__(self, url: str) -> None:
        self._redis = connect(url)

    async def add(self, key: ApiKey) -> None:
        """Keep a new key."""
        with named():
            # In this order: a gateway that sees the index asks for keys from then on.
            await self._redis.sadd(INDEX, key.id)
            await self._redis.hset(record_of(key.id), mapping=_written(key))

    async def find(self, id_: str) -> ApiKey | None:
        """One key; None when there is none."""
        with named():
            kept = await self._redis.hgetall(record_of(id_))
        return _read(id_, kept) if kept else None

    async def every(self) -> list[ApiKey]:
        """All keys, the newest last."""
        with named():
            ids = [id_.decode() for id_ in await self._redis.smembers(INDEX)]
        found = [await self.find(id_) for id_ in ids]
        return sorted(filter(None, found), key=lambda key: (key.created, key.id))

    async def revoke(self, id_: str) -> bool:
        """End a key; whether there was one that had not ended."""
        key = await self.find(id_)
        if key is None or key.revoked:
            return False
        with named():
            await self._redis.hset(record_of(id_), "revoked", int(time.time()))
        return True

    async def any(self) -> bool:
        """Whether a key was ever made here."""
        with named():
            return bool(await self._redis.exists(INDEX))

    async def today(self, id_: str) -> dict[str, int]:
        """What a key has used today: answers, tokens, searches, and micro-dollars of those."""
        with named():
            kept = await self._redis.hgetall(f"{record_of(id_)}:today")
        used = {name.decode(): int(value) for name, value in kept.items()}
        return used if used.pop("day", -1) == int(time.time()) // 86_400 else {}

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._redis.aclose()


def _written(key: ApiKey) -> dict[str, str | int | float]:
    """A key as fields of a hash; what is None is left out."""
    given = {
        "name": key.name,
        "digest": key.digest,
        "scopes": " ".join(sorted(key.scopes)),
        "created": key.created,
        "expires": key.expires,
        "revoked": key.revoked,
        **asdict(key.limits),
    }
    return {name: value for name, value in given.items() if value is not None}


def _read(id_: str, kept: Mapping[bytes, bytes]) -> ApiKey:
    fields_ = {name.decode(): value.decode() for name, value in kept.items()}

    def whole(name: str) -> int | None:
        return int(fields_[name]) if name in fields_ else None

    usd = fields_.get("search_usd_per_day")
    return ApiKey(
        id=id_,
        name=fields_.get("name", ""),
        digest=fields_.get("digest", ""),
        # A scope that only a newer Orson knows gives no right here.
        scopes=frozenset(scope for scope in SCOPES if scope in fields_.get("scopes", "").split()),
        limits=KeyLimits(
            whole("requests_per_minute"),
            whole("tokens_per_minute"),
            whole("streams"),
            whole("searches_per_day"),
            None if usd is None else float(usd),
        ),
        created=whole("created") or 0,
        expires=whole("expires"),
        revoked=whole("revoked"),
        used=whole("used"),
    )
