from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.stores.embedded_redis import EmbeddedRedis
from tests.api.stage import Engine, Gateway, LoopThread, Stage


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis for gateways that are not about Redis."""
    thread = LoopThread()
    redis = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    thread.call(redis.start())
    yield redis.url
    thread.call(redis.stop())
    thread.close()


@pytest.fixture
def stage(tmp_path: Any) -> Iterator[Stage]:
    """For engines and gateways of one test's own."""
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def own(stage: Stage, redis_url: str) -> Callable[..., tuple[Engine, Gateway]]:
    """An engine and a gateway of the test's own: `own(say=..., engine={...}, **settings)`."""

    def open_both(
        *say: Any, engine: dict[str, Any] | None = None, search: Any = None, **settings: Any
    ) -> tuple[Engine, Gateway]:
        scripted = stage.engine(**(engine or {}))
        scripted.say(*say)
        return scripted, stage.gateway(scripted.url, search, **{"redis_url": redis_url, **settings})

    return open_both
