"""What the composition root makes of settings, without a process around it."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import ValidationError

from app.http.gateway import Gateway
from app.main import StartError, create_app
from app.settings import Settings
from search_adapters.mock import MockAdapter


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
