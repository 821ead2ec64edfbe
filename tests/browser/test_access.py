"""For everybody: axe-core finds nothing wrong, in light and dark, on a phone and a desk."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from search_adapters.errors import TimedOut
from tests.api.stage import Engine, Gateway, passage
from tests.browser.conftest import DESKTOP, PHONE, Tab
from tests.browser.test_reading import RICH

Both = tuple[Gateway, Engine]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_is_in_the_way(
    quick: Both, tab: Tab, axe: str, pictures: Path, scheme: str, size: dict[str, int]
) -> None:
    gateway, engine = quick
    phone = size is PHONE
    person = await tab(
        gateway.url, viewport=size, color_scheme=scheme, has_touch=phone, bypass_csp=True
    )
    page = person.page
    wrong: dict[str, Any] = {}

    async def judge(state: str) -> None:
        moving = "document.getAnimations().some(one => one.effect.getTiming().iterations < 9)"
        await person.eventually(f"!{moving}")  # what fades in has its colours later
        wrong[state] = await person.axe(axe)

    await person.open()
    await judge("empty")
    engine.say(
        (
            "[SEARCH_START] turing[SEARCH_END]",
            "Alan Turing was born in 1912 [1]. He sold calculators in 1971 [1].",
        )
    )
    gateway.search.enqueue(
        [
            [passage(1, title="Alan Turing", text="Alan Turing was born in 1912.")],
            [],
            TimedOut("late"),
        ]
    )
    await person.ask("When was Alan Turing born?")
    await judge("answered")
    engine.say(("[SEARCH_START] Orson Kovats[SEARCH_END]", "I don't know who Orson Kovats is."))
    await person.ask("Who is Orson Kovats?")
    await judge("unknown")
    await page.screenshot(path=pictures / f"{'phone' if phone else 'desk'}-{scheme}.png")
    engine.say(("[SEARCH_START] weather[SEARCH_END]", "The search failed."))
    await person.ask("What is the weather?")
    engine.say(RICH)
    await person.ask("How does sorting work?")
    await expect(person.prose.locator(".katex").first).to_be_visible()
    await expect(person.prose.locator(".hljs-keyword").first).to_be_visible()
    await judge("prose")
    await person.answers.first.locator(".cite-number.doubtful").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".hover-card")).to_be_visible()
    await judge("citation")
    await page.keyboard.press("Escape")
    await page.locator(".turn").first.get_by_role("button", name="Inside").click()
    await expect(page.locator(".legs > li").first).to_be_visible()
    await judge("inside")
    await page.keyboard.press("Escape")
    await person.button("Options").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await judge("options")
    await page.keyboard.press("Escape")
    if phone:
        await person.button("Show conversations").click()
        await expect(page.get_by_label("Search conversations")).to_be_focused()
        await judge("sidebar")
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], "nothing is wider than the phone"
    assert {state: found for state, found in wrong.items() if found} == {}


async def test_a_theme_may_be_chosen(quick: Both, tab: Tab) -> None:
    gateway, _ = quick
    person = await tab(gateway.url, color_scheme="light")
    await person.open()
    paper = "getComputedStyle(document.body).backgroundColor"
    light = await person.page.evaluate(paper)
    await person.button("Options").click()
    await person.page.get_by_label("Appearance").select_option("dark")
    assert await person.page.evaluate(paper) != light
    await person.button("Save").click()
    await person.page.reload()
    assert await person.page.evaluate(paper) != light


async def test_a_wide_screen_and_a_narrow_one(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say("word " * 200)
    person = await tab(gateway.url)
    await person.open()
    await person.ask("?")
    for width in (320, 768, 1024, 1920, 2560):
        await person.page.set_viewport_size({"width": width, "height": 800})
        box = await person.prose.bounding_box()
        assert box is not None
        assert box["width"] <= 720, "lines stay as long as one can read"
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
