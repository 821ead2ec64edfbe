"""Long answers: what a token costs the page must not grow with what stands there already.

Counted work, no times: characters parsed, nodes made, elements styled, layout asked for.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from benchmarks.page import SHAPES
from tests.api.stage import Engine, Gateway
from tests.browser.conftest import Tab
from tests.browser.test_modules import module

Both = tuple[Gateway, Engine]

STREAM = """async ([address, vendor, text, size]) => {
  const { Prose } = await import(address);
  const { Lexer } = await import(vendor);
  const { blockTokens } = Lexer.prototype;
  let parsed = 0, nodes = 0, depth = 0;
  Lexer.prototype.blockTokens = function (source, ...rest) {
    if (depth === 0) parsed += source.length;
    depth += 1;
    try { return blockTokens.call(this, source, ...rest); } finally { depth -= 1; }
  };
  const into = document.createElement('div');
  const observer = new MutationObserver(() => {});
  observer.observe(into, { childList: true, subtree: true });
  const count = (node) => 1 + [...node.childNodes].reduce((sum, each) => sum + count(each), 0);
  const prose = new Prose(into);
  for (let at = 0; at < text.length; at += size) {
    prose.append(text.slice(at, at + size));
    prose.flush();
    for (const { addedNodes } of observer.takeRecords()) for (const node of addedNodes) nodes += count(node);
  }
  prose.finish();
  Lexer.prototype.blockTokens = blockTokens;
  return { parsed, nodes, stands: count(into) };
}"""


async def streamed(page: Page, prose: str, text: str, size: int = 25) -> dict[str, int]:
    """What it took to show a text that came in pieces of `size` characters."""
    vendor = prose.replace("scripts/prose.js", "vendor/prose.js")
    counted: dict[str, int] = await page.evaluate(STREAM, [prose, vendor, text, size])
    return counted


@pytest.mark.parametrize("shape", SHAPES)
async def test_the_work_grows_with_the_text_and_no_faster(
    quick: Both, tab: Tab, shape: str
) -> None:
    person = await tab(quick[0].url)
    await person.open()
    prose = await module(person, "prose.js")
    text = SHAPES[shape]()
    short = await streamed(person.page, prose, text[:6_000])
    long = await streamed(person.page, prose, text[:24_000])
    assert long["nodes"] < 5 * short["nodes"] + 20
    assert long["nodes"] < 8 * long["stands"] + 40, "most of what was made still stands"
    if shape not in ("one paragraph", "one block of code"):  # Those are read whole while open.
        assert long["parsed"] < 5 * short["parsed"]


async def test_an_open_block_keeps_the_nodes_it_has(quick: Both, tab: Tab) -> None:
    """What a reader has selected in the paragraph that is being written stays selected."""
    person = await tab(quick[0].url)
    await person.open()
    kept: Any = await person.page.evaluate(
        """async (address) => {
          const { Prose } = await import(address);
          const into = document.createElement('div');
          const prose = new Prose(into);
          const say = (text) => { prose.append(text); prose.flush(); };
          say('One *word* and');
          const before = [into.querySelector('p'), into.querySelector('em'), into.querySelector('p').lastChild];
          say(' another');
          say(' **bold**, more');
          const paragraph = before.every((node) => into.contains(node)), text = before[2].data;
          say('\\n\\n> a quote');
          const inner = into.querySelector('blockquote p').firstChild;
          say(' goes on');
          prose.finish();
          return [paragraph, text, into.contains(inner), inner.data, into.textContent.replace(/\\s+/g, ' ').trim()];
        }""",
        await module(person, "prose.js"),
    )
    assert kept[:4] == [True, " and another ", True, "a quote goes on"]
    assert kept[4].startswith("One word and another bold, more a quote")


async def test_a_citation_that_comes_late_redoes_its_block_only(quick: Both, tab: Tab) -> None:
    person = await tab(quick[0].url)
    await person.open()
    found: Any = await person.page.evaluate(
        """async (address) => {
          const { Prose } = await import(address);
          const into = document.createElement('div');
          const prose = new Prose(into, { dress: (root, all) => {
            for (const mark of root.querySelectorAll('sup.cite')) {
              mark.textContent = `<${all.groups[mark.textContent].annotations.map((one) => one.url)}>`;
            }
          } });
          const text = 'First.\\n\\nSecond [1].\\n\\n- Third [2]\\n- Fourth\\n\\nFifth.\\n\\nOpen\\n';
          prose.append(text);
          prose.flush();
          const [first, second] = into.querySelectorAll('p');
          const cite = (mark, url) => {
            const start = text.indexOf(mark);
            prose.cite({ start_index: start, end_index: start + mark.length, url });
            prose.flush();
          };
          cite('[1]', 'a');
          const kept = into.contains(first) && !into.contains(second);
          cite('[2]', 'b');
          cite('[2]', 'c');
          const still = into.contains(first);
          prose.append('end.');
          prose.finish();
          return [kept, still, [...into.querySelectorAll('p, li')].map((one) => one.textContent.trim())];
        }""",
        await module(person, "prose.js"),
    )
    assert found == [
        True,
        True,
        ["First.", "Second <a>.", "Third <b,c>", "Fourth", "Fifth.", "Open\nend."],
    ]


async def test_the_browser_looks_at_what_is_new_only(
    quick: Both, tab: Tab, chromium: Any, tmp_path: Path
) -> None:
    """Chromium's own account of the elements it styled and laid out, in an answer of thousands."""
    person = await tab(quick[0].url)
    await person.open()
    page = person.page
    await page.evaluate(
        """async ([address, text]) => {
          const { Prose } = await import(address);
          const answer = document.createElement('article');
          answer.className = 'answer writing';
          const into = document.createElement('div');
          into.className = 'prose';
          answer.append(into);
          document.querySelector('.thread').append(answer);
          window.prose = new Prose(into);
          prose.append(text);
          prose.flush();
          const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
          await frame(); // what stands is laid out before anything is counted
          await frame();
        }""",
        [await module(person, "prose.js"), SHAPES["mixed"]()[:40_000]],
    )
    stands = await page.evaluate("document.querySelectorAll('.answer *').length")
    trace = tmp_path / "trace.json"
    await chromium.start_tracing(page=page, path=trace, categories=["devtools.timeline"])
    await page.evaluate(
        """async (text) => {
          const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
          for (let at = 0; at < text.length; at += 30) {
            prose.append(text.slice(at, at + 30));
            prose.flush();
            await frame();
          }
        }""",
        SHAPES["mixed"]()[40_000:42_000],
    )
    await chromium.stop_tracing()
    events = json.loads(trace.read_text("utf-8"))["traceEvents"]
    styled = [
        e["args"]["elementCount"]
        for e in events
        if e["name"] == "UpdateLayoutTree" and "elementCount" in e["args"]
    ]
    laid = [e["args"]["beginData"]["dirtyObjects"] for e in events if e["name"] == "Layout"]
    assert stands > 2_000
    assert len(styled) > 30
    assert len(laid) > 30
    assert max(styled) < 100, styled
    assert max(laid) < 200, laid


