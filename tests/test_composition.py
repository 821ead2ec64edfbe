"""What the composition root makes of settings, without a process around it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.chat.request import ChatRequest, Message, Sampling
from app.errors import Overloaded
from app.http.gateway import Gateway
from app.main import StartError, create_app
from app.settings import Settings
from model_server.embedded import ANSWERS_PER_PLACE
from model_server.scripted import ScriptedServer
from search_adapters.errors import Retired
from search_adapters.mock import MockAdapter
from tests.engines.backends import write_tiny
from tests.engines.tiny_gguf import CONTROL, MARKERS, Vocabulary, write


def settings(**given: Any) -> Settings:
    """For a gateway that needs no Redis to start."""
    return Settings(_env_file=None, **{"redis_url": "redis://127.0.0.1:1", **given})


@asynccontextmanager
async def running(**given: Any) -> AsyncIterator[Gateway]:
    app = create_app(settings(**given), adapters=(MockAdapter(),))
    async with app.router.lifespan_context(app):
        yield app.state.gateway


async def test_a_llama_cpp_that_can_t_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(StartError, match="apt install libgomp1"):
        async with running():
            pass


@pytest.mark.embedded
@pytest.mark.parametrize(("wanted", "taken"), [(1024, ANSWERS_PER_PLACE), (3, 3)])
async def test_more_answers_than_the_embedded_engine_can_take_get_429(
    tmp_path: Path, wanted: int, taken: int
) -> None:
    write_tiny(tmp_path / "tiny.gguf")
    async with running(
        model=str(tmp_path / "tiny.gguf"), embedded_parallel=1, max_concurrent=wanted
    ) as gateway:
        service = await gateway.service()
        # It counts on from one word to the end of its window.
        endless = ChatRequest((Message("user", "count one"),), sampling=Sampling(max_tokens=900))
        async with AsyncExitStack() as stack:
            first = [service.answer(endless) for _ in range(taken)]
            for answer in first:
                stack.push_async_callback(answer.aclose)
            tasks = [asyncio.create_task(anext(answer)) for answer in first]
            await asyncio.sleep(0)  # all have been let in, none has heard of the engine yet
            assert service.running == taken
            with pytest.raises(Overloaded, match=f"^{taken} answers"):
                await anext(service.answer(endless))
            assert all(await asyncio.gather(*tasks))


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("trained", "given", "window"),
    [(256_000, {}, 8192), (1024, {}, 1024), (1024, {"embedded_context": 512}, 512)],
)
async def test_the_window_of_ones_own_model(
    tmp_path: Path, trained: int, given: dict[str, int], window: int
) -> None:
    model = tmp_path / "own.gguf"
    write(model, Vocabulary((" one",)), {}, otherwise=" one", context=trained)
    async with running(model=str(model), embedded_parallel=1, **given) as gateway:
        await gateway.service()
        assert gateway.engine.context_window == window


@pytest.mark.embedded
async def test_added_tokens_of_ones_own_model_are_broken_in_text(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = tmp_path / "own.gguf"
    words = Vocabulary((" one",), control=(*CONTROL, *MARKERS, "@@secret@@"))
    write(model, words, {}, otherwise=" one")
    async with running(model=str(model), embedded_parallel=1, embedded_context=1024) as gateway:
        vocabulary = (await gateway.service())._means.vocabulary
        said = "a @@secret@@ b"
        secret = words.id("@@secret@@")
        assert secret in await gateway.engine.encode(said)
        assert secret in vocabulary.control
        assert secret not in await gateway.engine.encode(vocabulary.neutralise(said))
    assert "ORSON_TOKENIZER" not in caplog.text


def test_a_model_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "own.gguf").write_bytes(b"PK")
    with pytest.raises(StartError, match=r"ORSON_MODEL.*own\.gguf.*GGUF"):
        create_app(settings(model=str(tmp_path / "own.gguf")))


async def test_a_remote_tokenizer_that_nobody_named(caplog: pytest.LogCaptureFixture) -> None:
    async with running(engine_url="http://127.0.0.1:1"):
        pass
    assert caplog.text.count("ORSON_TOKENIZER") == 1


async def test_a_remote_tokenizer_that_somebody_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tokenizer = tmp_path / "tokenizer.json"
    tokenizer.write_text('{"added_tokens": [{"content": "<x>"}]}')
    async with running(engine_url="http://127.0.0.1:1", tokenizer=tokenizer):
        pass
    assert "ORSON_TOKENIZER" not in caplog.text


@pytest.mark.parametrize("key", ["schlüssel", "two\nlines", "nul\0"])
def test_a_key_that_fits_no_header(key: str) -> None:
    with pytest.raises(ValidationError, match="printable ASCII") as refused:
        settings(engine_api_key=key)
    assert key not in str(refused.value)
    assert repr(key)[1:-1] not in str(refused.value)


def test_a_key_that_does() -> None:
    key = settings(engine_api_key="sk-1 2~").engine_api_key
    assert key is not None
    assert key.get_secret_value() == "sk-1 2~"


async def test_an_api_that_its_provider_has_ended_keeps_a_gateway_from_starting() -> None:
    class Ended(MockAdapter):
        async def prepare(self) -> None:
            raise Retired("it ended on 1 January")

    app = create_app(settings(engine_url="http://127.0.0.1:1"), adapters=(Ended(),))
    with pytest.raises(StartError, match="ORSON_SEARCH: it ended on 1 January"):
        async with app.router.lifespan_context(app):
            pass


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"model": "qwen"}, r"does not serve 'qwen'; it has scripted\. Set ORSON_MODEL"),
        ({"answer_reserve": 9000}, r"8192 tokens.*9000.*--max-model-len.*ORSON_ANSWER_RESERVE"),
        ({"teaching": "prompted"}, r"instructions alone take.*--max-model-len"),
    ],
)
async def test_an_engine_that_can_t_serve_us_stops_the_start(
    given: dict[str, Any], said: str
) -> None:
    window = 128 if "teaching" in given else 8192
    reserve = {"answer_reserve": 64} if window == 128 else {}
    server = ScriptedServer(context_window=window)
    url = await server.start()
    try:
        with pytest.raises(StartError, match=said):
            async with running(engine="vllm", engine_url=url, **reserve, **given):
                pass
    finally:
        await server.stop()
