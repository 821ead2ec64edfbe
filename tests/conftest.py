"""What tests of several folders stand on."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from tests.api.stage import Engine, Gateway, Stage

# How long an example takes says more of a busy machine than of the code. The examples are the same
# in every run, which so tells of the change it was made for; `make test-properties` draws new ones.
hypothesis.settings.register_profile("orson", deadline=None, derandomize=True)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=3_000)
hypothesis.settings.load_profile("orson")


@pytest.fixture(scope="session", autouse=True)
def _own_settings() -> Iterator[None]:
    """Settings of whoever runs the tests don't reach what they start."""
    from app.settings import Settings

    names = [f"ORSON_{field.upper()}" for field in Settings.model_fields]
    with pytest.MonkeyPatch.context() as patch:
        for name in (*names, "ORSON_URL", "ORSON_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
            if name in os.environ:
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def main_stage(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Stage]":
    from tests.api.stage import Stage

    stage = Stage(tmp_path_factory.mktemp("data"))
    yield stage
    stage.close()


@pytest.fixture(scope="session")
def main_engine(main_stage: "Stage") -> "Engine":
    return main_stage.engine()


@pytest.fixture(scope="session")
def main_gateway(main_stage: "Stage", main_engine: "Engine") -> "Gateway":
    return main_stage.gateway(main_engine.url, search_policy="auto")


@pytest.fixture
def engine(main_engine: "Engine") -> "Engine":
    """The engine that most tests share, with nothing to say and nothing asked of it yet."""
    main_engine.say()
    return main_engine


@pytest.fixture
def gateway(main_gateway: "Gateway", engine: "Engine") -> "Gateway":
    """The gateway that most tests share, on default settings, with the mock search."""
    main_gateway.search.history.clear()
    return main_gateway
