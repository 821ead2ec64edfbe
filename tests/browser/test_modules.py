"""The page's own modules, judged in the browser that runs them: streaming Markdown above all."""

from typing import Any

import pytest

from tests.api.stage import Engine, Gateway
from tests.browser.conftest import Tab
from tests.browser.person import Person
from tests.browser.test_reading import RICH

Both = tuple[Gateway, Engine]

LONG = "\n\n".join(
    [
        "| a | b |\n|---|---|\n" + "\n".join(f"| {n} | *b{n}* |" for n in range(30)),
        "\n".join(f"{n}. item **{n}**\n   and more" for n in range(1, 31)),
        "\n\n".join(f"- loose {n}" for n in range(20)),
        "> a quote\n> with a second line",
        "Set\n===",
        "    indented code",
        "[ref]: https://example.org/\n\n[link][ref] and ![picture](https://example.org/x.png)",
        "```\nopen code\n\nwith a gap",
    ]
)


async def module(person: Person, name: str) -> str:
    """A module's address."""
    base = await person.page.evaluate("document.querySelector('script[type=module]').src")
    return str(base).replace("main.js", name)


@pytest.mark.parametrize("text", [RICH, LONG], ids=["rich", "long"])
async def test_however_the_text_arrives_it_reads_the_same(quick: Both, tab: Tab, text: str) -> None:
    person = await tab(quick[0].url)
    await person.open()
    differing: Any = await person.page.evaluate(
        """async ([address, text]) => {
          const { Prose } = await import(address);
          const made = (sizes) => {
            const into = document.createElement('div');
            const prose = new Prose(into);
            for (let at = 0, turn = 0; at < text.length; turn += 1) {
              const size = sizes[turn % sizes.length];
              prose.append(text.slice(at, at + size));
              prose.flush();
              at += size;
            }
            prose.finish();
            return into.innerHTML;
          };
          const whole = made([text.length]);
          const differing = [[1], [2], [3], [7], [1, 30], [64, 5]].filter((sizes) => made(sizes) !== whole);
          const at = (a, b) => { let n = 0; while (a[n] === b[n]) n += 1; return [a.slice(n - 60, n + 60), b.slice(n - 60, n + 60)]; };
          return differing.map((sizes) => [sizes, ...at(whole, made(sizes))]);
        }""",
        [await module(person, "prose.js"), text],
    )
    assert differing == []


async def test_what_is_over_is_not_touched_again(quick: Both, tab: Tab) -> None:
    person = await tab(quick[0].url)
    await person.open()
    kept: Any = await person.page.evaluate(
        """async (address) => {
          const { Prose } = await import(address);
          const into = document.createElement('div');
          const prose = new Prose(into);
          const say = (text) => { prose.append(text); prose.flush(); };
          say('First paragraph.\\n\\nSecond one\\n');
          const first = into.firstElementChild;
          say('goes on.\\n\\n');
          for (let n = 0; n < 40; n += 1) say(`- item ${n}\\n`);
          const item = into.querySelector('li');
          for (let n = 40; n < 80; n += 1) say(`- item ${n}\\n`);
          say('\\n\\n```js\\nlet a;\\n');
          const code = into.querySelector('code').firstChild.firstChild;
          say('let b;\\n');
          return [into.contains(first), into.contains(item), into.querySelectorAll('li').length,
            into.querySelectorAll('ul').length, into.contains(code), code.data];
        }""",
        await module(person, "prose.js"),
    )
    assert kept == [True, True, 80, 1, True, "let a;\nlet b;\n"]


async def test_citations_stand_where_the_gateway_says(quick: Both, tab: Tab) -> None:
    """Offsets are code points; what looks like a citation and is none stays text."""
    person = await tab(quick[0].url)
    await person.open()
    found: Any = await person.page.evaluate(
        """async (address) => {
          const { Prose } = await import(address);
          const into = document.createElement('div');
          const prose = new Prose(into, { dress: (root, all) => {
            for (const mark of root.querySelectorAll('sup.cite')) {
              mark.textContent = `<${all.groups[mark.textContent].annotations.map((a) => a.url)}>`;
            }
          } });
          const text = '😀 One [1] and [2, 3].\\n\\nNot a citation [1], `[1]`.';
          const cite = (what, url) => {
            const unit = text.indexOf(what);
            const start = [...text.slice(0, unit)].length;
            prose.cite({ start_index: start, end_index: start + what.length, url });
          };
          prose.append(text);
          prose.flush();
          cite('[1]', 'a'); cite('[2, 3]', 'b'); cite('[2, 3]', 'c');
          cite('nothing of the kind that is there', 'd');
          prose.finish();
          return into.innerText ?? into.textContent;
        }""",
        await module(person, "prose.js"),
    )
    lines = [line for line in found.splitlines() if line]
    assert lines == ["😀 One <a> and <b,c>.", "Not a citation [1], [1]."]


