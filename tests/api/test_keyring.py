"""Who asks, by his key: what is believed, for how long, and what happens when the store is away."""

import asyncio
from dataclasses import replace

import pytest

from app.chat.access.api_key import ApiKey, digest_of, id_of, new_text, salt_of
from app.chat.access.caller import Caller
from app.errors import NotAuthenticated, StoreUnavailable
from app.http.keyring import CACHED, Keyring


class Kept:
    """A store of keys, and how often it was asked."""

    def __init__(self) -> None:
        self.keys: dict[str, ApiKey] = {}
        self.asked: list[str] = []
        self.away = False
        self.silent: asyncio.Event | None = None

    def add(self, **fields: object) -> str:
        text = new_text()
        key = ApiKey(id_of(text) or "", "test", digest_of(text))
        self.keys[key.id] = replace(key, **fields)  # type: ignore[arg-type]
        return text

    async def find(self, id_: str) -> ApiKey | None:
        self._ask(id_)
        return self.keys.get(id_)

    async def any(self) -> bool:
        self._ask("any")
        if self.silent is not None:
            await self.silent.wait()
        return bool(self.keys)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.away:
            raise StoreUnavailable("away")


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def time() -> Time:
    return Time()


def ring(kept: Kept, time: Time, *given: str, open_: bool = False) -> Keyring:
    return Keyring(kept, given, open_=open_, clock=time, now=time)


async def test_no_key_was_ever_made(kept: Kept, time: Time) -> None:
    keyring = ring(kept, time)
    for text in ("", "none", "sk-whatever"):
        assert await keyring.caller(text) == Caller()
    assert kept.asked == ["any"]
    with pytest.raises(NotAuthenticated):
        await keyring.caller(new_text())  # who sends one of ours means a certain key


async def test_the_first_key_closes_the_gateway_soon_and_for_good(kept: Kept, time: Time) -> None:
    keyring = ring(kept, time)
    await keyring.caller("")
    text = kept.add()
    assert (await keyring.caller(text)).id == id_of(text)
    time.now += CACHED
    for wrong in ("", "none", text[:-1], text.swapcase()):
        with pytest.raises(NotAuthenticated):
            await keyring.caller(wrong)
    kept.keys.clear()
    time.now += CACHED
    with pytest.raises(NotAuthenticated):
        await keyring.caller("")


async def test_a_key_is_looked_up_once_in_a_while(kept: Kept, time: Time) -> None:
    text = kept.add(scopes=frozenset({"chat"}))
    keyring = ring(kept, time)
    for _ in range(3):
        caller = await keyring.caller(text)
    assert kept.asked == [id_of(text)]
    assert caller == Caller(id_of(text) or "", frozenset({"chat"}), salt_of(text), metered=True)
    time.now += CACHED
    await keyring.caller(text)
    assert len(kept.asked) == 2


async def test_the_right_id_with_another_secret(kept: Kept, time: Time) -> None:
    text = kept.add()
    keyring = ring(kept, time)
    with pytest.raises(NotAuthenticated, match="Incorrect"):
        await keyring.caller(text[:-1] + ("a" if text[-1] != "a" else "b"))


async def test_revoked_and_expired(kept: Kept, time: Time) -> None:
    text, mortal = kept.add(), kept.add(expires=1001)
    keyring = ring(kept, time)
    await keyring.caller(text)
    await keyring.caller(mortal)
    kept.keys[id_of(text) or ""] = replace(kept.keys[id_of(text) or ""], revoked=1000)
    time.now += 1
    with pytest.raises(NotAuthenticated, match="expired"):
        await keyring.caller(mortal)  # at once: that it would was known
    time.now += CACHED
    with pytest.raises(NotAuthenticated, match="revoked"):
        await keyring.caller(text)


async def test_keys_of_the_settings_need_no_store(kept: Kept, time: Time) -> None:
    kept.away = True
    keyring = ring(kept, time, "first", "second")
    first, second = await keyring.caller("first"), await keyring.caller("second")
    assert first.id != second.id
    assert first.salt != second.salt
    assert not first.metered
    assert first.may("metrics")
    with pytest.raises(NotAuthenticated):
        await keyring.caller("third")
    assert kept.asked == []
    with pytest.raises(StoreUnavailable):
        await keyring.caller(new_text())


async def test_the_store_is_away(kept: Kept, time: Time) -> None:
    text = kept.add()
    keyring = ring(kept, time)
    await keyring.caller(text)
    kept.away = True
    await keyring.caller(text)  # known a moment ago
    time.now += CACHED
    with pytest.raises(StoreUnavailable):
        await keyring.caller(text)
    with pytest.raises(StoreUnavailable):
        await keyring.caller("")  # nobody knows whether a key is needed


async def test_an_open_gateway_stays_open_while_the_store_is_away(kept: Kept, time: Time) -> None:
    keyring = ring(kept, time)
    await keyring.caller("")
    kept.away = True
    time.now += CACHED
    assert await keyring.caller("") == Caller()


async def test_a_store_that_is_silent_holds_nobody_up(
    kept: Kept, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.http.keyring.HURRY", 0.01)
    keyring = ring(kept, time)
    await keyring.caller("")
    kept.silent = asyncio.Event()
    time.now += CACHED
    first = asyncio.create_task(keyring.caller(""))
    await asyncio.sleep(0)
    assert await keyring.caller("") == Caller()  # others don't wait beside the one that asks
    assert await first == Caller()


async def test_open_by_the_settings(kept: Kept, time: Time) -> None:
    text = kept.add()
    keyring = ring(kept, time, open_=True)
    assert await keyring.caller("") == Caller()
    assert kept.asked == []
    assert (await keyring.caller(text)).id == id_of(text)


async def test_keys_of_the_settings_are_asked_for_even_where_it_is_open(
    kept: Kept, time: Time
) -> None:
    keyring = ring(kept, time, "given", open_=True)
    with pytest.raises(NotAuthenticated):
        await keyring.caller("")
    assert (await keyring.caller("given")).id.startswith("env_")


async def test_guessing_fills_no_memory(kept: Kept, time: Time, monkeypatch) -> None:
    monkeypatch.setattr("app.http.keyring.MOST", 8)
    keyring = ring(kept, time)
    for _ in range(20):
        with pytest.raises(NotAuthenticated):
            await keyring.caller(new_text())
    assert len(keyring._found) == 8


def test_salts_are_what_vllm_takes() -> None:
    salts = {salt_of(new_text()) for _ in range(200)}
    assert len(salts) == 200
    assert not set("".join(salts)) & set("@/\\\0=")
