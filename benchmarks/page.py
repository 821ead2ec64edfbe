"""The browser chat's main thread while a long answer streams: `make bench-page`.

A scripted engine says 20,000 tokens of Markdown at 200 a second; a real gateway, a real Chromium.
Of the page's main thread: CPU time per token (the kernel's account of the renderer's first thread,
so that other processes don't count), tasks longer than 50 ms, and the gaps between frames, both
seen by the page itself. To see them it asks for every frame there is; what that alone costs is
measured before the question, on the idle page, and given beside, not taken off.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from model_server.scripted import Answer
from tests.api.stage import Stage

TOKENS, RATE = 20_000, 200
IDLE = 4
"""Seconds: twice that on the idle page, so that its start is over."""
PARTS = (
    "## Section {n}\n\n",
    "This paragraph, number {n}, says *something* with **weight**, `code` and a little more, as "
    "answers do when they go on for long, and it ends here.\n\n",
    "- first of {n}\n- second of {n}, which is longer\n- third\n\n",
    "```python\ndef part_{n}(x: int) -> int:\n    return x + {n}\n```\n\n",
    "| a | b |\n|---|---|\n| {n} | one |\n| {n} | two |\n\n",
    "> Somebody said {n}.\n\n",
)
WATCH = """() => {
  window.gaps = []; window.long = [];
  let last = performance.now();
  const frame = () => { const now = performance.now(); gaps.push(now - last); last = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => long.push(...list.getEntries().map((e) => e.duration)))
    .observe({ type: 'longtask' });
}"""  # noqa: E501


def mixed() -> str:
    """Markdown of every kind."""
    return "".join(part.format(n=n) for n in range(900) for part in PARTS)


UNDER_WAY = "!/^(completed|incomplete)$/.test(document.querySelector('.answer')?.dataset.status)"

SHAPES = {
    "mixed": mixed,
    "one paragraph": lambda: "word " * 24_000,
    "one list": lambda: "".join(f"- item {n} of a *long* list\n" for n in range(4_000)),
    "one table": lambda: (
        "| n | what | and more |\n|---|---|---|\n"
        + "".join(f"| {n} | row *{n}* | and more of it |\n" for n in range(3_000))
    ),
    "one block of code": lambda: (
        "```python\n" + "".join(f"x{n} = {n} + 1\n" for n in range(6_000)) + "```"
    ),
}


async def measured(shape: str, tokens: int) -> dict[str, Any]:
    """What one answer of this shape costs the page."""
    stage = Stage(Path(tempfile.mkdtemp()))
    engine = stage.engine(rate=RATE, context_window=60_000)
    engine.say(Answer((SHAPES[shape](),)))
    gateway = stage.gateway(engine.url, max_tokens=tokens)
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = await browser.new_page(viewport={"width": 1280, "height": 860})
            await page.goto(gateway.url, timeout=180_000)
            await page.evaluate(WATCH)
            await asyncio.sleep(IDLE)
            before = _spent()
            await asyncio.sleep(IDLE)
            watching = (_spent() - before) / IDLE
            await page.evaluate("gaps.length = long.length = 0")
            before = _spent()
            await page.get_by_label("Your question", exact=True).fill("Go on.")
            await page.keyboard.press("Enter")
            async with asyncio.timeout(tokens / RATE + 240):
                while await page.evaluate(UNDER_WAY):  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
            after = _spent()
            gaps = sorted(await page.evaluate("gaps"))
            long = await page.evaluate("long")
            await browser.close()
    finally:
        stage.close()
    return {
        "shape": shape,
        "tokens": tokens,
        "main_thread_us_per_token": round((after - before) / tokens * 1e6, 1),
        "of_it_watching_us": round(watching / RATE * 1e6, 1),
        "frame_gap_ms_p50": round(gaps[len(gaps) // 2], 1),
        "frame_gap_ms_p99": round(gaps[int(len(gaps) * 0.99)], 1),
        "frame_gap_ms_max": round(gaps[-1], 1),
        "tasks_over_50_ms": len(long),
        "longest_task_ms": round(max(long, default=0)),
    }


def _renderers() -> set[int]:
    """Our own processes that render pages; others may look at pages meanwhile."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"--type=renderer" in path.read_bytes() and _ours(int(path.parent.name)):
                found.add(int(path.parent.name))
        except OSError:
            continue  # It ended meanwhile.
    return found


def _ours(pid: int) -> bool:
    while pid not in (0, os.getpid()):
        pid = int(_stat(f"/proc/{pid}/stat")[1])
    return pid != 0


def _spent() -> float:
    """Seconds of CPU that the main threads of our renderers have used."""
    fields = (_stat(f"/proc/{pid}/task/{pid}/stat") for pid in _renderers())
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def _stat(path: str) -> list[str]:
    return Path(path).read_text().rpartition(")")[2].split()


async def main() -> None:
    """Measure the shapes that are named, or all."""
    chosen = sys.argv[2:] or list(SHAPES)
    tokens = int(sys.argv[1]) if len(sys.argv) > 1 else TOKENS
    for shape in chosen:
        print(json.dumps(await measured(shape, tokens)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
