"""Keys share no prefix cache on a real vLLM: what one has asked is not warm for another."""

import secrets

import pytest

from app.chat.access.api_key import new_text, salt_of
from app.chat.ports import Chunk, Leg
from app.engines.vllm import VllmEngine
from tests.engines.live import GREEDY, URL

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif(not URL, reason="no vLLM server is given"),
]


async def test_what_one_key_has_asked_is_not_warm_for_another() -> None:
    engine = VllmEngine(URL)
    try:
        await engine.ready()
        # Nobody has asked this before, and it fills some blocks of the cache.
        text = " ".join(secrets.token_hex(4) for _ in range(60))
        prompt = tuple(await engine.encode(text))[: engine.context_window // 2]

        async def cached(salt: str) -> int:
            chunks: list[Chunk] = []
            reads = engine.generate(Leg(prompt, 1, GREEDY, salt=salt))

            def take(chunk: Chunk) -> bool:
                chunks.append(chunk)
                return True

            while await reads.pour(take):
                pass
            await reads.aclose()
            return chunks[-1].cached_tokens or 0

        mine, yours = (salt_of(new_text()) for _ in range(2))
        found = [await cached(salt) for salt in (mine, yours, "", mine, yours, "")]
    finally:
        await engine.aclose()
    assert found[:3] == [0, 0, 0]
    assert all(count > len(prompt) // 2 for count in found[3:]), (found, len(prompt))
