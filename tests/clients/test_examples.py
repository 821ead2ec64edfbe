"""The examples of `examples/` that are programs, run as their first lines say."""

import os
import subprocess
import sys

import pytest

from tests.api.stage import Gateway
from tests.clients.conftest import HERE

EXAMPLES = HERE.parents[1] / "examples"


@pytest.mark.parametrize("name", ["openai_client.py", "anthropic_client.py"])
def test_an_example_asks_and_shows_what_was_searched(served: Gateway, name: str) -> None:
    served.search.history.clear()
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), "Who is Orson Kovats?"],
        env={**os.environ, "ORSON_URL": served.url},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "> Who is Orson Kovats?" in done.stdout
    assert "[searching: Orson Kovats]" in done.stdout
    assert "He wrote “Ähren” [1]" in done.stdout
    assert "source: " in done.stdout
    assert "1 searches" in done.stdout
    assert [query.text for query in served.search.history] == ["Orson Kovats"]