async def test_events_are_taken_once_and_in_order(quick: Both, tab: Tab) -> None:
    """The reducer: what was seen is passed over, so re-joining loses and doubles nothing."""
    person = await tab(quick[0].url)
    await person.open()
    found: Any = await person.page.evaluate(
        """async ([address, reader]) => {
          const { after, nothing, prose } = await import(address);
          const { EventReader } = await import(reader);
          const events = [
            { type: 'response.created', response: { id: 'resp_1', status: 'in_progress' } },
            { type: 'response.output_item.added', output_index: 0, item: { id: 'ws', type: 'web_search_call' } },
            { type: 'orson.search.query.delta', output_index: 0, delta: 'ab' },
            { type: 'response.output_item.done', output_index: 0, item: { id: 'ws', type: 'web_search_call',
              status: 'completed', action: { queries: ['ab'] }, search: { queries: ['ab'], provider: 'p',
              elapsed_ms: 3, results: [{ number: 1, title: 't', url: 'u', text: 'x' }] } } },
            { type: 'response.output_item.added', output_index: 1, item: { id: 'm', type: 'message' } },
            { type: 'response.output_text.delta', output_index: 1, delta: 'Hel' },
            { type: 'response.output_text.delta', output_index: 1, delta: 'lo' },
          ].map((event, sequence_number) => ({ ...event, sequence_number }));
          const bytes = events.map((event) => `event: x\\ndata: ${JSON.stringify(event)}\\n\\n`).join(': alive\\n\\n');
          const read = (size) => {
            const stream = new EventReader();
            let all = [];
            for (let at = 0; at < bytes.length; at += size) all = all.concat(stream.feed(bytes.slice(at, at + size)));
            return all.filter(Boolean);
          };
          const once = events.reduce((answer, event) => after(answer, event), nothing);
          const twice = [...events.slice(0, 5), ...events, ...events].reduce((answer, event) => after(answer, event), nothing);
          return {
            cuts: [1, 2, 3, 10, 500].map((size) => JSON.stringify(read(size)) === JSON.stringify(events)),
            same: JSON.stringify(once) === JSON.stringify(twice), said: prose(once), search: once.items[0],
          };
        }""",
        [await module(person, "answer.js"), await module(person, "events.js")],
    )
    assert found["cuts"] == [True] * 5
    assert found["same"]
    assert found["said"] == "Hello"
    assert (found["search"]["stage"], found["search"]["query"]) == ("found", "ab")


@pytest.mark.parametrize(
    ("sentence", "passage", "supported"),
    [
        (
            "Alan Turing was born in 1912.",
            "Turing (born 1912) was a mathematician called Alan.",
            True,
        ),
        (
            "Alan Turing was born in 1913.",
            "Turing (born 1912) was a mathematician called Alan.",
            False,
        ),
        ("He invented the pocket calculator.", "A Turing machine manipulates symbols.", False),
        (
            "Die Brücke wurde 1890 gebaut.",
            "Im Jahr 1890 wurde die Bruecke, die alte Brücke, gebaut.",
            True,
        ),
        ("The GDP is 3,5 trillion.", "A GDP of 3,5 trillion dollars", True),
        ("Yes.", "Whatever it says.", True),
    ],
)
async def test_support(quick: Both, tab: Tab, sentence: str, passage: str, supported: bool) -> None:
    person = await tab(quick[0].url)
    await person.open()
    found: Any = await person.page.evaluate(
        "async ([address, sentence, passage]) => (await import(address)).support(sentence, passage)",
        [await module(person, "support.js"), sentence, passage],
    )
    assert found["supported"] is supported, found
