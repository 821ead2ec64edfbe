"""What each key may still use, in Redis: shared by all gateways, exact in every window.

Before an answer one round trip; before a search of a key one more; what an answer and its searches
have really taken is written behind them. A place among the streams is a lease: a gateway that is
killed gives its places back when they lapse.
"""

import asyncio
import logging
import secrets
from collections.abc import Coroutine
from typing import Any

from app.chat.access.allowance import Level, Standing, Told
from app.chat.access.caller import Caller
from app.errors import LimitReached, NotAuthenticated, StoreUnavailable
from app.stores.allowance_scripts import ADMIT, GRANT, KEPT, MICRO, PAID, SETTLE
from app.stores.api_keys import record_of
from app.stores.connection import connect, named

logger = logging.getLogger(__name__)

LEASE = 60.0
"""Seconds for which a place among the streams is taken; renewed until the answer ends."""


def _keys(id_: str, *names: str) -> list[str]:
    return [f"{record_of(id_)}:{name}" if name else record_of(id_) for name in names]


class RedisAllowances:
    """Keeps the books of all keys."""

    def __init__(self, url: str, *, lease: float = LEASE) -> None:
        self._redis = connect(url)
        self._lease = lease
        self._behind: set[asyncio.Task[None]] = set()
        self._under_way: dict[str, str] = {}  # answer -> key
        self._renewing: asyncio.Task[None] | None = None

    async def admit(self, caller: Caller, tokens: int, tell: Told) -> "RedisAllowance":
        """Let an answer begin; see the port."""
        answer = secrets.token_hex(8)
        keys = _keys(caller.id, "", "requests", "tokens", "total", "streams", "today")
        asked = ADMIT(self._redis, keys, (answer, tokens, int(self._lease * 1000)))
        # Not to be broken off: Redis may have let the answer begin already.
        admission = asyncio.create_task(asked, name="admission")
        try:
            with named():
                told = await asyncio.shield(admission)
        except asyncio.CancelledError:
            self._later(self._given_back(admission, caller.id, answer))
            raise
        refused, wait, levels, reserved = _admission(told)
        if refused == "revoked":
            raise NotAuthenticated("This API key was revoked.")
        standing = _standing(levels)
        tell(standing)
        if refused != "no":
            raise LimitReached(_told(refused, standing), max(wait, 1) / 1000)
        self._under_way[answer] = caller.id
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew(), name="renew streams")
        return RedisAllowance(self, caller.id, answer, reserved, standing)

    async def grant(self, id_: str, usd: float) -> tuple[bool, str]:
        """Whether a search may be made, and the day on which it counts."""
        with named():
            granted, day = await GRANT(self._redis, _keys(id_, "", "today"), (_micro(usd),))
        return bool(granted), day.decode()

    def paid(self, id_: str, day: str, usd: float) -> None:
        """Correct what a search was thought to cost."""
        if micro := _micro(usd):
            self._later(PAID(self._redis, _keys(id_, "today"), (day, micro)))

    def settle(self, id_: str, answer: str, reserved: int, tokens: int, limited: bool) -> None:
        """An answer is over."""
        if self._under_way.pop(answer, None) is None:
            return
        self._later(self._settled(id_, answer, reserved, tokens, limited))

    async def aclose(self) -> None:
        """Write what is still to be written, and give back the connections."""
        if self._renewing is not None:
            self._renewing.cancel()
        if self._behind:
            await asyncio.wait(self._behind)
        await self._redis.aclose()

    async def _settled(
        self, id_: str, answer: str, reserved: int, tokens: int, limited: bool
    ) -> None:
        keys = _keys(id_, "tokens", "total", "streams", "today")
        await SETTLE(self._redis, keys, (answer, reserved, tokens, int(limited)))

    async def _given_back(self, admission: asyncio.Task[bytes], id_: str, answer: str) -> None:
        """Whoever asked has left meanwhile: where the answer was let begin, it is over."""
        refused, _, _, reserved = _admission(await admission)
        if refused == "no":
            await self._settled(id_, answer, reserved, 0, limited=reserved > 0)

    def _later(self, write: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(self._written(write))
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    async def _written(self, write: Coroutine[Any, Any, Any]) -> None:
        try:
            with named():
                await write
        except StoreUnavailable as error:
            logger.warning("what an answer took was not counted: %s", error.message)

    async def _renew(self) -> None:
        while self._under_way:
            await asyncio.sleep(self._lease / 3)
            await self._written(self._renewed())
        self._renewing = None

    async def _renewed(self) -> None:
        seconds, micros = await self._redis.time()
        until = int((seconds + self._lease) * 1000) + micros // 1000
        for answer, id_ in list(self._under_way.items()):
            (streams,) = _keys(id_, "streams")
            await self._redis.zadd(streams, {answer: until}, xx=True)
            await self._redis.expire(streams, KEPT)


class RedisAllowance:
    """What one answer may use."""

    def __init__(
        self, books: RedisAllowances, id_: str, answer: str, reserved: int, standing: Standing
    ) -> None:
        self.standing = standing
        self._books = books
        self._id = id_
        self._answer = answer
        self._reserved = reserved
        self._day = ""

    async def grant(self, usd: float) -> bool:
        """Whether a search may be made that costs so much."""
        granted, self._day = await self._books.grant(self._id, usd)
        return granted

    def paid(self, more: float) -> None:
        """How much more, or less, a granted search cost than it was thought to."""
        self._books.paid(self._id, self._day, more)

    def settle(self, tokens: int) -> None:
        """The answer is over, and took so many tokens."""
        limited = self.standing.tokens is not None
        self._books.settle(self._id, self._answer, self._reserved, tokens, limited)


def _micro(usd: float) -> int:
    return round(usd * MICRO)


def _admission(told: bytes) -> tuple[str, int, list[int], int]:
    """What refuses, milliseconds until it may not, the levels, and the tokens set aside."""
    refused, wait, *rest = told.decode().split()
    *levels, reserved = map(int, rest or ["0"])
    return refused, int(wait), levels, reserved


def _standing(levels: list[int]) -> Standing:
    rpm, requests, back, tpm, tokens, tokens_back, most, searches, midnight, usd, micro = levels

    def level(limit: int, used: int, wait: int) -> Level | None:
        return None if limit < 0 else Level(limit, max(0, limit - used), wait / 1000)

    return Standing(
        level(rpm, requests, back),
        level(tpm, tokens, tokens_back),
        level(most, searches, midnight),
        None if usd < 0 else max(0, usd - micro) / MICRO,
    )


def _told(refused: str, standing: Standing) -> str:
    match refused:
        case "requests" if standing.requests:
            return f"Rate limit reached: {standing.requests.limit} requests per minute."
        case "tokens" if standing.tokens:
            level = standing.tokens
            return (
                f"Rate limit reached: {level.limit} tokens per minute, of which {level.remaining} "
                "are left: fewer than this request may take."
            )
        case _:
            return "As many answers are under way as this API key may have at a time."
