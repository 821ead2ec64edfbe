"""A gateway for clients that run in processes of their own: what it says follows the question.

`ORSON_CLIENTS=required` (as `make test-clients` sets) makes a client that isn't there a failure;
else its tests are skipped.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.stores.embedded_redis import EmbeddedRedis
from model_server.scripted import Answer
from tests.api.stage import Engine, Gateway, Stage

HERE = Path(__file__).parent
LOOKED_UP = ("Let me look. [SEARCH_START] Orson Kovats[SEARCH_END]", "He wrote “Ähren” [1]. Yes.")
SCRIPT = (
    Answer(LOOKED_UP, when="Orson Kovats"),
    Answer(("[SEARCH_START]his birthday[SEARCH_END]", "In 1911 [1]."), when="When"),
    Answer(("Paris is the capital.",), when="capital"),
    Answer((" word" * 3000,), when="slowly"),
    Answer(("It breaks",), when="breaks", fault="die"),
)
"""What is said, by a word of the question. The slow answer takes half a minute."""
RATE = 100.0
"""Tokens per second of each answer."""


@pytest.fixture(scope="session")
def clients_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("clients"))
    yield stage
    stage.close()


@pytest.fixture(scope="session")
def clients_redis(clients_stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    redis = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    clients_stage.thread.call(redis.start())
    yield redis.url
    clients_stage.thread.call(redis.stop())


@pytest.fixture(scope="session")
def clients_engine(clients_stage: Stage) -> Engine:
    engine = clients_stage.engine(rate=RATE)
    engine.say(*SCRIPT)
    return engine


@pytest.fixture(scope="session")
def gateways(clients_stage: Stage, clients_engine: Engine, clients_redis: str) -> list[Gateway]:
    """Two gateways with one Redis, the second behind a key. Their searches find the same always."""
    common = {"redis_url": clients_redis, "engine_restart_patience": 0.0, "max_tokens": 2500}
    return [
        clients_stage.gateway(clients_engine.url, **common),
        clients_stage.gateway(clients_engine.url, api_keys=("k-1",), **common),
    ]


@pytest.fixture(scope="session")
def served(gateways: list[Gateway]) -> Gateway:
    return gateways[0]


@pytest.fixture(scope="session")
def locked(gateways: list[Gateway]) -> Gateway:
    return gateways[1]


@pytest.fixture(scope="session")
def program() -> Callable[..., str]:
    """Finds a client's program, or skips the test."""

    def find(name: str, *places: Path, made_by: str = "make test-clients") -> str:
        path = os.pathsep.join(map(str, places)) if places else None
        if found := shutil.which(name, path=path):
            return found
        reason = f"{name} is not here ({made_by} installs what it can)"
        if os.environ.get("ORSON_CLIENTS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)

    return find


@pytest.fixture(scope="session", autouse=True)
def _no_proxies() -> Iterator[None]:
    """A proxy of whoever runs the tests is not asked for the loopback."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "127.0.0.1")
        yield
