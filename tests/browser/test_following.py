"""Where the page stands while an answer grows: at its end, until the reader wants to be elsewhere."""

from playwright.async_api import expect

from tests.browser.conftest import Tab
from tests.browser.test_long_answers import AT_END, SENTENCES, TOP, Both
from tests.browser.test_modules import module

WORDS = "many words follow it " * 400
CITED = (
    "Let me see.[SEARCH_START] Alan Turing[SEARCH_END]",
    f" A fact is here [1] and now {WORDS}",
)
OVERFLOWS = "document.querySelector('.scroller').scrollHeight > innerHeight + 200"


async def test_one_notch_of_the_wheel_is_enough_to_leave(slow: Both, tab: Tab) -> None:
    gateway, engine = slow
    engine.say(SENTENCES * 4)
    person = await tab(gateway.url)
    await person.open()
    await person.type("Go on.")
    await person.eventually(OVERFLOWS)
    await person.page.locator(".scroller").hover()
    await person.page.mouse.wheel(0, -100)
    await expect(person.page.locator(".latest")).to_be_visible()
    top = await person.page.evaluate(TOP)
    await expect(person.prose).to_contain_text("number 40 ")
    assert abs(await person.page.evaluate(TOP) - top) < 100
    await person.button("Stop").click()
    await person.end()


async def test_what_is_opened_at_the_end_stays_in_sight(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say((f"{SENTENCES}[SEARCH_START] Alan Turing[SEARCH_END]", " A fact is here [1]."))
    person = await tab(gateway.url)
    await person.open()
    await person.ask("Tell me of Alan Turing.")
    await person.eventually(AT_END)
    summary = person.answer.locator("summary").last
    await summary.evaluate(
        """(summary) => {
          const tall = document.createElement('div');
          tall.style.blockSize = '600px';
          summary.after(tall);
        }"""
    )
    where = "summary => summary.getBoundingClientRect().top"
    before = await summary.evaluate(where)
    await summary.click()
    await person.page.wait_for_timeout(300)
    assert abs(await summary.evaluate(where) - before) < 5


async def test_a_long_question_does_not_hide_the_end(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say(SENTENCES)
    person = await tab(gateway.url)
    await person.open()
    await person.ask("Go on.")
    await person.eventually(AT_END)
    await person.field.fill("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight")
    await person.eventually(AT_END)


async def test_a_new_conversation_begins_at_its_end(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say(SENTENCES)
    person = await tab(gateway.url)
    await person.open()
    await person.ask("Go on.")
    await person.page.evaluate("document.querySelector('.scroller').scrollTop = 0")
    await expect(person.page.locator(".latest")).to_be_visible()
    await person.page.get_by_role("button", name="New conversation").first.click()
    await expect(person.page.locator(".latest")).to_be_hidden()


async def test_a_source_keeps_the_focus_while_its_paragraph_grows(slow: Both, tab: Tab) -> None:
    gateway, engine = slow
    engine.say(CITED)
    person = await tab(gateway.url)
    await person.open()
    await person.type("Tell me of Alan Turing.")
    source = person.answer.locator(".cite-number").first
    await expect(source).to_be_visible()
    await source.focus()
    said = len(await person.prose.last.text_content() or "")
    await person.eventually(
        f"[...document.querySelectorAll('.prose')].at(-1).textContent.length > {said + 100}"
    )
    focused = await person.page.evaluate("document.activeElement.className")
    assert "cite-number" in focused
    await person.button("Stop").click()
    await person.end()


async def test_one_slow_frame_does_not_stop_the_drawing(quick: Both, tab: Tab) -> None:
    person = await tab(quick[0].url)
    await person.open()
    waited = await person.page.evaluate(
        """async (address) => {
          const { Prose } = await import(address);
          const into = document.createElement('div');
          document.querySelector('.thread').append(into);
          const prose = new Prose(into);
          prose.append('one ');
          requestAnimationFrame(() => { const from = performance.now(); while (performance.now() - from < 1200); });
          await new Promise((done) => setTimeout(done, 1400));
          const from = performance.now();
          prose.append('two ');
          while (!into.textContent.includes('two')) await new Promise((done) => setTimeout(done, 10));
          return performance.now() - from;
        }""",
        await module(person, "prose.js"),
    )
    assert waited < 3000, "three times the slow frame would be 3.6 s"
