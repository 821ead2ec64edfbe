from pathlib import Path

import pytest

from search_adapters import registry
from search_adapters.errors import MissingSetting
from search_adapters.mock import MockAdapter

BROKEN = """
raise RuntimeError("this plug-in is broken")
"""
STRANGERS = """
from search_adapters.protocol import Traits

class Stranger:
    name = "stranger"
    traits = Traits(max_query_chars=10)
    def __init__(self, environment):
        self.environment = environment
    async def search(self, query):
        return ()
    async def aclose(self):
        pass

class Incomplete:
    name = "incomplete"
    def __init__(self, environment): pass

def exploding(environment):
    return {}["a key of its own"]

def misnamed(environment):
    return Stranger(environment)
"""


@pytest.fixture
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two installed distributions that aren't ours, the way an installer leaves them behind."""
    (tmp_path / "orson_broken_test.py").write_text(BROKEN)
    (tmp_path / "orson_strangers_test.py").write_text(STRANGERS)
    points = {
        "strangers": "stranger = orson_strangers_test:Stranger\n"
        "incomplete = orson_strangers_test:Incomplete\n"
        "exploding = orson_strangers_test:exploding\n"
        "misnamed = orson_strangers_test:misnamed\n"
        "broken = orson_broken_test:Nothing\n",
        "rival": "stranger = orson_broken_test:Other\nmock = orson_broken_test:Mock\n",
    }
    for name, lines in points.items():
        info = tmp_path / f"orson_{name}_test-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: orson-{name}-test\nVersion: 1.0\n"
        )
        (info / "entry_points.txt").write_text(f"[orson.search_adapters]\n{lines}")
    monkeypatch.syspath_prepend(str(tmp_path))


def test_the_built_in_adapters_are_installed_like_any_other() -> None:
    offered = registry.available()
    assert offered["mock"] == "search_adapters.mock:MockAdapter"
    assert {"bing", "google", "local", "mock"} <= set(offered)


def test_loading_keeps_the_order_and_loads_each_once() -> None:
    mock, local = registry.load(["mock", "local", "mock"], {})
    assert isinstance(mock, MockAdapter)
    assert local.name == "local"


def test_an_unknown_name_is_answered_with_what_there_is() -> None:
    with pytest.raises(registry.UnknownAdapter, match=r"'bong' \(installed: .*bing.*google.*local"):
        registry.load(["bong"], {})


def test_a_missing_key_is_named() -> None:
    with pytest.raises(MissingSetting, match="'bing' needs BING_API_KEY"):
        registry.load(["mock", "bing"], {})


@pytest.mark.usefixtures("strangers")
class TestStrangers:
    def test_broken_plug_ins_that_nobody_named_do_no_harm(self) -> None:
        assert "broken" in registry.available()
        (local,) = registry.load(["local"], {})
        assert local.name == "local"

    def test_a_broken_one_that_is_named_is_blamed(self) -> None:
        with pytest.raises(registry.BrokenAdapter, match=r"'broken'.*this plug-in is broken"):
            registry.load(["broken"], {})
        with pytest.raises(registry.BrokenAdapter, match=r"'incomplete'.*lacks"):
            registry.load(["incomplete"], {})
        with pytest.raises(registry.BrokenAdapter, match=r"'exploding'.*KeyError"):
            registry.load(["exploding"], {})
        with pytest.raises(registry.BrokenAdapter, match="calls itself 'stranger'"):
            registry.load(["misnamed"], {})

    def test_two_that_claim_one_name_are_both_refused(self) -> None:
        with pytest.raises(registry.AmbiguousAdapter, match="orson_strangers_test:Stranger"):
            registry.load(["stranger"], {})


def test_a_stranger_gets_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orson_lone_test.py").write_text(STRANGERS)
    info = tmp_path / "orson_lone_test-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: orson-lone-test\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[orson.search_adapters]\nstranger = orson_lone_test:Stranger\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    (adapter,) = registry.load(["stranger"], {"STRANGER_KEY": "x"})
    assert adapter.environment == {"STRANGER_KEY": "x"}  # type: ignore[attr-defined]
