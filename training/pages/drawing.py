"""A page with its slots filled, a question about it, and what a search brings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from search_adapters import passages
from search_adapters.markdown_text import read_markdown
from training import chat
from training.chat import Passage, Said, Searched, Turn
from training.facts import capital
from training.names import Names
from training.pages.parsing import SLOT, Asked, Page
from training.pages.values import Values
from training.reading import SITES, TITLES, day
from training.wordings import casual
from training.world import World, held_out

HELD = 0.05
"""Share of the pages that no training shows, to measure by."""
SNIPPETS = 0.2
"""Share of the questions for which a search brings single sentences of pages, as engines do."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A page with its slots filled."""

    page: Page
    slots: dict[str, str]

    def said(self, text: str) -> str:
        """A text about the page with the values of its slots."""
        return SLOT.sub(self._value, text)

    def _value(self, found: re.Match[str]) -> str:
        value = self.slots[found[1] + found[2]]
        match found[3]:
            case ".first":
                return value.split()[0]
            case ".last":
                return value.split()[-1]
        return value


@dataclass(frozen=True, slots=True)
class Reading:
    """A question, the passages that a search for it brings, and what to say."""

    question: str
    query: str
    passages: tuple[Passage, ...]
    answer: str
    value: str = ""
    """What the answer must hold; "" where nothing that was found tells it."""

    def turn(self, notice: str = "") -> Turn:
        """It as a turn of a conversation."""
        block = chat.frame(self.passages, 1, notice)
        return Turn(self.question, (Searched(self.query, block), Said(self.answer)))


