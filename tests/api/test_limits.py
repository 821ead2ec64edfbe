"""Keys and their limits as clients meet them: two gateways on one Redis, the official client."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import openai
import pytest

from app.chat.access.api_key import ApiKey, KeyLimits, digest_of, id_of, new_text, salt_of
from app.chat.service import ChatService
from app.http.responses import making
from app.stores import allowances
from app.stores.api_keys import RedisKeys
from app.stores.connection import Script
from app.stores.embedded_redis import EmbeddedRedis
from model_server.scripted import Answer
from search_adapters.mock import MockAdapter
from tests.api.stage import Engine, Gateway, Stage, passage, until

MODEL = "scripted"
GOOD: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "Who is he?"}]}
SEARCH = "[SEARCH_START] Orson Kovats[SEARCH_END]"


class Paid(MockAdapter):
    traits = replace(MockAdapter.traits, usd_per_1000=5.0)


class Guessed(MockAdapter):
    """Not free, at a price that nobody has told."""

    traits = replace(MockAdapter.traits, usd_per_1000=None, speculative=False)


@dataclass
class House:
    """Two gateways, and keys for them."""

    stage: Stage
    engine: Engine
    here: Gateway
    there: Gateway
    url: str

    def key(self, *scopes: Any, **limits: float) -> str:
        text = new_text()
        kept = ApiKey(id_of(text) or "", "test", digest_of(text), limits=KeyLimits(**limits))
        if scopes:
            kept = replace(kept, scopes=frozenset(scopes))

        async def add() -> None:
            keys = RedisKeys(self.url)
            await keys.add(kept)
            await keys.aclose()

        self.stage.thread.call(add())
        return text


@pytest.fixture(scope="module")
def house_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    stage = Stage(tmp_path_factory.mktemp("house"))
    # Its own: where there are keys, other tests' gateways would ask for them too.
    redis = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    stage.thread.call(redis.start())
    engine = stage.engine()
    here, there = (
        stage.gateway(engine.url, Paid(), redis_url=redis.url, api_keys="house") for _ in range(2)
    )
    yield House(stage, engine, here, there, redis.url)
    stage.thread.call(redis.stop())
    stage.close()


@pytest.fixture
def house(house_: House) -> House:
    house_.engine.say("Yes.")
    return house_


def test_headers_and_a_refusal_shared_by_two_gateways(house: House) -> None:
    key = house.key(requests_per_minute=2, tokens_per_minute=10_000, searches_per_day=7)
    here, there = house.here.client(api_key=key), house.there.client(api_key=key)
    raw = here.chat.completions.with_raw_response.create(**GOOD)
    given = {name: value for name, value in raw.headers.items() if "ratelimit" in name}
    assert given["x-ratelimit-limit-requests"] == "2"
    assert given["x-ratelimit-remaining-requests"] == "1"
    assert given["x-ratelimit-reset-requests"] in ("1m0s", "60s")
    assert given["x-ratelimit-limit-tokens"] == "10000"
    assert 9_900 < int(given["x-ratelimit-remaining-tokens"]) < 10_000
    assert given["x-ratelimit-remaining-searches"] == "7"
    assert "h" in given["x-ratelimit-reset-searches"] or "m" in given["x-ratelimit-reset-searches"]
    streamed = there.chat.completions.with_raw_response.create(**GOOD, stream=True)
    assert streamed.headers["x-ratelimit-remaining-requests"] == "0"
    assert list(streamed.parse())
    for client in (here, there):
        for stream in (False, True):
            with pytest.raises(openai.RateLimitError) as refused:
                client.chat.completions.create(**GOOD, stream=stream)
            assert refused.value.code == "rate_limit_exceeded"
            headers = refused.value.response.headers
            assert 0 < int(headers["retry-after"]) <= 60
            assert 0 < int(headers["retry-after-ms"]) <= 60_000
            assert headers["x-ratelimit-remaining-requests"] == "0"
    assert house.here.client(api_key="house").chat.completions.create(**GOOD)  # others may


def test_tokens_are_counted_when_the_answer_ends(house: House) -> None:
    key = house.key(tokens_per_minute=60)
    client = house.here.client(api_key=key)
    house.engine.say(" ".join(["word"] * 80))
    assert client.chat.completions.create(**GOOD).choices[0].message.content
    with pytest.raises(openai.RateLimitError, match="60 tokens per minute, of which 0"):
        until(lambda: client.chat.completions.create(**GOOD) and False, 10)


def test_streams_at_a_time(house: House) -> None:
    key = house.key(streams=1)
    slow = house.stage.engine(rate=50)
    gateway = house.stage.gateway(slow.url, redis_url=house.url, api_keys="house")
    client = gateway.client(api_key=key)
    with client.chat.completions.create(**GOOD, stream=True) as stream:
        next(iter(stream))
        for other in (client, house.here.client(api_key=key)):
            with pytest.raises(openai.RateLimitError, match="under way"):
                other.chat.completions.create(**GOOD)

    def free() -> bool:
        try:
            house.here.client(api_key=key).chat.completions.create(**GOOD)
        except openai.RateLimitError:
            return False
        return True

    assert until(free)


def test_a_refused_request_takes_nothing(house: House) -> None:
    key = house.key(requests_per_minute=1)
    client = house.here.client(api_key=key)
    for _ in range(3):
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(**GOOD, extra_body={"search": {"adapters": ["x"]}})
    client.chat.completions.create(**GOOD)


@pytest.mark.parametrize("limits", [{"searches_per_day": 1}, {"search_usd_per_day": 0.005}])
def test_searches_used_up_in_mid_answer(house: House, limits: dict[str, float]) -> None:
    key = house.key(**limits)
    client = house.here.client(api_key=key)
    house.here.search.enqueue([[passage(1)]])
    house.engine.say((f"First. {SEARCH}", "Then [1]. [SEARCH_START] his age[SEARCH_END]", "Done."))
    answer: Any = client.chat.completions.create(**GOOD)
    assert answer.choices[0].message.content.endswith("Done.")
    first, second = answer.search
    assert (first["failure"], second["failure"]) == (None, "search limit reached")
    assert second["results"] == []
    assert answer.usage.searches == 1
    told = house.engine.text(list(house.engine.legs[-1].prompt))
    assert "Search failed: search limit reached.\nNo searches left. Answer now." in told
    # The next answer is spared to find out, where searches are counted; money may be left for less.
    house.engine.say("Without a search.")
    again: Any = client.chat.completions.create(**GOOD)
    assert again.choices[0].message.content == "Without a search."
    if "searches_per_day" in limits:
        system = house.engine.text(list(house.engine.legs[-1].prompt))
        assert "SEARCH_START" not in system


def test_nobody_is_paid_for_a_guess_where_searches_are_counted(house: House) -> None:
    engine = house.stage.engine(rate=4.0)  # the query stands long enough before the end marker
    search, options = Guessed(), {"redis_url": house.url, "api_keys": "house"}
    gateway = house.stage.gateway(engine.url, search, search_early="all", **options)
    for limits, begun in (
        ({"searches_per_day": 9}, False),
        ({"search_usd_per_day": 1.0}, False),
        ({"requests_per_minute": 9}, True),
    ):
        search.history.clear()
        engine.say((SEARCH, "Done."))
        gateway.client(api_key=house.key(**limits)).chat.completions.create(**GOOD)
        asked = [query.text for query in search.history]
        assert asked[-1] == "Orson Kovats"
        assert (len(asked) > 1) is begun, limits


def test_scopes(house: House) -> None:
    house.engine.say("Yes.", "Yes.")
    chats = house.here.client(api_key=house.key("chat"))
    assert chats.chat.completions.create(**GOOD)
    with pytest.raises(openai.PermissionDeniedError, match="'search'"):
        chats.chat.completions.create(**GOOD, extra_body={"search": {"policy": "always"}})
    sees = house.key("metrics")
    with pytest.raises(openai.PermissionDeniedError, match="'chat'"):
        house.here.client(api_key=sees).models.list()

    def metrics(**headers: str) -> int:
        return house.here.get("/metrics", headers=headers).status_code

    assert metrics() == 401
    assert metrics(authorization=f"Bearer {sees}") == 200
    assert metrics(authorization=f"Bearer {house.key('chat')}") == 403
    assert metrics(authorization=f"Bearer {house.key('admin')}") == 200
    assert metrics(**{"x-api-key": "house"}) == 200
    assert house.here.get("/healthz").status_code == 200


def test_prompts_of_different_keys_share_no_cache(house: House) -> None:
    one, two = house.key(), house.key()
    for key in (one, two, "house"):
        house.engine.say((SEARCH, "A."))
        house.here.client(api_key=key).chat.completions.create(**GOOD)
        salts = [leg.body.get("cache_salt") for leg in house.engine.legs]
        assert salts == [salt_of(key)] * 2


def test_what_another_key_stored_is_not_there(house: House) -> None:
    mine, yours = (house.here.client(api_key=house.key()) for _ in range(2))
    kept = mine.chat.completions.create(**GOOD, store=True)
    for call in (yours.chat.completions.retrieve, yours.chat.completions.delete):
        with pytest.raises(openai.NotFoundError):
            call(kept.id)
    assert mine.chat.completions.retrieve(kept.id).id == kept.id
    assert mine.chat.completions.delete(kept.id).deleted


class Counted:
    """A script, and how often it was sent."""

    def __init__(self, script: Script) -> None:
        self.script, self.sent = script, 0

    async def __call__(self, *given: Any) -> Any:
        self.sent += 1
        return await self.script(*given)


def test_round_trips(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One before an answer, one before a search, one behind it all; none for a token."""
    scripts = {name: Counted(getattr(allowances, name)) for name in ("ADMIT", "GRANT", "SETTLE")}
    for name, counted in scripts.items():
        monkeypatch.setattr(allowances, name, counted)
    client = house.here.client(api_key=house.key(tokens_per_minute=10**6, searches_per_day=99))

    def taken(*legs: str) -> list[int]:
        before = [each.sent for each in scripts.values()]
        house.engine.say(legs)
        list(client.chat.completions.create(**GOOD, stream=True))
        until(lambda: scripts["SETTLE"].sent > before[-1])
        return [each.sent - was for each, was in zip(scripts.values(), before, strict=True)]

    assert taken("Yes.") == [1, 0, 1]
    assert taken(" ".join(["word"] * 300)) == [1, 0, 1]
    assert taken(SEARCH, "Done.") == [1, 1, 1]


