"""An answer survives what happens to pages: reloads, lost lines, second tabs, a gateway's death."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from model_server.scripted import Answer
from tests.api.stage import Engine, Gateway, Stage, until
from tests.browser.conftest import Tab
from tests.cli.running import Running

Both = tuple[Gateway, Engine]
Start = Callable[..., Running]

WORDS = " ".join(f"w{number}" for number in range(160))
"""Every word is another, so that a lost or doubled one shows."""
MORE = " ".join(f"w{number}" for number in range(800))
"""For what must happen before the answer ends, in a browser that waits for its turn."""
ENDLESS = " ".join(f"w{number}" for number in range(4000))
"""For what ends the answer."""


def tell(engine: Engine, words: str = WORDS) -> None:
    engine.say(
        Answer(("[SEARCH_START] words[SEARCH_END]", f"Here [1]: {words}"), when="words"), "Fine."
    )


async def test_a_reload_in_the_middle(slow: Both, tab: Tab) -> None:
    gateway, engine = slow
    tell(engine)
    person = await tab(gateway.url)
    await person.open()
    await person.type("Tell me words.")
    await expect(person.prose).to_contain_text("w10 ")
    await person.page.reload()
    await expect(person.prose).to_contain_text("w12")
    assert await person.end() == f"Here 1: {WORDS}"
    assert await person.parts() == ["search", "prose"]
    assert len(engine.legs) == 2, "the answer was made once"
    await expect(person.answer.locator(".cite-number")).to_have_count(1)


async def test_a_tab_that_is_closed_and_opened_again(slow: Both, tab: Tab) -> None:
    gateway, engine = slow
    tell(engine)
    first = await tab(gateway.url)
    await first.open()
    await first.type("Tell me words.")
    await expect(first.prose).to_contain_text("w5 ")
    address = first.page.url
    await first.page.close()
    later = await tab(gateway.url)
    await later.page.goto(address)
    assert await later.end() == f"Here 1: {WORDS}"


async def test_a_line_that_is_cut_again_and_again(slow: Both, tab: Tab) -> None:
    gateway, engine = slow
    tell(engine)
    person = await tab(gateway.url)
    person.expected = ("net::ERR_", "Failed to load resource")
    await person.open()
    cut = 0

    async def short(route: Route) -> None:
        """Every stream that is joined again breaks off; of the first ones, at once."""
        nonlocal cut
        cut += 1
        if cut <= 3:
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await person.type("Tell me words.")
    await expect(person.prose).to_contain_text("w5 ")
    await person.page.route("**/v1/responses/*stream=true*", short)
    await person.page.context.set_offline(True)
    # An open stream is not cut by that in every version: the gateway cuts it.
    await person.page.evaluate("window.dispatchEvent(new Event('offline'))")
    await person.page.context.set_offline(False)
    assert await person.end() == f"Here 1: {WORDS}"


async def test_a_line_that_is_lost_says_so_and_goes_on(slow: Both, tab: Tab) -> None:
    gateway, engine = slow
    tell(engine, MORE)
    person = await tab(gateway.url)
    person.expected = ("net::ERR_", "Failed to load resource")
    await person.open()
    await person.page.evaluate(BREAK)
    await person.type("Tell me words.")
    await expect(person.prose).to_contain_text("w5 ")
    await person.page.context.set_offline(True)
    await person.page.evaluate("window.cut()")
    await expect(person.answer.get_by_text("The line is lost.")).to_be_visible()
    await person.page.context.set_offline(False)
    assert await person.end() == f"Here 1: {MORE}"
    await expect(person.answer.get_by_text("The line is lost.")).to_have_count(0)


async def test_two_tabs_see_the_same_answer(slow: Both, tab: Tab) -> None:
    gateway, engine = slow
    tell(engine, ENDLESS)
    one = await tab(gateway.url)
    await one.open()
    engine_words = await one.ask("Begin.")
    assert engine_words == "Fine."
    two = await tab(gateway.url)
    await two.page.goto(one.page.url)
    await expect(two.prose).to_have_text("Fine.")
    await one.type("Tell me words.")
    await expect(two.answers).to_have_count(2)
    await expect(two.prose).to_contain_text("w5 ")
    # The second may stop it too.
    await two.button("Stop").click()
    await expect(one.answer.get_by_text("Stopped", exact=True)).to_be_visible()
    await expect(two.answer.get_by_text("Stopped", exact=True)).to_be_visible()
    assert await one.end() == await two.end()
    until(lambda: engine.running() == 0)


async def test_another_browser_that_writes_meanwhile(slow: Both, tab: Tab) -> None:
    """Two who write one conversation: the later one is told, and shown the answer under way."""
    gateway, engine = slow
    tell(engine, MORE)
    one = await tab(gateway.url, profile="one")
    await one.open()
    await one.ask("Begin.")
    two = await tab(gateway.url, profile="two")
    two.expected = ("409",)
    await two.page.goto(one.page.url)
    await expect(two.prose).to_have_text("Fine.")
    await one.type("Tell me words.")
    await expect(one.prose).to_contain_text("w2 ")
    await two.type("And me?")
    await expect(two.page.get_by_role("alert")).to_contain_text("Another answer is being written")
    await expect(two.field).to_have_value("And me?")
    await expect(two.prose).to_contain_text("w5 ")
    assert await one.end() == await two.end() == f"Here 1: {MORE}"


@pytest.fixture
def restarted(tmp_path: Path) -> Iterator[tuple[Start, Engine]]:
    """A gateway of its own process, which may be killed and started again on the same data."""
    stage = Stage(tmp_path / "unused")
    engine = stage.engine(rate=40)
    started: list[Running] = []

    def start(port: str) -> Running:
        variables = {
            "ORSON_ENGINE": "vllm",
            "ORSON_ENGINE_URL": engine.url,
            "ORSON_SEARCH": "mock",
            "ORSON_MOCK_EMPTY": "1",
        }
        running = Running("serve", "--port", port, folder=tmp_path, **variables)
        started.append(running)
        return running

    yield start, engine
    for running in started:
        running.kill()
    stage.close()


async def test_a_gateway_that_is_killed_in_the_middle(
    restarted: tuple[Start, Engine], tab: Tab, pictures: Path
) -> None:
    start, engine = restarted
    engine.say(Answer(("[SEARCH_START] words[SEARCH_END]", MORE), when="words"), "Fine.")
    running = start("0")
    url = running.address
    person = await tab(url)
    person.expected = ("net::ERR_", "Failed to load resource")
    await person.open()
    await person.type("Tell me words.")
    await expect(person.prose).to_contain_text("w10 ")
    running.process.kill()
    running.process.wait()
    await expect(person.answer.get_by_text("The line is lost.")).to_be_visible()
    said = await person.prose.inner_text()
    start(url.rpartition(":")[2]).address  # noqa: B018  waits until it is up
    # What was said is kept, and the page says what happened.
    broken = person.answer.locator(".broken")
    await expect(broken).to_be_visible(timeout=60_000)
    assert MORE.startswith((await person.prose.inner_text())[:40])
    assert said.split()[0] == "w0"
    await person.page.screenshot(path=pictures / "error.png")
    engine.say("Once more.")
    await broken.get_by_role("button", name="Try again").click()
    await expect(person.prose).to_have_text("Once more.")
    await person.end()


BREAK = """() => {
  const ask = window.fetch;
  const cuts = [];
  window.cut = () => cuts.splice(0).forEach((cut) => cut());
  window.fetch = async (...given) => {
    const reply = await ask(...given);
    if (!reply.headers.get('content-type')?.startsWith('text/event-stream')) return reply;
    const { readable, writable } = new TransformStream();
    const leave = new AbortController();
    cuts.push(() => leave.abort(new TypeError('network error')));
    reply.body.pipeTo(writable, { signal: leave.signal }).catch(() => {});
    return new Response(readable, { status: reply.status, headers: reply.headers });
  };
}"""
"""Lets a test cut the streams of a page, as a lost network does: Chromium has no switch for it."""
