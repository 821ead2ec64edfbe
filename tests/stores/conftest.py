"""Every Redis that Orson may meet: its own, the system's, a cluster's node, one in memory."""

import os
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from redis import Redis

from app.stores.connection import MEMORY
from tests.stores.books import Books
from tests.stores.redis_server import PATIENCE, RedisServer


@pytest.fixture(scope="session")
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The redis-server that comes along; in CI's Redis suite, the system's."""
    if given := os.environ.get("ORSON_TEST_REDIS_URL"):
        yield given
        return
    server = RedisServer(tmp_path_factory.mktemp("redis")).start()
    yield server.url
    server.kill()


@pytest.fixture(scope="session")
def cluster_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A cluster of one node: it refuses whatever touches keys of two slots at once."""
    folder = tmp_path_factory.mktemp("cluster")
    server = RedisServer(folder, "--cluster-enabled", "yes").start()
    with Redis.from_url(server.url) as client:
        client.execute_command("CLUSTER ADDSLOTS", *range(16384))
        end = time.monotonic() + PATIENCE
        while client.cluster("info")["cluster_state"] != "ok":
            assert time.monotonic() < end
            time.sleep(0.01)
    yield server.url
    server.kill()


@pytest.fixture(scope="session", params=["server", "cluster", "memory"])
def redis_url(request: pytest.FixtureRequest) -> str:
    """Each of them in turn."""
    match request.param:
        case "server":
            return str(request.getfixturevalue("own_redis"))
        case "cluster":
            return str(request.getfixturevalue("cluster_node"))
        case _:
            return MEMORY


@pytest.fixture
async def books(redis_url: str) -> AsyncIterator[Books]:
    books = Books(redis_url)
    yield books
    await books.aclose()
