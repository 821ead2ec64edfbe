"""Who asks, by the key he sends: those of the settings, and those kept in the store.

What the store says is believed for CACHED seconds, so that a request costs no look-up of its own,
and a revoked key is worth nothing soon after. (Answers ask again, with their limits: see
`app.chat.access.allowance`.) When the store is away, nobody is let in by a key that only it knows.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from app.chat.access.api_key import ApiKey, digest_of, id_of, salt_of
from app.chat.access.caller import Caller
from app.errors import NotAuthenticated, StoreUnavailable

CACHED = 5.0
"""Seconds."""
HURRY = 0.5
"""Seconds that a request waits to hear whether an open gateway has been closed."""
MOST = 4096
"""Keys remembered, so that those who guess fill no memory."""


class Keys(Protocol):
    """Where keys are kept. Both raise StoreUnavailable."""

    async def find(self, id_: str) -> ApiKey | None:
        """One key; None when there is none."""
        ...

    async def any(self) -> bool:
        """Whether a key was ever made."""
        ...


class Keyring:
    """All keys of a gateway."""

    def __init__(
        self,
        store: Keys,
        given: Sequence[str] = (),
        *,
        open_: bool = False,
        salted: bool = True,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            store: of the keys that were made by `orson keys add`.
            given: keys of the settings; with any of them a key is always needed.
            open_: whether those without a key may ask though keys were made.
            salted: whether prompts of different keys are kept apart in the engine's cache.
            clock: for how long what the store said is believed.
            now: when keys expire.
        """
        self._store = store
        self._salted = salted
        self._given = {digest_of(key): self._set(key) for key in given}
        self._open = open_
        self._clock, self._now = clock, now
        self._found: OrderedDict[str, tuple[float, ApiKey | None]] = OrderedDict()
        self._looked_at = float("-inf")
        self._any = False

    async def closed(self) -> bool:
        """Whether a key is needed: there is one, or was. Raises StoreUnavailable."""
        if self._given or self._any:
            return True
        now, before = self._clock(), self._looked_at
        if now - before < CACHED:
            return False
        if before == float("-inf"):  # nobody knows, until the store has said it once
            self._any = await self._store.any()
            self._looked_at = now
            return self._any
        self._looked_at = now  # others need not wait beside us
        # It was open when we looked last; a store that is away does not change that.
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(HURRY):
                self._any = await self._store.any()
        return self._any

    async def caller(self, text: str) -> Caller:
        """Who sends `text` as his key; empty for none.

        Raises:
            NotAuthenticated: a key is needed, and this is none, or none any more.
            StoreUnavailable: only the store could tell.
        """
        if text and (known := self._given.get(digest_of(text))):
            return known
        if text and (id_ := id_of(text)):
            return await self._kept(id_, text)
        if not self._given and (self._open or not await self.closed()):
            return Caller()  # clients that must send a key send any
        if text:
            raise NotAuthenticated("Incorrect API key provided.")
        raise NotAuthenticated(
            "You didn't provide an API key: send 'Authorization: Bearer KEY' or 'x-api-key: KEY'."
        )

    async def _kept(self, id_: str, text: str) -> Caller:
        key = await self._find(id_)
        if key is None or not key.fits(text):
            raise NotAuthenticated("Incorrect API key provided.")
        if key.revoked:
            raise NotAuthenticated("This API key was revoked.")
        if key.expires is not None and key.expires <= self._now():
            raise NotAuthenticated("This API key has expired.")
        return Caller(key.id, key.scopes, self._salt(text), metered=True)

    def _set(self, key: str) -> Caller:
        return Caller(f"env_{digest_of(key)[:16]}", salt=self._salt(key))

    def _salt(self, text: str) -> str:
        return salt_of(text) if self._salted else ""

    async def _find(self, id_: str) -> ApiKey | None:
        now = self._clock()
        found = self._found.get(id_)
        if found is not None and now - found[0] < CACHED:
            return found[1]
        key = await self._store.find(id_)
        self._found[id_] = (now, key)
        self._found.move_to_end(id_)
        if len(self._found) > MOST:
            self._found.popitem(last=False)
        return key
