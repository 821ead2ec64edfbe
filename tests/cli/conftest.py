from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.running import Running


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start `orson` with these arguments and variables, in an empty folder."""
    started: list[Running] = []

    def one(*args: str, **variables: str) -> Running:
        started.append(Running(*args, folder=tmp_path, **variables))
        return started[-1]

    yield one
    for running in started:
        running.kill()


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`orson serve` as a new user starts it: bundled model, embedded Redis, local search."""
    folder = tmp_path_factory.mktemp("bundled")
    running = Running("serve", "--port", "0", folder=folder)
    yield running
    running.kill()
