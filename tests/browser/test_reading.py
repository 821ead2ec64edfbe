"""The prose: Markdown, code, formulas, right-to-left; and hostile answers, which are only text."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.api.stage import Engine, Gateway, passage
from tests.browser.conftest import Tab

Both = tuple[Gateway, Engine]

RICH = r"""## Sorting, briefly

There are **three** things to know, and $O(n \log n)$ is one:

1. Comparison sorts can't beat it.
2. `quicksort` is fast on average.
   - and short
3. *Stable* sorts keep equal keys in order.

| Algorithm | Average | Stable |
|---|---:|:---:|
| Quicksort | n log n | no |
| Mergesort | n log n | yes |

```python
def quicksort(xs: list[int]) -> list[int]:
    return xs if len(xs) < 2 else quicksort([x for x in xs[1:] if x < xs[0]])
```

$$
T(n) = 2\,T(n/2) + \Theta(n)
$$

> Premature optimisation is the root of all evil.

- [x] done
- [ ] to do

It costs $5 and $6, not a formula.
"""


async def test_markdown_code_and_formulas(quick: Both, tab: Tab, pictures: Path) -> None:
    gateway, engine = quick
    engine.say(RICH)
    person = await tab(gateway.url)
    await person.open()
    await person.ask("How does sorting work?")
    prose = person.prose
    await expect(prose.get_by_role("heading", name="Sorting, briefly")).to_be_visible()
    await expect(prose.locator("ol > li")).to_have_count(3)
    await expect(prose.locator("ol ul > li")).to_have_text("and short")
    await expect(prose.get_by_role("table").get_by_role("row")).to_have_count(3)
    await expect(prose.locator("td").nth(1)).to_have_css("text-align", "end")
    # Libraries come when they are needed, and colour what is there.
    await expect(prose.locator("code .hljs-keyword").first).to_have_text("def")
    await expect(prose.locator(".math-inline .katex")).to_have_count(1)
    await expect(prose.locator(".math-block .katex-display")).to_have_count(1)
    await expect(prose.locator(".math-inline math")).to_have_count(1)  # for those who hear it
    await expect(prose.locator("blockquote")).to_contain_text("Premature")
    await expect(prose.get_by_role("checkbox").first).to_be_checked()
    await expect(prose.get_by_text("It costs $5 and $6, not a formula.")).to_be_visible()
    await person.page.screenshot(path=pictures / "prose.png")


async def test_code_is_coloured_wherever_it_stands(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    long = (
        "\n".join(f"def f{n}(): return {n}" for n in range(100))
        + '\ns = """a\n'
        + "b\n" * 50
        + '"""'
    )
    engine.say(
        f"- an item:\n\n  ```python\n  def g(): pass\n  ```\n\n```python\n{long}\n```\n\nThe end."
    )
    person = await tab(gateway.url)
    await person.open()
    await person.ask("Show me code.")
    prose = person.prose
    await expect(prose.locator("li code .hljs-keyword").first).to_have_text("def")
    code = prose.locator("code").last
    # In parts of so many lines; a string that goes over from one to the next has its colour in both.
    await expect(code.locator(".hljs-keyword")).to_have_count(200)
    await expect(code.locator(".hljs-string")).to_have_count(2)
    assert await code.evaluate("one => one.textContent") == f"{long}\n"
    await expect(code.locator(".lines")).to_have_count(4)


