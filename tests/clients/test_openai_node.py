"""OpenAI's client for Node runs its scenarios (`openai.test.mjs`)."""

import os
import subprocess
from collections.abc import Callable

import pytest

from tests.api.stage import Gateway
from tests.clients.conftest import HERE

OLDEST = 20


def test_the_node_client(program: Callable[..., str], served: Gateway, locked: Gateway) -> None:
    node = program("node", made_by="your system's package manager")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST:
        pytest.skip(f"node {version.strip()} is older than {OLDEST}, which OpenAI's client needs")
    if not (HERE / "node_modules" / "openai").is_dir():
        if os.environ.get("ORSON_CLIENTS") == "required":
            pytest.fail("npm has not installed tests/clients/package.json")
        pytest.skip("make test-clients installs OpenAI's client for Node")
    run = subprocess.run(
        [node, "--test", "--test-reporter=spec", "openai.test.mjs"],
        cwd=HERE,
        env={**os.environ, "ORSON_URL": served.url, "ORSON_LOCKED_URL": locked.url},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
