"""`docs/search.md` against the code."""

import re
from pathlib import Path

import pytest

from search_adapters import registry
from search_adapters.catalogue import catalogue
from search_adapters.errors import SearchError
from search_adapters.json_mapping import DEFAULTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "search.md").read_text()
PREFIXES = (
    "ORSON|BING|GOOGLE|SERPER|SERPAPI|SEARXNG|BRAVE|TAVILY|YDC|YOU|EXA|PERPLEXITY|WIKIPEDIA|HTTP"
    "|MCP|DDGS"
)


@pytest.mark.parametrize("kind", SearchError.__subclasses__())
def test_every_error_is_in_the_table_with_its_consequence(kind: type[SearchError]) -> None:
    rest = {0: "not at all", 30: "30 s", 900: "15 min", 3600: "1 h", 86400: "24 h"}[int(kind.rest)]
    assert f"| `{kind.__name__}` | {kind.reason} | {rest} |" in PAGE


def test_every_adapter_and_every_variable_is_described() -> None:
    for name, target in registry.available().items():
        if target.startswith("search_adapters."):
            assert f"\n### {name}\n" in PAGE
    for module in (ROOT / "search_adapters").rglob("*.py"):
        for variable in re.findall(rf'"((?:{PREFIXES})_[A-Z_]+)"', module.read_text()):
            if variable not in ("HTTP_SEARCH", "MCP_SEARCH"):  # beginnings of several
                assert f"`{variable}`" in PAGE, f"{variable} of {module.name}"
    for prefix in ("HTTP_SEARCH", "MCP_SEARCH"):
        for name in DEFAULTS:
            assert f"`{prefix}_{name.upper()}`" in PAGE


def test_prices_and_terms_in_the_table_are_those_of_the_code() -> None:
    rows = {}
    name = ""
    for line in PAGE.splitlines():
        cells = [cell.strip(" `") for cell in line.strip("|").split("|")]
        if len(cells) == 7 and cells[4] in ("yes", "no", "as you say"):
            name = cells[0] or name
            rows[name, cells[1]] = cells
    entries = [entry for entry in catalogue({}) if entry.target.startswith("search_adapters.")]
    assert {(entry.name, entry.variant) for entry in entries} == set(rows)
    for entry in entries:
        *_, needs, passages, price, kept = rows[entry.name, entry.variant]
        traits = entry.traits
        assert price == ("unknown" if traits.usd_per_1000 is None else f"{traits.usd_per_1000:.0f}")
        assert kept == ("as long as you like" if traits.cache_seconds is None else "no")
        assert traits.cache_seconds in (None, 0)
        assert passages in ("as you say", "yes" if traits.returns_passages else "no")
        for needed in traits.needs:
            for word in needed.split(" or "):
                assert word in needs


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
