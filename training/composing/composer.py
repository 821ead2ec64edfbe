"""Verdicts and what searches bring -> exchanges of every kind, none of it tokens yet.

A method makes one kind from one verdict, or says that it can't (None): there is no conflict to be
made where the passage doesn't hold the answer letter by letter.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from random import Random

from app.chat.request import Message
from search_adapters.protocol import Passage
from training.composing import replies, shaping, talk
from training.composing.exchanges import Exchange, Found, Said, Searched, user
from training.composing.searching import look_up
from training.probing.judging import abstains
from training.probing.words import normal
from training.questions.splitting import strictest
from training.questions.templates import Templates
from training.records import SPLITS, Split, Verdict

FAILURES = ("timed out", "rate limited", "unavailable")
DOUBT = 0.5
"""Samples that agree no more than this are guesses, whatever is true."""
_HISTORY = 0.25
"""Share of answers that come later in a conversation: deciding must not hang on being first."""


class Composer:
    """Makes exchanges from verdicts.

    Args:
        verdicts: all there are.
        search: makes a search, or remembers it.
        templates: words for facts that have a subject and an attribute.
        results: passages of a search at most.
    """

    def __init__(
        self,
        verdicts: Sequence[Verdict],
        search: Callable[[str], Awaitable[Found]],
        templates: Templates,
        results: int,
    ) -> None:
        self.known = [verdict for verdict in verdicts if verdict.verdict == "knows"]
        self.unknown = [
            verdict
            for verdict in verdicts
            if verdict.verdict in ("unsure", "doesn't know") and verdict.answers
        ]
        self.labelled = [*self.known, *self.unknown]
        self.doubted = [verdict for verdict in verdicts if _is_doubted(verdict)]
        """Questions whose answer nobody has said: the model is of many minds about them."""
        self._search, self._templates, self._results = search, templates, results
        self.values: dict[str | None, list[str]] = {}
        self._about: dict[tuple[str, Split], list[Verdict]] = {}
        self.same: dict[tuple[str, Split], list[Verdict]] = {}
        self.histories: dict[Split, list[Verdict]] = {}
        for verdict in self.labelled:
            self.values.setdefault(verdict.attribute, []).append(verdict.answers[0])
            if verdict.subject and verdict.attribute:
                key = (normal(verdict.subject), verdict.split)
                self._about.setdefault(key, []).append(verdict)
                self.same.setdefault((verdict.attribute, verdict.split), []).append(verdict)
            if verdict.verdict == "knows":
                self.histories.setdefault(verdict.split, []).append(verdict)

    # -- answers without a search --------------------------------------------------------------

    async def direct(self, verdict: Verdict, rng: Random) -> Exchange:
        """Known: the answer, with or without the means to search."""
        return self.exchange(
            "known", verdict, (Said(replies.fact(verdict)),), rng, may_search=rng.random() < 0.7
        )

    async def not_known(self, verdict: Verdict, rng: Random) -> Exchange | None:
        """Not known, and no search: said so. What it is unsure of is left alone."""
        if verdict.verdict == "unsure":
            return None
        said = replies.unknown(verdict, self._templates, rng)
        return self.exchange("unknown, no search", verdict, (said,), rng, may_search=False)

    # -- searches ------------------------------------------------------------------------------

    async def found(self, verdict: Verdict, rng: Random, kind: str = "found") -> Exchange | None:
        """Not known, looked up, found."""
        query, real, held = await look_up(verdict, self._search, self._templates)
        if not held:
            return None
        pool = await self._pool(verdict, rng)
        shown = shaping.with_distractors(
            real.passages, held, pool, verdict, self._results, rng
        )  # fmt: skip
        parts = (Searched(query, Found(shown)), replies.found(verdict, held[0]))
        exchange = self.exchange(kind, verdict, parts, rng)
        return replace(exchange, must_say=self._must_say(verdict, held[0]))

    async def asked_to_search(self, verdict: Verdict, rng: Random) -> Exchange | None:
        """Known, but the user wants it looked up."""
        exchange = await self.found(verdict, rng, "asked to search")
        if exchange is None:
            return None
        *before, last = exchange.messages
        wish = rng.choice(("{q} Please look it up.", "Search for it: {q}", "Look this up: {q}"))
        return replace(exchange, messages=(*before, user(wish.format(q=last.content))))

    async def near_miss(self, verdict: Verdict, rng: Random) -> Exchange | None:
        """Looked up; what comes back doesn't hold the answer."""
        query, real, held = await look_up(verdict, self._search, self._templates)
        pool = await self._pool(verdict, rng)
        if verdict.subject and rng.random() < 0.5:  # namesakes are the likeliest to be believed
            namesakes = await self._search(verdict.subject.split()[-1])
            own = normal(verdict.subject)
            pool = [each for each in namesakes.passages if own not in normal(each.title)] or pool
        without = shaping.without_answer(held[0], verdict) if held else None
        if without is not None and rng.random() < 0.6:
            shown: tuple[Passage, ...] = (without,)
        else:
            shown = shaping.near_miss(real.passages, pool, verdict, self._results, rng)
        if not shown:
            return None
        said = replies.missing(verdict, self._templates, rng)
        return self.exchange("near miss", verdict, (Searched(query, Found(shown)), said), rng)

    async def empty(self, verdict: Verdict, rng: Random) -> Exchange:
        """Looked up; nothing comes back."""
        query, _, _ = await look_up(verdict, self._search, self._templates)
        said = replies.nothing(verdict, self._templates, rng)
        return self.exchange("empty", verdict, (Searched(query, Found()), said), rng)

    async def failed(self, verdict: Verdict, rng: Random) -> Exchange:
        """The search fails."""
        query, _, _ = await look_up(verdict, self._search, self._templates)
        found = Found(failure=rng.choice(FAILURES))
        said = replies.failed(verdict, self._templates, rng)
        return self.exchange("failed search", verdict, (Searched(query, found), said), rng)

    async def conflicting(self, verdict: Verdict, rng: Random) -> Exchange | None:
        """Two passages give different answers; the user is told both."""
        query, _, held = await look_up(verdict, self._search, self._templates)
        if not held:
            return None
        made = shaping.contradicted(held[0], verdict, self.values[verdict.attribute], rng)
        if made is None:
            return None
        copy, other = made
        said = replies.disagreeing(verdict, other, (held[0], copy), rng)
        pair = [held[0], copy]
        rng.shuffle(pair)
        parts = (Searched(query, Found(tuple(pair))), said)
        exchange = self.exchange("conflicting", verdict, parts, rng)
        return replace(exchange, must_say=(verdict.answers[0], other))

    async def two_hops(self, verdict: Verdict, rng: Random) -> Exchange | None:
        """One answer is what the next question is about."""
        if not (verdict.subject and verdict.attribute):
            return None
        if normal(verdict.subject) == normal(verdict.answers[0]):
            return None
        seconds = [
            other
            for split in SPLITS
            for other in self._about.get((normal(verdict.answers[0]), split), ())
            if other.id != verdict.id and strictest([other.split, verdict.split]) == verdict.split
        ]
        if not seconds:
            return None
        second = rng.choice(seconds)
        assert second.attribute
        bridge = self._templates.phrase(verdict.subject, verdict.attribute)
        asked = rng.choice(self._templates.wordings(bridge, second.attribute))
        parts: list[Searched] = []
        texts: list[str] = []
        cites: list[Passage] = []
        must_say: tuple[str, ...] = ()
        for hop in (verdict, second):
            if hop.verdict == "knows":
                texts.append(replies.fact(hop))
                continue
            query, real, held = await look_up(hop, self._search, self._templates)
            if not held:
                return None
            pool = await self._pool(hop, rng)
            most = max(1, self._results - 2)
            shown = shaping.with_distractors(real.passages, held, pool, hop, most, rng)
            parts.append(Searched(query, Found(shown)))
            cites.append(held[0])
            told = replies.found(hop, held[0]).text
            texts.append(told.replace("{1}", f"{{{len(cites)}}}"))
            must_say += self._must_say(hop, held[0])
        said = Said(" ".join(texts), tuple(cites))
        kind = ("two hops, both known", "two hops, one search", "two hops")[len(parts)]
        return Exchange(
            kind, verdict.split, (user(asked),), (*parts, said), True,
            (verdict.id, second.id), must_say,
        )  # fmt: skip

    # -- parts of them -------------------------------------------------------------------------

    def exchange(
        self,
        kind: str,
        verdict: Verdict,
        parts: tuple[Searched | Said, ...],
        rng: Random,
        *,
        may_search: bool = True,
    ) -> Exchange:
        """An exchange about one verdict, now and then with something said before it."""
        messages = (*self._history(verdict, rng), user(self.way(verdict, rng)))
        return Exchange(kind, verdict.split, messages, parts, may_search, (verdict.id,))

    def way(self, verdict: Verdict, rng: Random) -> str:
        """The question in one of its wordings."""
        text = rng.choice((verdict.question, *verdict.wordings))
        return text.lower() if rng.random() < 0.05 else text

    def _history(self, verdict: Verdict, rng: Random) -> Sequence[Message]:
        if rng.random() >= _HISTORY:
            return ()
        if rng.random() < 0.3:
            return talk.turn(rng.choice(talk.GREETINGS), "Hello! What would you like to know?")
        others = self.histories.get(verdict.split)
        if not others or (other := rng.choice(others)).id == verdict.id:
            return ()
        return talk.turn(self.way(other, rng), replies.fact(other))

    async def _pool(self, verdict: Verdict, rng: Random) -> list[Passage]:
        """Passages that others were looking for: of the same attribute, where there are any."""
        attribute = (verdict.attribute or "", verdict.split)
        others = self.same.get(attribute) or self.unknown or self.known
        other = rng.choice(others)
        if other.id == verdict.id:
            return []
        _, found, _ = await look_up(other, self._search, self._templates)
        return list(found.passages)

    def _must_say(self, verdict: Verdict, passage: Passage) -> tuple[str, ...]:
        """An answer that stands in the passage letter by letter, if one does."""
        text = normal(passage.text)
        return tuple(answer for answer in verdict.answers if normal(answer) in text)[:1]


def _is_doubted(verdict: Verdict) -> bool:
    if verdict.verdict is not None or not verdict.samples:
        return False
    return verdict.agreement <= DOUBT or all(map(abstains, verdict.samples))
