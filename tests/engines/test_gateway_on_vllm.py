"""A gateway before a real vLLM: what it reports of the cache, and that leaving leaves nothing."""

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from search_adapters.mock import MockAdapter
from tests.api.stage import Gateway, Stage, until
from tests.engines.live import URL, full_blocks, requests_running

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif(not URL, reason="no vLLM server is given"),
]
LEAVING = 200


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    one = Stage(tmp_path)
    yield one
    one.close()


def asked(question: str) -> dict[str, Any]:
    return {
        "model": "orson-nano",
        "messages": [{"role": "user", "content": question}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 120,
        "temperature": 0,
        "extra_body": {"search": {"policy": "always", "max_searches": 2}},
    }


def gateway(stage: Stage, **search: Any) -> Gateway:
    return stage.gateway(
        URL, MockAdapter(**search), results_tokens=100, answer_reserve=64, results_per_query=1,
        teaching="trained",
    )  # fmt: skip


def test_cached_tokens_are_told_in_the_stream_and_to_prometheus(stage: Stage) -> None:
    one = gateway(stage)
    question = f"{secrets.token_hex(8)}: who knows of the river," + " and who else," * 40
    with one.client().chat.completions.create(**asked(question)) as stream:
        usage = [chunk.usage for chunk in stream if chunk.usage is not None][-1].model_dump()
    first, *resumed = usage["legs"]
    assert resumed
    before = first
    for leg in resumed:
        assert leg["cached_tokens"] in full_blocks(
            before["prompt_tokens"] + before["generated_tokens"]
        )
        before = leg
    cached = sum(leg["cached_tokens"] for leg in resumed)
    assert cached > 0
    assert one.metric("orson_resume_cached_tokens_total") == cached
    assert one.metric("orson_resume_prompt_tokens_total") == sum(
        leg["prompt_tokens"] for leg in resumed
    )


@pytest.mark.parametrize("delay", [0.0, 30.0], ids=["mid-answer", "mid-search"])
async def test_two_hundred_who_leave_leave_nothing(stage: Stage, delay: float) -> None:
    one = gateway(stage, delay=delay)
    client = one.async_client()

    async def leave(number: int) -> None:
        question = {**asked(f"Who is number {number}?"), "temperature": 1.3}
        stream = await client.chat.completions.create(**question)
        async for chunk in stream:
            if delay == 0 or (chunk.model_extra or {}).get("search", {}).get("type") == "searching":
                break
        await stream.close()

    for start in range(0, LEAVING, 25):
        await asyncio.gather(*(leave(start + number) for number in range(25)))
    await client.close()
    until(lambda: requests_running() == 0)
    until(lambda: one.metric("orson_answers_running") == 0)
    assert one.metric("orson_answers_total") == LEAVING
