"""The example of a third-party adapter: found and loaded the way an installed one is."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from search_adapters import registry
from search_adapters.errors import MissingSetting

EXAMPLE = Path(__file__).parents[2] / "examples" / "search-adapter"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an installer would leave of the example's `pyproject.toml`."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    info = tmp_path / "orson_search_hackernews-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1.0\n"
    )
    lines = [
        line
        for group, points in project["entry-points"].items()
        for line in (f"[{group}]", *(f"{name} = {target}" for name, target in points.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(EXAMPLE))


@pytest.mark.usefixtures("installed")
def test_the_example_comes_in_by_the_same_door() -> None:
    assert registry.available()["hackernews"] == "orson_search_hackernews:HackerNewsAdapter"
    (adapter,) = registry.load(["hackernews"], {})
    assert adapter.name == "hackernews"
    with pytest.raises(MissingSetting):
        registry.load(["hackernews"], {"HACKERNEWS_MIN_POINTS": "few"})


def test_the_examples_own_tests_pass() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-c",
            "pyproject.toml",
            "-p",
            "no:cacheprovider",
            "tests",
        ],
        cwd=EXAMPLE,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(EXAMPLE), str(EXAMPLE.parents[1])]),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # half of the time it takes
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
