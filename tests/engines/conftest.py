import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.engines.backends import Backend, LlamaCpp, backend, opened


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("models")
    asyncio.run(LlamaCpp.stop_all())


def _backends() -> Iterator[object]:
    yield "scripted"
    yield pytest.param("llamacpp", marks=pytest.mark.embedded)
    if "ORSON_TEST_BUNDLED" in os.environ:
        yield pytest.param("bundled", marks=pytest.mark.embedded)
    if "ORSON_TEST_VLLM_URL" in os.environ:
        yield pytest.param("vllm", marks=pytest.mark.vllm)


@pytest.fixture(params=_backends())
async def server(request: pytest.FixtureRequest, models_folder: Path) -> AsyncIterator[Backend]:
    async with opened(backend(request.param, models_folder)) as one:
        yield one