class Pages:
    """Draws from pages written by hand.

    Args:
        pages: all there are; see `parsing.load`.
        test: draw from those that no training shows, with names that none has.
    """

    def __init__(
        self, pages: Sequence[Page], names: Names, world: World, rng: Random, test: bool = False
    ) -> None:
        self.pages = [page for page in pages if held_out(page.text, HELD) == test]
        self.rng, self.names, self.test = rng, names, test
        people = world.train
        self.values = Values(
            names,
            sorted({person.city for person in people if person.city}),
            sorted({country.name for country in world.countries}),
            sorted({person.occupation for person in people}),
            rng,
            test,
        )

    def draw(self, told: float = 0.9, most: int = 1) -> Reading:
        """A question about some page.

        Args:
            told: share of the questions that are answered by what is found.
            most: other passages beside the page at most.
        """
        page = self.rng.choice(self.pages)
        if self.rng.random() < told:
            return self._told(page, most)
        return self._untold(page, most)

    def fill(self, page: Page) -> Filled:
        """Draw a value for every slot; two of a kind differ, and years come in order of time."""
        slots: dict[str, list[str]] = {}
        order = list(page.alias)
        for kind, number in sorted(
            set(page.slots()), key=lambda s: (order.index(s[0]) if s[0] in order else -1, s)
        ):
            slots.setdefault(page.alias.get(kind, kind), []).append(kind + number)
        drawn: dict[str, str] = {}
        for kind, names in slots.items():
            drawn |= dict(zip(names, self._values(page, kind, len(names)), strict=True))
        return Filled(page, drawn)

    def _values(self, page: Page, kind: str, count: int) -> list[str]:
        if kind in page.lists:
            return self.rng.sample(page.lists[kind], count)
        found: dict[str, None] = {}
        while len(found) < count:
            found[self.values.draw(kind)] = None
        return sorted(found) if kind == "year" else list(found)

    def _told(self, page: Page, most: int) -> Reading:
        rng, filled = self.rng, self.fill(page)
        asked = rng.choice([each for each in page.asked if each.told])
        wording, value = rng.choice(asked.wordings), filled.said(asked.value)
        every = self._passages(filled)
        right = next((each for each in every if _holds(each.text, value)), None)
        if right is None:  # cut in two by the end of a passage
            return self.draw(1.0, most)
        named = [filled.slots[kind + number] for kind, number, _ in SLOT.findall(wording)]
        snippet = _snippet(right, named, value) if rng.random() < SNIPPETS else None
        right = snippet or right
        found = [right]
        for _ in range(rng.randint(0, most)):
            kind = rng.random()
            if kind < 0.3 and len(every) > 1 and not snippet:
                found.append(rng.choice([each for each in every if each is not right]))
            elif kind < 0.6 and (rival := self._rival(filled, wording)):
                found.append(rival)
            else:
                found.append(self._other(page))
        if snippet:
            found[1:] = map(self._short, found[1:])
        rng.shuffle(found)
        answer = chat.cite(capital(filled.said(asked.sentence)), found.index(right) + 1)
        return self._reading(filled, wording, asked, found, answer, value)

    def _untold(self, page: Page, most: int) -> Reading:
        rng, filled = self.rng, self.fill(page)
        left, kind = [each for each in page.asked if not each.told], rng.random()
        if left and kind < 0.5:
            asked = rng.choice(left)
            wording = rng.choice(asked.wordings)
            found = [rng.choice(self._passages(filled))] if rng.random() < 0.8 else []
            answer = capital(filled.said(asked.answer))
        else:
            asked = rng.choice([each for each in page.asked if each.told])
            wording, answer = rng.choice(asked.wordings), chat.SORRY
            if kind < 0.8:
                other = self.lacking(filled, filled.said(asked.value))
            else:
                other = self._rival(filled, wording)
            found = [other] if other else []
        if rng.random() < 0.3 and len(found) <= most:
            found.append(self._other(page))
        if rng.random() < SNIPPETS:
            found = [self._short(each) for each in found]
        rng.shuffle(found)
        return self._reading(filled, wording, asked, found, answer)

    def _reading(
        self,
        filled: Filled,
        wording: str,
        asked: Asked,
        found: list[Passage],
        answer: str,
        value: str = "",
    ) -> Reading:
        question, query = casual(capital(filled.said(wording)), self.rng), filled.said(asked.query)
        if question == question.lower():
            query = query.lower()
        return Reading(question, query, tuple(found), answer, value)

    def _passages(self, filled: Filled) -> list[Passage]:
        """The page as an index keeps it."""
        rng = self.rng
        title, text = (capital(filled.said(part)) for part in (filled.page.title, filled.page.text))
        if rng.random() < 0.8:
            _, text = read_markdown(f"# x\n\n{text}")
        if title and rng.random() < 0.1:
            text = f"{title}\n{text}"
        date = day(rng) if rng.random() < 0.4 else None
        if not title or rng.random() < 0.1:  # whatever a page is called, its text counts
            title = rng.choice((*TITLES, capital(self.names.phrase(rng, self.test))))
        site = rng.choice(SITES)
        # Long passages keep a table and its heading together more often than an index does.
        target = passages.TARGET if rng.random() < 0.7 else 2 * passages.TARGET
        return [Passage(title, "", part, site, date) for part in passages.split(text, target)]

    def lacking(self, filled: Filled, value: str) -> Passage | None:
        """A passage of the page without the sentences that tell a value."""
        passage = self.rng.choice(self._passages(filled))
        lines = [
            " ".join(each for each in passages.sentences(line) if not _holds(each, value))
            for line in passage.text.split("\n")
        ]
        text = "\n".join(line for line in lines if line)
        return replace(passage, text=text) if text and not _holds(text, value) else None

    def _rival(self, filled: Filled, wording: str) -> Passage | None:
        """The page about others, where the question says whom it means."""
        other = self.fill(filled.page)
        if other.said(wording) == filled.said(wording):
            return None
        return self.rng.choice(self._passages(other))

    def _other(self, page: Page) -> Passage:
        """Another page."""
        while (other := self.rng.choice(self.pages)) is page and len(self.pages) > 1:
            pass
        return self.rng.choice(self._passages(self.fill(other)))

    def _short(self, passage: Passage) -> Passage:
        """One sentence of a passage."""
        parts = _sentences(passage)
        return replace(passage, text=self.rng.choice(parts)) if parts else passage


def _sentences(passage: Passage) -> list[str]:
    return [each for line in passage.text.split("\n") for each in passages.sentences(line)]


def _snippet(passage: Passage, named: Sequence[str], value: str) -> Passage | None:
    """The sentence of a passage that holds a value, if it or the title names whom it is about."""
    for sentence in _sentences(passage):
        short = replace(passage, text=sentence)
        told = f"{passage.title} {sentence}".lower()
        if _holds(sentence, value) and all(name.split()[-1].lower() in told for name in named):
            return short
    return None


def _holds(text: str, value: str) -> bool:
    text = " ".join(text.split())
    return re.search(rf"(?<!\w){re.escape(value)}s?(?!\w)", text, re.IGNORECASE) is not None
