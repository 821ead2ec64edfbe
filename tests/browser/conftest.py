"""A Chromium for all tests here, and gateways for it to look at."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.api.stage import Engine, Gateway, Stage
from tests.cli.running import Running

CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
FOLDER = Path(__file__).parent

Tab = Callable[..., Awaitable[Any]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them need a browser, and share the loop that it is spoken to on."""
    why = missing()
    for item in items:
        if FOLDER not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.timeout(900))  # a browser on a busy machine takes its time
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        if why:
            item.add_marker(pytest.mark.skip(reason=why))


def missing() -> str | None:
    """Why there is no browser."""
    if not os.environ.get("ORSON_TEST_BROWSER"):
        return "the browser suite has a verb of its own: make test-browser"
    if CHROMIUM is None:
        return "there is no Chromium: 'apt install chromium', or CHROMIUM=/path/to/it"
    try:
        import playwright.async_api  # noqa: F401
    except ImportError:
        return "playwright is not installed"
    return None


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Any]:
    """The browser itself; each test gets a fresh profile in it."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def tab(chromium: Any) -> AsyncIterator[Tab]:
    """Open a tab: `await tab(gateway.url)`. Those of one test share a profile, as people's do."""
    from tests.browser.person import Person, opened

    contexts: dict[str, Any] = {}
    people: list[Person] = []

    async def one(url: str, profile: str = "", **options: Any) -> Person:
        if profile not in contexts:
            given = {"viewport": DESKTOP, "accept_downloads": True, "locale": "en-GB", **options}
            contexts[profile] = await chromium.new_context(**given)
            contexts[profile].set_default_timeout(120_000)
        people.append(await opened(contexts[profile], url))
        return people[-1]

    yield one
    for context in contexts.values():
        await context.close()
    for person in people:
        person.check()


PATIENT = {"search_timeout": 60.0, "search_deadline": 90.0}
"""For searches that take their time to be seen."""


def staged(folder: Path, rate: float | None, **settings: Any) -> Iterator[tuple[Gateway, Engine]]:
    stage = Stage(folder)  # A stage each: two gateways don't share a folder.
    engine = stage.engine(rate=rate)
    yield stage.gateway(engine.url, **settings), engine
    stage.close()


@pytest.fixture(scope="session")
def quick_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Engine]]:
    yield from staged(tmp_path_factory.mktemp("quick"), None)


@pytest.fixture(scope="session")
def slow_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Engine]]:
    """Forty words a second: time enough to do something meanwhile."""
    yield from staged(tmp_path_factory.mktemp("slow"), 40, **PATIENT)


@pytest.fixture
def letter_by_letter(tmp_path: Path) -> Iterator[tuple[Gateway, Engine]]:
    """So slow that a busy machine still draws what comes word by word, and a search may last."""
    yield from staged(tmp_path, 6, **PATIENT)


@pytest.fixture
def quick(quick_pair: tuple[Gateway, Engine]) -> tuple[Gateway, Engine]:
    """A gateway that follows a script as fast as it can: `engine.say(...)`."""
    quick_pair[1].say()
    quick_pair[0].search.history.clear()
    return quick_pair


@pytest.fixture
def slow(slow_pair: tuple[Gateway, Engine]) -> tuple[Gateway, Engine]:
    """The same at a pace that a reader can act in."""
    slow_pair[1].say()
    return slow_pair


@pytest.fixture(scope="session")
def new_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`make serve` and nothing else: bundled model, embedded Redis, local search."""
    running = Running("serve", "--port", "0", folder=tmp_path_factory.mktemp("new-user"))
    yield running
    running.kill()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots go: ORSON_SCREENSHOTS, or a folder of the build."""
    folder = Path(os.environ.get("ORSON_SCREENSHOTS", "build/screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's script."""
    return (FOLDER / "axe.min.js").read_text("utf-8")
