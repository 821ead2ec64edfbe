"""Asking a gateway through its public API, as a user's program does: a few questions at a time.

Every reply is written to a journal as it comes, so a run that was cut short goes on where it was.
Questions that failed (the gateway was busy, or gone) are not written, and asked again then.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx2
import msgspec

from training.evaluation.suite import Question
from training.jsonl import Journal, read_if_there

PATIENCE = 300.0
"""Seconds for one answer."""
TRIES = 4
BUSY = (429, 503)


class NoGateway(Exception):
    """There is nobody at the address, or it refuses us; says what it said."""


class Passage(msgspec.Struct, frozen=True):
    """A result that the model was shown."""

    number: int
    title: str
    url: str
    text: str


class Search(msgspec.Struct, frozen=True):
    """One finished search."""

    queries: tuple[str, ...]
    results: tuple[Passage, ...]
    failure: str | None = None


class Reply(msgspec.Struct, frozen=True):
    """What the gateway answered."""

    id: str
    """Of the question."""
    text: str
    searches: tuple[Search, ...] = ()
    cited: tuple[str, ...] = ()
    """Urls, in the order of the text."""
    stray_markers: int = 0
    dropped_citations: int = 0
    generated_tokens: int = 0
    finish_reason: str | None = None

    @property
    def searched(self) -> bool:
        """Whether the model opened a search, finished or not."""
        return bool(self.searches)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All that it was shown."""
        return tuple(passage for search in self.searches for passage in search.results)


@dataclass(frozen=True, slots=True)
class Target:
    """A gateway, and how it is asked."""

    url: str
    name: str
    model: str | None = None
    policy: str | None = None
    max_searches: int | None = None
    api_key: str | None = None
    temperature: float = 0.0


class Asker:
    """Asks one target."""

    def __init__(self, target: Target, concurrency: int = 4) -> None:
        self.target = target
        self.model = target.model or ""
        key = target.api_key or os.environ.get("OPENAI_API_KEY") or "none"
        self._client = httpx2.AsyncClient(
            base_url=target.url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=httpx2.Timeout(10, read=PATIENCE, pool=None),
            trust_env=False,
        )
        self._places = asyncio.Semaphore(concurrency)

    async def __aenter__(self) -> Self:
        """Find out which model is served.

        Raises:
            NoGateway: nobody answers, or not as a gateway does.
        """
        try:
            reply = await self._client.get("/v1/models")
            if reply.status_code != 200:
                raise NoGateway(f"{self.target.url}: {_refusal(reply)}")
            self.model = self.target.model or str(reply.json()["data"][0]["id"])
        except (httpx2.HTTPError, ValueError, LookupError, TypeError) as error:
            await self._client.aclose()
            said = str(error) or repr(error)
            raise NoGateway(f"no gateway answers at {self.target.url}: {said}") from error
        except BaseException:
            await self._client.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def ask(self, question: Question) -> Reply:
        """One answer. A busy gateway is asked again, a little later each time.

        Raises:
            NoGateway: it refused, or went away.
        """
        async with self._places:
            for attempt in range(TRIES):
                try:
                    reply = await self._client.post(
                        "/v1/chat/completions", json=self._body(question)
                    )
                except httpx2.HTTPError as error:
                    if attempt == TRIES - 1:
                        raise NoGateway(f"{self.target.url}: {error or repr(error)}") from error
                else:
                    if reply.status_code == 200:
                        return _reply(question, reply.json())
                    if reply.status_code not in BUSY or attempt == TRIES - 1:
                        raise NoGateway(f"{self.target.url}: {_refusal(reply)}")
                await asyncio.sleep(0.5 * 2**attempt)
        raise AssertionError("the last try returns or raises")

    def _body(self, question: Question) -> dict[str, Any]:
        target = self.target
        before = [{"role": role, "content": text} for role, text in question.before]
        options = {
            "policy": question.policy or target.policy,
            "max_searches": target.max_searches,
        }
        return {
            "model": self.model,
            "messages": [*before, {"role": "user", "content": question.question}],
            "temperature": target.temperature,
            "search": {name: value for name, value in options.items() if value is not None},
        }


async def ask_all(
    asker: Asker,
    questions: Iterable[Question],
    journal: Path,
    seen: Callable[[Question, Reply], None] = lambda question, reply: None,
) -> dict[str, Reply]:
    """The replies by the questions' ids: those that `journal` has, and the rest asked now.

    Raises:
        NoGateway: a question failed. Those before it are in the journal.
        InUse: another run writes the journal.
    """
    done = {reply.id: reply for reply in read_if_there(journal, Reply)}
    found: dict[str, Reply] = {}
    waiting = []
    for question in questions:
        if question.id in done:
            found[question.id] = done[question.id]
            seen(question, done[question.id])
        else:
            waiting.append(question)
    with Journal(journal) as file:

        async def one(question: Question) -> None:
            reply = await asker.ask(question)
            file.append(reply)
            found[question.id] = reply
            seen(question, reply)

        try:
            async with asyncio.TaskGroup() as group:
                for question in waiting:
                    group.create_task(one(question))
        except* NoGateway as failed:
            raise failed.exceptions[0] from None
    return found


def _reply(question: Question, body: dict[str, Any]) -> Reply:
    choice, usage = body["choices"][0], body.get("usage") or {}
    message = choice["message"]
    searches = tuple(
        Search(
            tuple(search.get("queries") or ()),
            tuple(
                Passage(each["number"], each["title"], each["url"] or "", each["text"])
                for each in search.get("results") or ()
            ),
            search.get("failure"),
        )
        for search in body.get("search") or ()
    )
    return Reply(
        question.id,
        message.get("content") or "",
        searches,
        tuple(note["url_citation"]["url"] for note in message.get("annotations") or ()),
        int(usage.get("stray_markers") or 0),
        int(usage.get("dropped_citations") or 0),
        int(usage.get("generated_tokens") or usage.get("completion_tokens") or 0),
        choice.get("finish_reason"),
    )


def _refusal(reply: httpx2.Response) -> str:
    try:
        return str(reply.json()["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return f"it answered {reply.status_code}"
