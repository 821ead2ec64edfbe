"""Conversations: listed, searched, renamed, deleted, exported; with a key, asked for once."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.api.stage import Engine, Gateway, Stage, passage
from tests.browser.conftest import Tab
from tests.browser.person import Person

Both = tuple[Gateway, Engine]


async def menu(person: Person, title: str, name: str) -> None:
    """Choose from the menu of a conversation in the list."""
    await person.page.locator(".entries li", has_text=title).hover()
    await person.button(f"Menu of “{title}”").click()
    await person.page.get_by_role("menuitem", name=name).click()


async def test_listed_searched_renamed_deleted(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say("Zeppelins fly.")
    person = await tab(gateway.url)
    await person.open()
    await person.ask("About airships, please")
    await person.button("New conversation").first.click()
    await expect(person.answers).to_have_count(0)
    engine.say("Boats float.")
    await person.ask("About boats, please")
    entries = person.page.locator(".entries li")
    await expect(entries.filter(has_text="About airships, please")).to_be_visible()
    # The search reads what was said as well.
    await person.page.get_by_label("Search conversations").fill("zeppelins")
    await expect(entries).to_have_count(1)
    await expect(entries).to_contain_text("About airships, please")
    await entries.get_by_role("link").click()
    await expect(person.prose).to_have_text("Zeppelins fly.")
    await person.page.get_by_label("Search conversations").fill("nobody said this")
    await expect(person.page.get_by_text("No conversation says that.")).to_be_visible()
    await person.page.get_by_label("Search conversations").fill("")
    await menu(person, "About airships, please", "Rename")
    await person.page.get_by_label("New title").fill("Airships")
    await person.button("Save").click()
    await expect(entries.filter(has_text="Airships")).to_be_visible()
    await expect(person.page).to_have_title("Airships · Orson")
    await person.page.reload()
    await expect(entries.filter(has_text="Airships")).to_be_visible()
    await menu(person, "Airships", "Delete")
    dialog = person.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Delete “Airships”?")
    await dialog.get_by_role("button", name="Delete").click()
    await expect(entries.filter(has_text="Airships")).to_have_count(0)
    await expect(person.answers).to_have_count(0)
    assert person.page.url == f"{gateway.url}/"
    assert gateway.get("/v1/conversations", params={"query": "zeppelins"}).json()["data"] == []


async def test_export(quick: Both, tab: Tab, tmp_path: Path) -> None:
    gateway, engine = quick
    engine.say(("[SEARCH_START] leeds[SEARCH_END]", "A city [1]."))
    gateway.search.enqueue([[passage(1, title="Leeds", url="https://example.org/leeds")]])
    person = await tab(gateway.url)
    await person.open()
    await person.ask("What is Leeds/Harrogate?")
    async with person.page.expect_download() as loading:
        await menu(person, "What is Leeds/Harrogate?", "Export as Markdown")
    saved = await loading.value
    assert saved.suggested_filename == "What-is-LeedsHarrogate.md"
    await saved.save_as(tmp_path / "saved.md")
    text = (tmp_path / "saved.md").read_text("utf-8")
    assert text.startswith("# What is Leeds/Harrogate?\n\n> What is Leeds/Harrogate?\n")
    assert "*Searched: leeds (mock)*" in text
    assert "A city [1]." in text
    assert "[1] Leeds (2026-01-31) <https://example.org/leeds>" in text
    async with person.page.expect_download() as loading:
        await menu(person, "What is Leeds/Harrogate?", "Export as JSON")
    saved = await loading.value
    await saved.save_as(tmp_path / "saved.json")
    whole = json.loads((tmp_path / "saved.json").read_text("utf-8"))
    kinds = [item["type"] for item in whole["items"]]
    assert kinds == ["message", "web_search_call", "message"]
    assert whole["conversation"]["metadata"]["title"] == "What is Leeds/Harrogate?"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    stage = Stage(tmp_path_factory.mktemp("locked"))
    engine = stage.engine()
    yield stage.gateway(engine.url, api_keys=("sk-right",)), engine
    stage.close()


async def test_the_key_is_asked_for_once(locked: Both, tab: Tab) -> None:
    gateway, engine = locked
    engine.say("Welcome.")
    person = await tab(gateway.url)
    person.expected = ("401",)
    await person.page.goto(gateway.url)
    dialog = person.page.get_by_role("dialog", name="This gateway asks for a key")
    await expect(dialog).to_have_count(1)
    await dialog.get_by_label("API key").fill("sk-wrong")
    await dialog.get_by_role("button", name="Use this key").click()
    await expect(person.page.get_by_text("That key is not known here.")).to_be_visible()
    await dialog.get_by_label("API key").fill("sk-right")
    await dialog.get_by_role("button", name="Use this key").click()
    await expect(dialog).to_have_count(0)
    assert await person.ask("Hello?") == "Welcome."
    await person.page.reload()
    await expect(person.prose).to_have_text("Welcome.")
    await expect(dialog).to_have_count(0)
    await person.button("Options").click()
    await person.button("Forget the API key").click()
    await person.button("Cancel").click()
    await person.page.reload()
    await expect(dialog).to_be_visible()


async def test_a_gateway_that_is_away(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say("Back again.")
    person = await tab(gateway.url)
    person.expected = ("net::ERR_", "Failed to load resource")
    await person.open()
    await person.page.context.set_offline(True)
    await person.type("Are you there?")
    await expect(person.page.get_by_role("alert")).to_contain_text("can’t be reached")
    await expect(person.field).to_have_value("Are you there?")
    await person.page.context.set_offline(False)
    await person.field.press("Enter")
    await expect(person.prose).to_have_text("Back again.")
    await person.end()


async def test_a_conversation_that_is_gone(quick: Both, tab: Tab) -> None:
    gateway, _ = quick
    person = await tab(gateway.url)
    person.expected = ("404",)
    await person.page.goto(f"{gateway.url}/c/conv_{'0' * 48}")
    await expect(person.page.get_by_role("alert")).to_contain_text("not here any more")
    await expect(person.page).to_have_url(f"{gateway.url}/")