async def test_right_to_left(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say("العاصمة هي باريس.\n\nAnd in English.")
    person = await tab(gateway.url)
    await person.open()
    await person.ask("ما هي عاصمة فرنسا؟")
    directions = await person.prose.locator("p").evaluate_all(
        "all => all.map(one => getComputedStyle(one).direction)"
    )
    assert directions == ["rtl", "ltr"]
    await expect(person.page.locator(".question-text")).to_have_css("direction", "rtl")


async def test_it_moves_less_for_those_who_ask_for_that(slow: Both, tab: Tab) -> None:
    gateway, _ = slow
    person = await tab(gateway.url, reduced_motion="reduce")
    await person.open()
    await person.type("Say words without end.")
    await expect(person.prose).to_contain_text(" ")
    running = await person.page.evaluate(
        "document.getAnimations().filter(one => one.effect.getTiming().iterations > 1).length"
    )
    assert running == 0
    await person.button("Stop").click()
    await person.end()


HOSTILE = {
    "scripts": "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>"
    "<svg onload='window.hit = 1'></svg><iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "links": "[a](javascript:window.hit=1) [b](data:text/html,x) [c](vbscript:x) <javascript:hit> "
    "[d](https://evil.example/?q=secret) https://evil.example/x [e]: https://evil.example\n\n[e]",
    "pictures": "![a](https://evil.example/pixel.png) ![b](data:image/png;base64,AAAA) "
    "![c][d]\n\n[d]: https://evil.example/d.png",
    "forms": "<form action='https://evil.example'><input name=x><button>Send</button></form>"
    "<style>body{display:none}</style><link rel=stylesheet href=//evil.example/x.css>"
    "<meta http-equiv=refresh content='0;url=https://evil.example'><base href='//evil.example/'>",
    "clobbering": "<a id=body name=fetch href=x></a><form id=document></form>",
    "quotes": "> " * 10_000 + "deep\n\n" + "- " * 3_000 + "deep",
    "brackets": "[" * 5_000 + "]" * 5_000 + "(" * 3_000,
    "emphasis": "_a" * 3_000 + "*a**b" * 2_000,
    "control": "a\x00b\x07c\x1b[31m\x7f‮evil‬ \ue0000\ue001 \ue00099\ue001 \ufeffend",
    "formulas": r"$\href{javascript:hit}{x}$ $\includegraphics{https://evil.example/x.png}$ "
    r"$\def\x{\x\x}\x$ $\rule{9999em}{9999em}$",
    "code": "```<img src=x onerror=hit>\n</code></pre><script>window.hit = 1</script>\n```",
    "table": "|" + "a|" * 100 + "\n|" + "-|" * 100 + "\n" + ("|" + "b|" * 100 + "\n") * 30,
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_hostile_answer_is_harmless_text(quick: Both, tab: Tab, kind: str) -> None:
    gateway, engine = quick
    engine.say(HOSTILE[kind])
    person = await tab(gateway.url)
    await person.open()
    await person.ask("?")
    page = person.page
    assert await page.evaluate("window.hit") is None
    prose = person.prose
    forbidden = "script, img, iframe, form, style, link, meta, base, object, embed"
    assert await prose.locator(forbidden).count() == 0
    links = await prose.locator("a[href]").evaluate_all("all => all.map(one => one.href)")
    assert links == [], "no result and no word of the user's leads there"
    attributes = await prose.evaluate(
        "one => [...one.querySelectorAll('*')].flatMap(e => [...e.attributes].map(a => a.name))"
    )
    assert not [name for name in attributes if name.startswith("on") or name in ("id", "name")]
    # The page still works.
    engine.say("Still here.")
    assert await person.ask("And now?") == "Still here."
    assert await page.evaluate("document.querySelectorAll('.turn').length") == 2


async def test_a_link_that_the_gateway_let_through_is_one(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    engine.say(
        (
            "[SEARCH_START] x[SEARCH_END]",
            "See [this](https://example.org/1) or [that](https://example.org/2).",
        )
    )
    gateway.search.enqueue([[passage(1)]])
    person = await tab(gateway.url)
    await person.open()
    await person.ask("?")
    links = person.prose.locator("a[href]")
    await expect(links).to_have_count(1)
    await expect(links).to_have_attribute("href", "https://example.org/1")
    await expect(links).to_have_attribute("rel", re.compile("noopener"))
    await expect(links).to_have_attribute("target", "_blank")


async def test_hostile_results_are_harmless_too(quick: Both, tab: Tab) -> None:
    gateway, engine = quick
    evil = "<img src=x onerror='window.hit=1'>"
    engine.say(("[SEARCH_START] x[SEARCH_END]", "It says so [1]."))
    gateway.search.enqueue(
        [[passage(1, title=evil, text=f"{evil} so", url="javascript:window.hit=1", site=evil)]]
    )
    person = await tab(gateway.url)
    await person.open()
    await person.ask("?")
    await person.answer.locator(".card summary").click()
    await person.answer.locator(".cite-number").hover()
    await expect(person.page.locator(".hover-card .card-title")).to_have_text(evil)
    assert await person.page.locator("img").count() == 0
    assert await person.page.evaluate("window.hit") is None
    assert await person.page.locator("a[href^='javascript']").count() == 0
