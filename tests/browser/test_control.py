"""What a reader can do with an answer: stop it, have it again, ask otherwise, take it along."""

from playwright.async_api import expect

from tests.api.stage import Engine, Gateway, until
from tests.browser.conftest import Tab

Both = tuple[Gateway, Engine]


async def test_stop_stops_the_engine(slow: Both, tab: Tab) -> None:
    gateway, engine = slow
    person = await tab(gateway.url)
    await person.open()
    await person.type("Say words without end.")
    await expect(person.prose).to_contain_text(" ")
    assert engine.running() == 1
    await person.button("Stop").click()
    await expect(person.answer.get_by_text("Stopped", exact=True)).to_be_visible()
    until(lambda: engine.running() == 0)
    await expect(person.button("Send")).to_be_visible()
    # What it had said is kept, and the conversation goes on.
    kept = await person.end()
    await person.page.reload()
    await expect(person.prose).to_have_text(kept)
    engine.say("Fine.")
    assert await person.ask("And now?") == "Fine."


async def test_escape_stops_too(slow: Both, tab: Tab) -> None:
    gateway, engine = slow
    person = await tab(gateway.url)
    await person.open()
    await person.type("Say words without end.")
    await expect(person.prose).to_contain_text(" ")
    await person.page.keyboard.press("Escape")
    await person.end()
    until(lambda: engine.running() == 0)


async def test_versions(quick: Both, tab: Tab) -> None:
    """Edited or asked again, nothing is lost: each version is a step away, after a reload too."""
    gateway, engine = quick
    person = await tab(gateway.url)
    await person.open()
    engine.say("Hello Ada.")
    await person.ask("I am Ada.")
    engine.say("You are Ada.")
    await person.ask("Who am I?")
    first = person.page.locator(".turn").first
    await first.get_by_role("button", name="Edit").click()
    engine.say("Hello Bea.")
    await person.page.get_by_label("Edit your question").fill("I am Bea.")
    await person.button("Send again").click()
    await expect(person.answers).to_have_count(1)
    await expect(person.prose).to_have_text("Hello Bea.")
    await person.end()
    await expect(first.locator(".version")).to_have_text("2/2")
    assert "Ada" not in engine.text(engine.legs[-1].prompt), (
        "the model isn't told of the other version"
    )
    await first.get_by_role("button", name="Previous version").click()
    await expect(person.answers).to_have_count(2)
    await expect(person.prose.last).to_have_text("You are Ada.")
    # The last answer once more: the question before it is the same.
    engine.say("You said Ada.")
    await person.page.locator(".turn").last.get_by_role("button", name="Answer again").click()
    await expect(person.prose.last).to_have_text("You said Ada.")
    await person.end()
    assert engine.text(engine.legs[-1].prompt).count("Hello Ada.") == 1
    await expect(person.page.locator(".turn").last.locator(".version")).to_have_text("2/2")
    # One entry stands for all versions; a reload keeps them.
    await expect(person.page.locator(".entries li", has_text="I am Ada.")).to_have_count(1)
    await person.page.reload()
    await expect(person.prose.last).to_have_text("You said Ada.")
    await expect(person.page.locator(".turn").last.locator(".version")).to_have_text("2/2")
    await expect(first.locator(".version")).to_have_text("1/2")
    await first.get_by_role("button", name="Next version").click()
    await expect(person.prose).to_have_text("Hello Bea.")


async def test_copy(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say("**Bold** and `code`:\n\n```python\nprint(1)\n```\n")
    person = await tab(gateway.url, permissions=["clipboard-read", "clipboard-write"])
    await person.open()
    await person.ask("?")
    await person.button("Copy code").click()
    assert await person.page.evaluate("navigator.clipboard.readText()") == "print(1)"
    await person.page.locator(".turn > .actions").get_by_role("button", name="Copy").click()
    copied = await person.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("**Bold** and `code`:")


async def test_instructions_and_model(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    person = await tab(gateway.url)
    await person.open()
    await expect(person.page.locator(".model-name")).to_have_text("scripted")
    await person.button("Options").click()
    assert await person.page.get_by_label("Model").locator("option").all_inner_texts() == [
        "scripted"
    ]
    await person.page.get_by_label("Instructions for the model").fill("Speak like a pirate.")
    await person.button("Save").click()
    engine.say("Arr.")
    await person.ask("Hello?")
    assert "Speak like a pirate." in engine.text(engine.legs[-1].prompt)


async def test_the_composer(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say("Yes.")
    person = await tab(gateway.url)
    await person.open()
    await expect(person.button("Send")).to_be_disabled()
    await person.field.fill("  ")
    await expect(person.button("Send")).to_be_disabled()
    await person.field.fill("one")
    await person.field.press("Shift+Enter")
    await person.page.keyboard.type("two")
    # What is not sent yet is still there after a reload.
    await person.page.reload()
    await expect(person.field).to_have_value("one\ntwo")
    await person.field.press("Enter")
    await person.end()
    await expect(person.page.locator(".question-text")).to_have_text("one\ntwo")
    await expect(person.field).to_have_value("")
