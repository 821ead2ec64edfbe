"""llama.cpp in this process: it starts, keeps strangers out, and goes away again."""

import asyncio
from pathlib import Path

import pytest

from app.engines.http_stream import HttpClient
from app.engines.llamacpp import LlamaCppEngine
from app.errors import EngineRefused
from model_server.embedded import (
    BYTES_PER_THREAD,
    EmbeddedServer,
    ModelMissing,
    bundled_model,
    default_threads,
)
from tests.engines.backends import write_tiny

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny.gguf"
    write_tiny(path)
    return path


async def test_each_slot_has_the_whole_window(tiny: Path) -> None:
    server = EmbeddedServer(tiny, context_window=512, parallel=3, alias="nano")
    engine = LlamaCppEngine(await server.start(), api_key=server.api_key)
    await engine.ready()
    assert (engine.model, engine.context_window) == ("nano", 512)
    await engine.aclose()
    await server.stop()


async def test_without_a_window_it_is_the_trained_one(tiny: Path) -> None:
    server = EmbeddedServer(tiny, parallel=2)
    engine = LlamaCppEngine(await server.start(), api_key=server.api_key)
    await engine.ready()
    assert (engine.model, engine.context_window) == ("tiny", 1024)
    await engine.aclose()
    await server.stop()


async def test_strangers_are_kept_out(tiny: Path) -> None:
    server = EmbeddedServer(tiny, parallel=1)
    url = await server.start()
    assert url.startswith("http://127.0.0.1:")
    stranger = LlamaCppEngine(url, api_key="guess")
    with pytest.raises(EngineRefused, match="401"):
        await stranger.encode("a")
    await stranger.aclose()
    inside = HttpClient(url, api_key=server.api_key, keep=0)
    assert (await inside.request("GET", "/slots")).status != 200  # other people's prompts
    await inside.aclose()
    await server.stop()


async def test_its_key_goes_to_no_proxy(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    async def proxied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(proxied, "127.0.0.1", 0) as proxy:
        address = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, address)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        server = EmbeddedServer(tiny, parallel=1)
        await server.start()
        await server.stop()
    assert asked == []


async def test_starting_twice_is_starting_once(tiny: Path) -> None:
    server = EmbeddedServer(tiny, parallel=1)
    assert await server.start() == await server.start()
    await server.stop()
    await server.stop()


async def test_a_file_that_is_missing_or_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        await EmbeddedServer(tmp_path / "none.gguf").start()
    nonsense = tmp_path / "nonsense.gguf"
    nonsense.write_bytes(b"GGUF? no")
    with pytest.raises(RuntimeError):
        await EmbeddedServer(nonsense).start()


async def test_the_bundled_model_knows_the_markers_as_single_tokens() -> None:
    server = EmbeddedServer(bundled_model(), parallel=1)
    engine = LlamaCppEngine(await server.start(), api_key=server.api_key)
    for marker in ("[SEARCH_START]", "[SEARCH_END]", "[RESULTS_START]", "[RESULTS_END]"):
        assert len(await engine.encode(marker)) == 1
    await engine.aclose()
    await server.stop()


def test_threads_follow_the_size_of_the_model() -> None:
    assert default_threads(BYTES_PER_THREAD - 1) == 1
    assert 1 <= default_threads(100 * BYTES_PER_THREAD) <= 8
