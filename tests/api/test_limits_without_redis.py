"""Redis dies in the middle of an answer: it goes on, and no limit is waived."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from app.chat.access.api_key import ApiKey, KeyLimits, digest_of, id_of, new_text
from app.stores.api_keys import RedisKeys
from tests.api.stage import Stage, until
from tests.stores.redis_server import RedisServer

GOOD: dict[str, Any] = {"model": "scripted", "messages": [{"role": "user", "content": "Who?"}]}
WORDS = " ".join(["word"] * 30)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path, "--appendonly", "yes").start()
    yield server
    server.kill()


@pytest.mark.parametrize(
    ("limits", "failure"),
    [({"searches_per_day": 9}, "search limit could not be checked"), ({}, None)],
)
def test_redis_dies_in_mid_answer(
    stage: Stage, redis: RedisServer, limits: dict[str, int], failure: str | None
) -> None:
    engine = stage.engine(rate=60)
    gateway = stage.gateway(engine.url, redis_url=redis.url, api_keys="house")
    text = new_text()

    async def add() -> None:
        keys = RedisKeys(redis.url)
        await keys.add(ApiKey(id_of(text) or "", "t", digest_of(text), limits=KeyLimits(**limits)))
        await keys.aclose()

    stage.thread.call(add())
    engine.say((f"{WORDS} [SEARCH_START] he[SEARCH_END]", "Done."))
    mine, house = gateway.client(api_key=text), gateway.client(api_key="house")
    with mine.chat.completions.create(**GOOD, stream=True) as stream:
        chunks = iter(stream)
        first = [next(chunks) for _ in range(3)]
        redis.kill()
        rest = list(chunks)
    said = "".join(chunk.choices[0].delta.content or "" for chunk in [*first, *rest])
    assert said.endswith("Done.")
    (search,) = [chunk.search for chunk in rest if getattr(chunk, "search", None)][-1:]
    assert search["failure"] == failure

    with pytest.raises(openai.InternalServerError) as away:
        mine.chat.completions.create(**GOOD)
    assert (away.value.status_code, away.value.code) == (503, "store_unavailable")
    assert away.value.response.headers["retry-after"]
    engine.say("Yes.")
    assert house.chat.completions.create(**GOOD).choices[0].message.content == "Yes."
    redis.start()
    engine.say("Yes.")

    def back() -> bool:
        try:
            return bool(mine.chat.completions.create(**GOOD).choices)
        except openai.InternalServerError:
            return False

    until(back)
