"""The example of a dialect of one's own: installed as packages are, spoken in the whole loop."""

import tomllib
from pathlib import Path

import pytest

from app.dialect import registry
from tests.fakes.engine import ScriptedEngine
from tests.fakes.scene import Scene, ask
from tests.fakes.search import FakeSearch, Find, passage

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "dialect"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an installer would leave of the example's `pyproject.toml`."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    info = tmp_path / "orson_dialect_angled-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1.0\n"
    )
    points = project["entry-points"]["orson.dialects"].items()
    lines = ["[orson.dialects]", *(f"{name} = {target}" for name, target in points)]
    (info / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(EXAMPLE))


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("single", [True, False])
async def test_a_model_that_speaks_it(single: bool) -> None:
    dialect = registry.load("angled")
    fake = ScriptedEngine(
        "I look. <find> Harwick Prize </find>", "Ana [1].", dialect=dialect, single=single
    )
    outcome = await Scene(fake, FakeSearch(Find((passage(),))), dialect=dialect).play(ask())
    assert outcome.queries == [("Harwick Prize",)]
    assert outcome.injected[0].startswith("\n<found>\n[1] Harwick Prize")
    assert outcome.injected[0].endswith("\n</found>\n")
    assert outcome.text == "I look. Ana [1]."


def test_every_dialect_is_in_the_specification() -> None:
    told = (ROOT / "docs" / "dialect.md").read_text()
    for name in registry.available():
        assert f"| `{name}` |" in told, name
