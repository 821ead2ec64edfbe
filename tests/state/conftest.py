"""Gateways, less their routes, on one Redis."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from app.stores import connection
from tests.api.conftest import stage as stage
from tests.cli.conftest import start as start
from tests.state.house import House
from tests.stores.conftest import own_redis as own_redis
from tests.stores.redis_server import RedisServer

Opens = Callable[..., "House"]


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A redis-server of the test's own, that writes down what it is told at once."""
    server = RedisServer(tmp_path, "--appendonly", "yes", "--appendfsync", "always").start()
    yield server
    server.kill()


@pytest.fixture
async def opened() -> AsyncIterator[Callable[[str], House]]:
    """Opens gateways, and closes them all at the end. What is in memory is each test's own."""
    connection._memory.clear()
    async with AsyncExitStack() as stack:

        def one(url: str, **options: float) -> House:
            house = House(url, **options)
            stack.push_async_callback(house.close)
            return house

        yield one
