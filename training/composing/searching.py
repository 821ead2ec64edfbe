"""Real searches through a search adapter, each made once and kept, so that a killed run goes on.

A query is not guessed: of the ways to ask for a fact, the first is taught whose results hold the
answer.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from app.chat.ports import Search
from search_adapters.protocol import Passage, Query
from training import jsonl
from training.composing.exchanges import Found
from training.probing.agreement import LITTLE
from training.probing.judging import matches
from training.probing.words import ARTICLES, holds, words
from training.questions.templates import Templates
from training.records import Question

_ASKING = re.compile(
    r"^(?:please\s+)?(?:tell me|name|give me|do you know|(?:in|on|at|by|to|from|of)?\s*"
    r"(?:what|which|who|whom|whose|when|where|why|how(?:\s+(?:many|much|old|long))?))\b",
    re.IGNORECASE,
)
MAX_QUERY_WORDS = 12


class _Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    query: str
    passages: tuple[dict[str, str | None], ...] = ()


class Searches:
    """Makes each search once: what was found is in a journal, failures are tried again."""

    def __init__(self, search: Search, journal: jsonl.Journal, limit: int, at_once: int) -> None:
        self._search, self._journal, self._limit = search, journal, limit
        self._places = asyncio.Semaphore(at_once)
        self._known = {
            kept.query: tuple(Passage(**passage) for passage in kept.passages)  # type: ignore[arg-type]
            for kept in jsonl.read(journal.path, _Kept)
        }
        self._under_way: dict[str, asyncio.Task[Found]] = {}
        self.made = 0
        """Searches made by this run."""
        self.failed = 0

    async def __call__(self, query: str) -> Found:
        """What the query brings."""
        if query in self._known:
            return Found(self._known[query])
        if query not in self._under_way:
            self._under_way[query] = asyncio.create_task(self._make(query))
        return await self._under_way[query]

    async def _make(self, query: str) -> Found:
        async with self._places:
            told = await self._search(Query(query, limit=self._limit))
        self.made += 1
        if told.failure:
            self.failed += 1
            return Found((), told.failure)
        kept = tuple(told.passages[: self._limit])
        self._known[query] = kept
        self._journal.append(_Kept(query, tuple(_fields(passage) for passage in kept)))
        return Found(kept)


def _fields(passage: Passage) -> dict[str, str | None]:
    return {name: getattr(passage, name) for name in ("title", "url", "text", "site", "date")}


def searches_file(out: Path) -> Path:
    """The journal of searches beside the conversations."""
    return out.with_name(f"{out.name}.searches.jsonl")


def queries(question: Question, templates: Templates) -> list[str]:
    """Ways to search for the answer, the shortest first."""
    found = []
    if question.subject and question.attribute:
        found.append(templates.query(question.subject, question.attribute))
    found.append(keywords(question.question))
    found.append(question.question.rstrip("?. "))
    return [query for query in dict.fromkeys(found) if query]


def keywords(question: str) -> str:
    """The telling words of a question, as they are written there."""
    rest = _ASKING.sub("", question.strip())
    kept = [
        word
        for word in re.findall(r"[^\s,;:?!\"“”()]+", rest)
        if (folded := words(word)) and not set(folded) <= LITTLE | ARTICLES and folded != ("s",)
    ]
    return " ".join(kept[:MAX_QUERY_WORDS]).rstrip(".")


def supports(passage: Passage, question: Question) -> bool:
    """Whether a passage answers the question: holds an answer, and is about what is asked."""
    text = f"{passage.title}. {passage.text}"
    if not matches(passage.text, question.answers):
        return False
    said = words(text)
    if question.subject and holds(said, words(question.subject)) >= 0:
        return True
    telling = frozenset(words(question.question)) - LITTLE
    names = frozenset(
        word for name in re.findall(r"(?<!^)\b[A-Z][\w'’-]*", question.question)
        for word in words(name)
    )  # fmt: skip
    if question.subject or (names and not names <= frozenset(said)):
        return False
    return 2 * len(telling & frozenset(said)) >= len(telling)


def mentions(passage: Passage, answers: Iterable[str]) -> bool:
    """Whether an answer stands in the passage in any form, be it about something else."""
    text = f"{passage.title}. {passage.text}"
    return any(
        matches(text, [answer]) or answer.casefold() in text.casefold() for answer in answers
    )


async def look_up(
    question: Question, search: Callable[[str], Awaitable[Found]], templates: Templates
) -> tuple[str, Found, Sequence[Passage]]:
    """The query to teach, what it brings, and the passages among that which hold the answer."""
    first: tuple[str, Found, Sequence[Passage]] | None = None
    for query in queries(question, templates):
        found = await search(query)
        held = [passage for passage in found.passages if supports(passage, question)]
        if held:
            return query, found, held
        first = first or (query, found, ())
    assert first is not None
    return first
