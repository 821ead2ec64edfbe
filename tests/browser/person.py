"""Somebody at the page: asks, reads, clicks. And watches that nothing goes wrong behind it."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, expect

expect.set_options(timeout=90_000)


class Person:
    """One tab of a browser."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.trouble: list[str] = []
        """Errors of scripts, breaches of the page's policy, requests to elsewhere."""
        self.expected: tuple[str, ...] = ()
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        page.on("console", lambda said: said.type == "error" and self.trouble.append(said.text))
        page.on("request", lambda request: self._sent(request.url))

    def _sent(self, url: str) -> None:
        if not url.startswith((f"{self.url}/", "blob:")):
            self.trouble.append(f"request to {url}")

    def check(self) -> None:
        """Nothing went wrong that was not meant to."""
        assert [each for each in self.trouble if not any(e in each for e in self.expected)] == []

    async def open(self, path: str = "/") -> None:
        await self.page.goto(f"{self.url}{path}")
        await expect(self.field).to_be_visible()
        # The list is there once the gateway was asked for it.
        await expect(self.page.locator(".entries > *").first).to_be_attached()

    @property
    def field(self) -> Locator:
        return self.page.get_by_label("Your question", exact=True)

    @property
    def answers(self) -> Locator:
        return self.page.locator(".answer")

    @property
    def answer(self) -> Locator:
        return self.answers.last

    @property
    def prose(self) -> Locator:
        return self.answer.locator(".prose")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def type(self, question: str) -> None:
        await self.field.fill(question)
        await self.field.press("Enter")

    async def ask(self, question: str) -> str:
        """Ask, and wait for the end of the answer; what it says."""
        before = await self.answers.count()
        await self.type(question)
        await expect(self.answers).to_have_count(before + 1)
        return await self.end()

    async def end(self) -> str:
        """Wait for the end of the latest answer; what it says, searches and sources left out."""
        await expect(self.answer).to_have_attribute("aria-busy", "false")
        return " ".join(await self.prose.all_inner_texts())

    async def parts(self) -> list[str]:
        """What the latest answer is made of, in order: prose and searches."""
        every = self.answer.locator(".answer-body > *")
        names: list[str] = await every.evaluate_all("all => all.map(one => one.className)")
        return names

    async def eventually(self, condition: str, seconds: float = 90.0) -> Any:
        """Wait until an expression of JavaScript is true of the page. (The page's own policy keeps
        Playwright's `wait_for_function` from evaluating one.)"""
        end = time.monotonic() + seconds
        while not (found := await self.page.evaluate(condition)):
            assert time.monotonic() < end, f"not within {seconds} s: {condition}"
            await asyncio.sleep(0.02)
        return found

    async def axe(self, script: str) -> Sequence[dict[str, Any]]:
        """What axe-core finds wrong with the page as it stands."""
        await self.page.evaluate(script)
        found: dict[str, Any] = await self.page.evaluate(
            "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
            " 'best-practice']})"
        )
        return [
            {"rule": each["id"], "where": [node["target"] for node in each["nodes"]][:4]}
            for each in found["violations"]
        ]


async def opened(context: BrowserContext, url: str) -> Person:
    """A new tab, nothing loaded yet."""
    return Person(await context.new_page(), url)