def test_limits_hold_in_every_format(house: House) -> None:
    key = house.key(requests_per_minute=2)
    house.engine.say("Yes.", "Yes.")
    client = house.here.client(api_key=key)
    assert client.responses.create(model=MODEL, input="Hi").output_text == "Yes."
    message = {"model": MODEL, "max_tokens": 9, "messages": GOOD["messages"]}
    headers = {"x-api-key": key}
    said = house.there.post("/v1/messages", json=message, headers=headers)
    assert said.headers["anthropic-ratelimit-requests-remaining"] == "0"
    refused = house.there.post("/v1/messages", json=message, headers=headers)
    assert refused.status_code == 429
    assert refused.json()["error"]["type"] == "rate_limit_error"
    assert refused.headers["retry-after"]
    with pytest.raises(openai.RateLimitError):
        client.responses.create(model=MODEL, input="Hi")
    # What runs by itself waits until its key has room again.
    behind = client.responses.create(model=MODEL, input="Hi", background=True)
    assert client.responses.retrieve(behind.id).status == "queued"
    assert client.responses.cancel(behind.id).status == "cancelled"


def test_waiting_for_room_is_no_answer_refused(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it is tried: what was said is read once, and one answer is counted."""
    monkeypatch.setattr("app.http.background.job.LONGEST_TURN", 0.02)
    monkeypatch.setattr("app.http.background.job.TURN", 0.02)
    caplog.set_level(logging.INFO, "orson.answers")
    key, tries, reads = house.key(streams=1), [], []
    admit, read = ChatService._admit, making.said_before

    def admitting(service: ChatService) -> None:
        tries.append(service)
        admit(service)

    def answers() -> float:
        said = house.here.get("/metrics", headers={"authorization": "Bearer house"})
        assert said.status_code == 200
        lines = [line for line in said.text.splitlines() if line.startswith("orson_answers_total{")]
        return sum(float(line.split()[-1]) for line in lines)

    async def reading(*args: Any) -> Any:
        reads.append(args)
        return await read(*args)

    monkeypatch.setattr(ChatService, "_admit", admitting)
    monkeypatch.setattr(making, "said_before", reading)
    house.engine.say(Answer(("Well",), when="HOLD", fault="hang"), "Yes.")
    client = house.here.client(api_key=key)
    held = client.responses.create(model=MODEL, input="HOLD", stream=True)
    next(e for e in held if e.type == "response.output_text.delta")
    before = answers()
    tries.clear()
    reads.clear()
    caplog.clear()
    waits = client.responses.create(model=MODEL, input="Hi", background=True)
    until(lambda: len(tries) > 5)
    assert client.responses.retrieve(waits.id).status == "queued"
    assert answers() == before
    held.close()
    until(lambda: client.responses.retrieve(waits.id).status == "completed")
    assert client.responses.retrieve(waits.id).output_text == "Yes."
    assert len(reads) == 1
    until(lambda: answers() == before + 2)
    lines = [line.getMessage() for line in caplog.records if line.name == "orson.answers"]
    assert [line.split(",")[0].split(": ")[1] for line in lines] == ["cancelled", "stop"]


def test_a_key_that_expires(house: House) -> None:
    text = new_text()
    soon = ApiKey(id_of(text) or "", "soon", digest_of(text), expires=int(time.time()) - 1)

    async def add() -> None:
        keys = RedisKeys(house.url)
        await keys.add(soon)
        await keys.aclose()

    house.stage.thread.call(add())
    with pytest.raises(openai.AuthenticationError, match="expired"):
        house.here.client(api_key=text).models.list()
