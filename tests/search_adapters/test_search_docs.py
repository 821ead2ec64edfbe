"""`docs/search.md` against the code."""

import re
from pathlib import Path

import pytest

from search_adapters import registry
from search_adapters.errors import SearchError

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "search.md").read_text()


@pytest.mark.parametrize("kind", SearchError.__subclasses__())
def test_every_error_is_in_the_table_with_its_consequence(kind: type[SearchError]) -> None:
    rest = {0: "not at all", 30: "30 s", 900: "15 min", 3600: "1 h", 86400: "24 h"}[int(kind.rest)]
    assert f"| `{kind.__name__}` | {kind.reason} | {rest} |" in PAGE


def test_every_adapter_and_every_variable_is_described() -> None:
    for name, target in registry.available().items():
        if target.startswith("search_adapters."):
            assert f"\n### {name}\n" in PAGE
    for module in (ROOT / "search_adapters").glob("*.py"):
        for variable in re.findall(r'"((?:ORSON|BING|GOOGLE|SERPER)_[A-Z_]+)"', module.read_text()):
            assert variable in PAGE, f"{variable} of {module.name}"


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
