"""The free search over `ddgs`: what it is asked, and what its errors mean."""

import inspect
from typing import Any

import pytest

from search_adapters import errors
from search_adapters.errors import MissingSetting, SearchError
from search_adapters.protocol import Query
from search_adapters.providers.ddgs_search import DdgsAdapter

FOUND = [{"title": "Varn", "href": "https://example.com/varn", "body": "Varn is a town."}]


class RatelimitException(Exception):
    """Named as the package names it."""


class TimeoutException(Exception):
    pass


class DDGSException(Exception):
    pass


async def asked(query: Query, **settings: str) -> tuple[str, dict[str, Any]]:
    calls: list[tuple[str, dict[str, Any]]] = []

    def text(query: str, **options: Any) -> list[dict[str, Any]]:
        calls.append((query, options))
        return FOUND

    await DdgsAdapter(settings, text=text).search(query)
    return calls[0]


async def test_a_query_in_its_notation() -> None:
    assert await asked(Query("varn")) == ("varn", {"max_results": 5, "backend": "auto"})
    full = Query("varn", country="GB", language="EN", freshness="week", limit=50)
    assert await asked(full, DDGS_BACKEND="brave, mojeek") == (
        "varn",
        {"max_results": 20, "backend": "brave, mojeek", "region": "uk-en", "timelimit": "w"},
    )


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (RatelimitException("202"), errors.RateLimited),
        (TimeoutException("slow"), errors.TimedOut),
        (DDGSException("No results found."), errors.Unavailable),
        (OSError("network"), errors.Unavailable),
    ],
)
async def test_what_its_errors_mean(raised: Exception, kind: type[SearchError]) -> None:
    def text(query: str, **options: Any) -> list[dict[str, Any]]:
        raise raised

    with pytest.raises(SearchError) as caught:
        await DdgsAdapter({}, text=text).search(Query("varn"))
    assert type(caught.value) is kind


async def test_other_replies() -> None:
    with pytest.raises(errors.BadReply):
        await DdgsAdapter({}, text=lambda query, **options: [{"url": "x"}]).search(Query("varn"))
    odd: Any = lambda query, **options: "blocked"  # noqa: E731
    with pytest.raises(errors.BadReply):
        await DdgsAdapter({}, text=odd).search(Query("varn"))


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(MissingSetting, match=r"orson\[ddgs\]"):
        DdgsAdapter({})


def test_the_package_takes_these_options() -> None:
    """Against the real one, where it is installed."""
    package = pytest.importorskip("ddgs.ddgs", reason="orson[ddgs]")
    assert callable(DdgsAdapter({})._text)
    search = inspect.getsource(package.DDGS)
    for option in ("region", "timelimit", "max_results", "backend"):
        assert option in search
    for name in ("RatelimitException", "TimeoutException", "DDGSException"):
        assert hasattr(pytest.importorskip("ddgs.exceptions"), name)
