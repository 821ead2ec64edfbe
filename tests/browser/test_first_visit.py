"""A new user: `make serve` and nothing else, three questions, and what the page makes plain."""

from pathlib import Path

from playwright.async_api import expect

from tests.browser.conftest import Tab
from tests.cli.running import Running


async def test_three_questions(new_user: Running, tab: Tab, pictures: Path) -> None:
    person = await tab(new_user.address)
    await person.open()
    assert await person.page.title() == "Orson"
    await expect(
        person.page.get_by_role("heading", name="What would you like to know?")
    ).to_be_visible()
    await person.page.screenshot(path=pictures / "empty.png")

    # From memory, and the page says so.
    await person.button("What is the capital of France?").click()
    await expect(person.answers).to_have_count(1)
    assert "Paris" in await person.end()
    await expect(person.answer.get_by_text("From memory: nothing was looked up")).to_be_visible()
    await expect(person.answer.locator(".search")).to_have_count(0)

    # Looked up: with what words, where, what was found, and what of it is cited.
    text = await person.ask("When was Alan Turing born?")
    assert "1912" in text
    search = person.answer.locator(".search")
    await expect(search.get_by_role("button").first).to_contain_text("Looked up")
    await expect(search.locator(".search-head")).to_contain_text("1 result · from local")
    await expect(search.locator(".card")).to_contain_text("Alan Turing")
    await expect(person.answer.locator(".sources li")).to_contain_text("Alan Turing")
    await person.answer.locator(".cite-number").first.hover()
    card = person.page.get_by_role("dialog", name="Source 1: Alan Turing")
    await expect(card.locator("mark", has_text="1912")).to_be_visible()
    await person.page.screenshot(path=pictures / "answered.png")
    await person.page.keyboard.press("Escape")
    await expect(card).to_be_hidden()

    # What nobody knows is an honest answer and no error.
    text = await person.ask("Who is Orson Kovats?")
    assert "don't know" in text
    await expect(person.answer.locator(".search-head")).to_contain_text("nothing found · in local")
    honest = person.answer.locator(".honest")
    await expect(honest).to_contain_text("Nobody knows, as far as Orson could see.")
    query = await person.answer.locator(".search .query").inner_text()
    assert "Orson Kovats" in query
    await expect(honest).to_contain_text(f"“{query}”")
    await expect(person.answer.locator(".broken")).to_have_count(0)
    await person.page.screenshot(path=pictures / "unknown.png")

    # The conversation is kept under its first question, and still there tomorrow.
    await expect(person.page.locator(".entries a[aria-current=page]")).to_have_text(
        "What is the capital of France?"
    )
    await person.page.reload()
    await expect(person.answers).to_have_count(3)
    await expect(person.page.locator(".honest")).to_be_visible()
    await expect(person.page.locator(".sources li")).to_have_count(1)


async def test_the_inside_of_an_answer(new_user: Running, tab: Tab, pictures: Path) -> None:
    person = await tab(new_user.address)
    await person.open()
    await person.ask("When was Alan Turing born?")
    await person.answer.locator("xpath=..").get_by_role("button", name="Inside").click()
    panel = person.page.get_by_role("complementary", name="Inside this answer")
    await expect(panel).to_contain_text("First token after")
    await expect(panel.locator(".legs > li")).to_have_count(2)
    await expect(panel.locator(".legs > li").first).to_contain_text("injected")
    await expect(panel.locator(".legs > li").last).to_contain_text("resumed in")
    await expect(panel.locator(".legs > li").last).to_contain_text("from cache")
    await person.page.screenshot(path=pictures / "inside.png")
    # It is there for an answer from before as well.
    await person.page.reload()
    await expect(person.answers).to_have_count(1)
    await person.page.keyboard.press("Alt+i")
    await expect(panel.locator(".legs > li")).to_have_count(2)
    await person.page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()


async def test_what_the_model_was_unsure_of(new_user: Running, tab: Tab, pictures: Path) -> None:
    person = await tab(new_user.address)
    await person.open()
    await person.ask("When was Alan Turing born?")
    await person.page.keyboard.press("Alt+i")
    await person.page.get_by_label("Underline what the model was unsure of").check()
    await expect(person.page.get_by_text("From the next answer on")).to_be_visible()
    for senseless in ("When did the dog of the king die?", "Are you sad?"):
        await person.ask(senseless)
    await person.page.keyboard.press("Alt+i")
    await person.page.keyboard.press("Alt+i")
    marked = "[...CSS.highlights.values()].reduce((sum, one) => sum + one.size, 0)"
    await person.eventually(f"{marked} > 0")
    await person.page.screenshot(path=pictures / "unsure.png")
    await person.page.get_by_label("Underline what the model was unsure of").uncheck()
    await person.eventually(f"{marked} === 0")


async def test_with_the_keyboard_alone(new_user: Running, tab: Tab) -> None:
    person = await tab(new_user.address)
    await person.open()
    keys = person.page.keyboard
    await expect(person.field).to_be_focused()
    await keys.type("When was Alan Turing born?")
    await keys.press("Enter")
    await expect(person.answers).to_have_count(1)
    await person.end()
    cite = person.answer.locator(".cite-number").first
    for _ in range(60):
        if await cite.evaluate("element => element === document.activeElement"):
            break
        await keys.press("Shift+Tab")
    await expect(cite).to_be_focused()
    card = person.page.get_by_role("dialog", name="Source 1: Alan Turing")
    await expect(card).to_be_visible()
    outline = await cite.evaluate("element => getComputedStyle(element).outlineStyle")
    assert outline == "solid", "the focus is visible"
    await keys.press("Escape")
    await expect(card).to_be_hidden()
    await expect(cite).to_be_focused()
    await keys.press("/")
    await expect(person.field).to_be_focused()
    await keys.press("ArrowUp")
    await expect(person.page.get_by_label("Edit your question")).to_be_focused()
    await keys.press("Escape")
    await keys.press("?")
    await expect(person.page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    await keys.press("Escape")
    await keys.press("Control+k")
    await expect(person.page.get_by_label("Search conversations")).to_be_focused()
    await keys.press("Alt+n")
    await expect(person.answers).to_have_count(0)
    await expect(person.field).to_be_focused()


async def test_what_is_heard(new_user: Running, tab: Tab) -> None:
    """Whole sentences and each step of a search; never a token, never a thing twice."""
    person = await tab(new_user.address)
    await person.open()
    await person.page.evaluate(
        """() => {
          window.heard = [];
          const live = document.querySelector('[role=status]');
          new MutationObserver(() => window.heard.push(live.textContent))
            .observe(live, { childList: true, characterData: true, subtree: true });
        }"""
    )
    text = await person.ask("When was Alan Turing born?")
    await person.eventually("heard.join(' ').includes('Answer complete.')")
    heard = [each for each in await person.page.evaluate("heard") if each]
    said = " ".join(heard)
    # A search that was over before it could be told of is told of by what it found.
    assert said.count("Searching for") <= 1
    assert said.count("1 result from local.") == 1
    first = text.split(" 1")[0].replace("[1]", "").strip()
    assert said.count(first.split(" in ")[0]) == 1, (first, heard)
    assert len(heard) <= 5, heard
