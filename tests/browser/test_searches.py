"""The search made visible: typed by the model, where it happened, with what it found."""

import re
from pathlib import Path

from playwright.async_api import expect

from search_adapters.errors import TimedOut
from tests.api.stage import Engine, Gateway, passage, until
from tests.browser.conftest import Tab

Both = tuple[Gateway, Engine]
QUERY = "winner of the Harwick Prize in 2031"
WATCH = """() => {
  window.seen = [];
  new MutationObserver(() => {
    const search = document.querySelector('.search');
    if (!search) return;
    const said = (name) => document.querySelector(name)?.textContent.trim() ?? '';
    window.seen.push([search.dataset.stage, said('.query'), said('.search-note'), said('.prose')]);
  }).observe(document.querySelector('.thread'), {
    childList: true, subtree: true, characterData: true, attributes: true,
  });
}"""
"""Keeps what a search looked like at each of its changes."""


async def test_a_search_as_it_happens(letter_by_letter: Both, tab: Tab, pictures: Path) -> None:
    gateway, engine = letter_by_letter
    engine.say(
        (
            "Let me see. [SEARCH_START] winner of the Harwick Prize in 2031[SEARCH_END]",
            " It was Ada [1].",
        )
    )
    gateway.search.delay = 3.0
    found = passage(1, title="Harwick Prize", text="The Harwick Prize of 2031 went to Ada.")
    gateway.search.enqueue([[found]])
    try:
        person = await tab(gateway.url)
        await person.open()
        await person.page.evaluate(WATCH)
        await person.type("Who won?")
        search = person.answer.locator(".search")
        await expect(search).to_have_attribute("data-stage", "searching")
        await expect(search.locator(".card")).to_have_count(0)
        await person.page.screenshot(path=pictures / "searching.png")
        await expect(search).to_have_attribute("data-stage", "found")
        await person.end()
    finally:
        gateway.search.delay = 0.0
    seen = await person.page.evaluate("seen")
    stages = list(dict.fromkeys(stage for stage, _, _, _ in seen))
    assert stages == ["asking", "searching", "found"]
    # The query is typed by the model, and the prose before it already stands.
    typed = list(dict.fromkeys(query for stage, query, _, _ in seen if stage == "asking"))
    assert any(0 < len(query) < len(QUERY) for query in typed), typed
    assert all(QUERY.startswith(query) for query in typed), typed
    assert {prose for _, _, _, prose in seen} >= {"Let me see."}
    # While it is on its way, a clock runs.
    assert any(note.endswith("ms") for stage, _, note, _ in seen if stage == "searching")
    await expect(search.locator(".search-note")).to_contain_text(
        re.compile(r"1 result · from mock · [3-9]\.\d s")
    )
    # In place: prose, search, prose.
    assert await person.parts() == ["prose", "search", "prose"]
    card = search.locator(".card")
    await expect(card).to_contain_text("Harwick Prize")
    await expect(card).to_contain_text("example.org · Jan 31, 2026")
    # Cards open and close, and so does the list of them.
    text = card.locator(".card-text")
    await expect(text).to_be_hidden()
    await card.locator("summary").click()
    await expect(text).to_have_text("The Harwick Prize of 2031 went to Ada.")
    await search.locator(".search-head").click()
    await expect(card).to_be_hidden()
    await search.locator(".search-head").press("Enter")
    await expect(card).to_be_visible()


async def test_a_search_is_heard_when_it_begins_and_when_it_ends(slow: Both, tab: Tab) -> None:
    gateway, engine = slow
    engine.say(("[SEARCH_START] Harwick Prize[SEARCH_END]", "It was Ada [1]."))
    gateway.search.delay = 1.5
    gateway.search.enqueue([[passage(1, title="Harwick Prize", text="It went to Ada.")]])
    try:
        person = await tab(gateway.url)
        await person.open()
        await person.page.evaluate(
            """() => {
              window.heard = [];
              const live = document.querySelector('[role=status]');
              new MutationObserver(() => window.heard.push(live.textContent))
                .observe(live, { childList: true, characterData: true, subtree: true });
            }"""
        )
        await person.ask("Who won?")
        await person.eventually("heard.join(' ').includes('Answer complete.')")
    finally:
        gateway.search.delay = 0.0
    said = " ".join(await person.page.evaluate("heard"))
    assert said.count("Searching for") == 1, said
    assert said.count("1 result from mock.") == 1, said
    assert said.index("Searching for") < said.index("1 result"), said