FORCED = """() => {
  window.forced = [];
  let due = false; // The browser has just laid out the page, or is about to tell of a scroll.
  const during = (work) => function (...given) {
    due = true;
    try { return work.apply(this, given); } finally { due = false; }
  };
  const Observer = window.ResizeObserver;
  window.ResizeObserver = class extends Observer { constructor(work) { super(during(work)); } };
  const { addEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (name, work, ...rest) {
    return addEventListener.call(this, name, name === 'scroll' ? during(work) : work, ...rest);
  };
  for (const name of ['scrollHeight', 'scrollTop', 'clientHeight', 'clientWidth']) {
    const { get, set } = Object.getOwnPropertyDescriptor(Element.prototype, name);
    const noted = function () { if (!due) forced.push(name); return get.call(this); };
    Object.defineProperty(Element.prototype, name, { get: noted, set });
  }
  const { getBoundingClientRect } = Element.prototype;
  Element.prototype.getBoundingClientRect = function () {
    if (!due) forced.push('box');
    return getBoundingClientRect.call(this);
  };
}"""

SENTENCES = "".join(f"Sentence number {number} says something.\n\n" for number in range(150))
AT_END = """(() => {
  const at = document.querySelector('.scroller');
  return at.scrollHeight > at.clientHeight + 200 && at.scrollHeight - at.scrollTop - at.clientHeight < 3;
})()"""
TOP = "document.querySelector('.scroller').scrollTop"


async def test_the_page_follows_without_asking_for_layout(slow: Both, tab: Tab) -> None:
    """The end stays in sight until the reader scrolls up, and again when they come back."""
    gateway, engine = slow
    engine.say(SENTENCES * 4)
    person = await tab(gateway.url)
    page = person.page
    await page.add_init_script(f"({FORCED})()")
    await person.open()
    await person.type("Go on.")
    await expect(person.prose).to_contain_text("number 20 ")
    await page.evaluate("forced.length = 0")
    await expect(person.prose).to_contain_text("number 30 ")
    assert await page.evaluate("forced") == []
    await person.eventually(AT_END)
    await page.locator(".scroller").hover()
    await page.mouse.wheel(0, -600)
    latest = page.locator(".latest")
    await expect(latest).to_be_visible()
    top = await page.evaluate(TOP)
    await expect(person.prose).to_contain_text("number 50 ")
    assert abs(await page.evaluate(TOP) - top) < 100, "the reader stays where they went"
    await latest.click()
    await expect(latest).to_be_hidden()
    await expect(person.prose).to_contain_text("number 60 ")
    await person.eventually(AT_END)
    await person.button("Stop").click()
    await person.end()


async def test_what_is_heard_of_a_long_answer_is_looked_at_once(quick: Both, tab: Tab) -> None:
    """Sentences and lines, each once; a number's point ends nothing."""
    person = await tab(quick[0].url)
    await person.open()
    found: Any = await person.page.evaluate(
        """async (address) => {
          const { Announcer } = await import(address);
          let looked = 0;
          const { matchAll } = String.prototype;
          String.prototype.matchAll = function (...given) { looked += this.length; return matchAll.apply(this, given); };
          const told = (text, size) => {
            const announcer = new Announcer();
            const said = [];
            announcer.say = (part) => { if (part) said.push(part); };
            looked = 0;
            for (let at = size; at < text.length + size; at += size) {
              announcer.follow({ status: 'in_progress', items: [{ type: 'text', text: text.slice(0, at), done: at >= text.length }] });
            }
            return [said, looked];
          };
          const [said] = told('It is 3.14 or so. Is it? Yes!\\n- one\\n- two\\nThe rest', 1);
          const without = 'word '.repeat(2000);
          const counts = [1, 4].map((times) => told(without.repeat(times), 25)[1]);
          String.prototype.matchAll = matchAll;
          return [said, counts];
        }""",
        await module(person, "views/announcer.js"),
    )
    said, (short, long) = found
    assert said == ["It is 3.14 or so.", "Is it?", "Yes!", "- one", "- two", "The rest"]
    assert long < 5 * short
