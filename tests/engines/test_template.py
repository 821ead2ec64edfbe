"""Conversations that the model's chat template can't take: whose fault they are said to be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.chat.request import Message
from app.engines.llamacpp import LlamaCppEngine
from app.engines.vllm import VllmEngine
from app.errors import EngineRefused, EngineUnavailable, InvalidRequest, OrsonError
from model_server.embedded import EmbeddedServer
from tests.engines.test_http_client import answer, peer, read_request
from tests.engines.tiny_gguf import TEMPLATE, Vocabulary, write

ALTERNATE = "Conversation roles must alternate user/assistant/user/assistant/..."
TWO_IN_A_ROW = (Message("user", "one"), Message("user", "two"))
MODELS = b'{"data": [{"id": "m", "max_model_len": 100}]}'
NOT_FOUND = "404 Not Found"


@asynccontextmanager
async def engine_that_says(status: str, body: bytes) -> AsyncIterator[VllmEngine]:
    """vLLM whose tokenizer answers this."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            line, _, _ = await read_request(reader)
            writer.write(answer(MODELS) if "/v1/models" in line else answer(body, status))

    async with peer(handle) as url:
        engine = VllmEngine(url)
        yield engine
        await engine.aclose()


async def test_vllm_refuses_the_messages() -> None:
    body = b'{"error":{"message":"%b","type":"BadRequestError","code":400}}' % ALTERNATE.encode()
    async with engine_that_says("400 Bad Request", body) as engine:
        with pytest.raises(InvalidRequest, match="Conversation roles must alternate") as refused:
            await engine.render(TWO_IN_A_ROW)
        assert refused.value.param == "messages"
        with pytest.raises(EngineRefused):  # no conversation: a fault of ours
            await engine.encode("text")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        ("401 Unauthorized", b'{"error":"Unauthorized"}', EngineRefused),
        (NOT_FOUND, b'{"error":{"message":"no such model"}}', EngineRefused),
        ("500 Internal Server Error", b"oh", EngineUnavailable),
        ("200 OK", b'{"tokens": "many"}', EngineUnavailable),
        ("400 Bad Request", b"", InvalidRequest),
    ],
)
async def test_other_answers_are_what_they_are_elsewhere(
    status: str, body: bytes, error: type[OrsonError]
) -> None:
    async with engine_that_says(status, body) as engine:
        with pytest.raises(error):
            await engine.render(TWO_IN_A_ROW)


@pytest.mark.embedded
async def test_llama_cpp_refuses_the_messages(tmp_path: Path) -> None:
    raises = f"{{% if messages[1] %}}{{{{ raise_exception('{ALTERNATE}') }}}}{{% endif %}}"
    model = tmp_path / "strict.gguf"
    write(model, Vocabulary((" one",)), {}, otherwise=" one", template=raises + TEMPLATE)
    server = EmbeddedServer(model, parallel=1)
    engine = LlamaCppEngine(await server.start(), api_key=server.api_key)
    assert await engine.render(TWO_IN_A_ROW[:1])
    with pytest.raises(InvalidRequest, match="Conversation roles must alternate") as refused:
        await engine.render(TWO_IN_A_ROW)
    assert refused.value.param == "messages"
    await engine.aclose()
    await server.stop()
