"""Dialects by name: the built-in ones and strangers' come in by the same door."""

from pathlib import Path

import pytest

from app.dialect import registry
from app.dialect.markers import ORSON, Dialect

BUILT_IN = {
    "orson", "search-r1", "search-o1", "re-search", "qwen", "hermes", "llama3", "mistral",
    "mistral-v3", "mistral-nemo", "harmony",
}  # fmt: skip

PLUGIN = """
from app.dialect.markers import Dialect
DIALECT = Dialect("angled", "<find>", "</find>", "<found>", "</found>")
OTHER = Dialect("misnamed", "<find>", "</find>", "<found>", "</found>")
TEXT = "no dialect"
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orson_angled.py").write_text(PLUGIN)
    info = tmp_path / "orson_angled-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: orson-angled\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[orson.dialects]\nangled = orson_angled:DIALECT\nother = orson_angled:OTHER\n"
        "text = orson_angled:TEXT\ngone = orson_angled:GONE\nabsent = no_such_module:X\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))


def test_the_built_in_ones() -> None:
    assert set(registry.available()) >= BUILT_IN
    for name in BUILT_IN:
        assert registry.load(name).name == name
    assert registry.load("orson") is ORSON


@pytest.mark.usefixtures("installed")
def test_a_strangers() -> None:
    assert registry.available()["angled"] == "orson_angled:DIALECT"
    found = registry.load("angled")
    assert isinstance(found, Dialect)
    assert found.stops == ("</find>", "<found>")
    assert found in registry.every()


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("other", "no Dialect of that name"),
        ("text", "no Dialect of that name"),
        ("gone", "is broken: AttributeError"),
        ("absent", "is broken: ModuleNotFoundError"),
        ("klingon", r"no dialect is called 'klingon' \(there are: auto, tool-call, absent, angled"),
    ],
)
def test_what_can_t_be_loaded(name: str, problem: str) -> None:
    with pytest.raises(registry.UnknownDialect, match=problem):
        registry.load(name)
    assert name not in {dialect.name for dialect in registry.every()}


def test_settings_that_ask_the_model() -> None:
    assert registry.named("auto") is None
    assert registry.named("tool-call") is None
    assert registry.named("orson") is ORSON


@pytest.mark.parametrize("dialect", registry.every(), ids=lambda dialect: dialect.name)
def test_each_is_of_a_piece(dialect: Dialect) -> None:
    assert len({*dialect.markers} - {""}) >= 3
    assert dialect.call
    assert dialect.call.endswith(dialect.seed)
    assert all(stop in dialect.literals for stop in dialect.stops)
    if dialect.lesson is not None and "{today}" in dialect.lesson.text:
        # In front of it all is the same each day, for an engine's prefix cache.
        assert dialect.lesson.text.endswith("\nToday is {today}.")