async def test_several_searches_each_stand_where_they_happened(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say(
        (
            "[SEARCH_START] first[SEARCH_END]",
            "One [1]. [SEARCH_START] second[SEARCH_END]",
            " Two [2].",
        )
    )
    gateway.search.enqueue([[passage(1)], [passage(2)]])
    person = await tab(gateway.url)
    await person.open()
    await person.ask("?")
    assert await person.parts() == ["search", "prose", "search", "prose"]
    assert await person.answer.locator(".query").all_inner_texts() == ["first", "second"]
    assert await person.answer.locator(".cite-number").all_inner_texts() == ["1", "2"]
    await expect(person.answer.locator(".sources li")).to_have_count(2)


async def test_a_search_that_fails_is_no_error_of_the_answer(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say(("[SEARCH_START] weather in Leeds[SEARCH_END]", "I can't say: the search failed."))
    gateway.search.enqueue([TimedOut("late")])
    person = await tab(gateway.url)
    await person.open()
    await person.ask("?")
    search = person.answer.locator(".search")
    await expect(search).to_have_attribute("data-stage", "failed")
    await expect(search.locator(".search-note")).to_contain_text("search failed")
    await expect(person.answer.locator(".broken")).to_have_count(0)


async def test_a_claim_that_its_source_does_not_make_is_marked(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say(
        (
            "[SEARCH_START] turing[SEARCH_END]",
            "Alan Turing was born in 1912 [1]. He sold pocket calculators in 1971 [1].",
        )
    )
    gateway.search.enqueue(
        [[passage(1, title="Alan Turing", text="Alan Turing, born in 1912, was a mathematician.")]]
    )
    person = await tab(gateway.url)
    await person.open()
    await person.ask("?")
    right, wrong = (
        person.answer.locator(".cite-number").first,
        person.answer.locator(".cite-number").last,
    )
    assert "doubtful" not in (await right.get_attribute("class") or "")
    assert "doubtful" in (await wrong.get_attribute("class") or "")
    await expect(wrong).to_have_accessible_name(
        "Source 1: Alan Turing. The wording of this sentence is not found in the passage"
    )
    await wrong.hover()
    await expect(person.page.locator(".card-doubt")).to_contain_text("Not in the passage: 1971.")
    await right.hover()
    await expect(person.page.locator(".hover-card mark", has_text="1912")).to_be_visible()
    await expect(person.page.locator(".card-doubt")).to_have_count(0)


async def test_how_to_search_is_said_with_each_question(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say((" leeds[SEARCH_END]", "Answer."))  # the gateway opens the search itself
    person = await tab(gateway.url)
    await person.open()
    await person.page.get_by_role("radio", name="Always").check()
    await person.ask("Where is Leeds?")
    assert gateway.search.history, "the search was opened for the model"
    await expect(person.answer.locator(".search")).to_have_count(1)
    gateway.search.history.clear()
    await person.page.get_by_role("radio", name="Never").check()
    engine.say(("Well [SEARCH_START] leeds[SEARCH_END]", "no."))
    await person.ask("Where is Leeds?")
    assert not gateway.search.history
    # Sites and the budget.
    await person.page.get_by_role("radio", name="When needed").check()
    await person.button("Options").click()
    await person.page.get_by_label("Only from these sites").fill("https://example.org")
    await person.button("Save").click()
    await expect(person.page.get_by_text("without https://")).to_be_visible()
    await person.page.get_by_label("Only from these sites").fill("example.org example.net")
    await person.page.get_by_label("Never from these sites").fill("example.net")
    await person.page.get_by_label("Searches per answer, at most").fill("1")
    await person.button("Save").click()
    engine.say(("[SEARCH_START] one[SEARCH_END]", "A [SEARCH_START] two[SEARCH_END]", "B"))
    await person.ask("Where?")
    (query,) = until(lambda: gateway.search.history)
    assert (query.allowed_domains, query.denied_domains) == (
        ("example.org", "example.net"),
        ("example.net",),
    )
    await expect(person.answer.locator(".search")).to_have_count(1)
