"""Reading drills: pages of random sentences, asked about what one of them says.

They are what the model learns to find and to copy from, whatever the words. A page is about one
thing or about several; the sentences beside the one that answers share its subject, its verb or its
property, so that half a match is no match.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from training import events, properties
from training.facts import Attribute, Fact, Subject, capital
from training.lexicon import Lexicon
from training.names import Names
from training.properties import Property

KIND = "drill"


class Drills:
    """Draws pages."""

    def __init__(self, names: Names, rng: Random, test: bool = False) -> None:
        self.rng, self.words = rng, Lexicon(names, rng, test)

    def subject(self, asked: Attribute | None = None) -> Subject:
        """A page with what it answers and what it leaves open, or one that only looks as if it
        answered what is `asked`."""
        if asked is not None:
            return self.described(properties.named(asked))
        how = self.rng.random()
        if how < 0.45:
            return self.happened()
        if how < 0.53:
            return self.tabled()
        return self.listed() if how < 0.68 else self.described()

    def happened(self) -> Subject:
        """A few events, some with an agent, a verb or a thing in common."""
        rng, words = self.rng, self.words
        found = [events.draw(words)]
        for _ in range(rng.choice((0, 1, 2, 2, 3, 4))):
            last, near = rng.choice(found), rng.random()
            made = events.draw(words, agent=last.agent if near < 0.3 else "")
            if 0.3 <= near < 0.55:
                made = replace(made, thing=last.thing)
            elif 0.55 <= near < 0.75:
                made = replace(made, verb=last.verb)
            found.append(made)
        pairs = {(e.agent, e.verb) for e in found}, {(e.verb, e.thing) for e in found}
        if min(map(len, pairs)) < len(found):
            found = found[:1]  # one question would mean two of them
        lines = [events.tell(event, words) for event in found]
        facts = [
            fact
            for event, line in zip(found, lines, strict=True)
            for fact in events.facts(event, line, words)
        ]
        other = events.draw(words, agent=found[0].agent if rng.random() < 0.5 else "")
        missing = [events.attribute(other, role, rng) for role in ("who", "what")]
        return self._page(found[0].agent, facts, missing, lines)

    def described(self, name: str = "") -> Subject:
        """Properties of a few things, in sentences or lines."""
        rng, words = self.rng, self.words
        first = Property(properties.thing(words), name or words.noun(), words.value())
        found = [first]
        for _ in range(rng.choice((0, 1, 1, 2, 3, 4))):
            same = rng.random()
            thing = first.thing if same < 0.4 else properties.thing(words)
            what = first.name if 0.4 <= same < 0.8 else words.noun()
            found.append(Property(thing, what, words.value()))
        found = list({(p.thing, p.name): p for p in found}.values())
        forms = properties.SENTENCES if rng.random() < 0.7 else (rng.choice(properties.LINES),)
        facts = [p.fact(p.tell(words, rng.choice(forms)), rng) for p in found]
        left = {p.name for p in found if p.thing == first.thing}
        missing = [
            properties.attribute(first.thing, what, rng)
            for what in (words.noun(), *(p.name for p in found))
            if what not in left
        ]
        return self._page(first.thing, facts, missing[:2], [fact.sentence for fact in facts])

    def listed(self) -> Subject:
        """A heading with the properties of one thing under it."""
        rng, words = self.rng, self.words
        thing, form = properties.thing(words), rng.choice(properties.UNDER)
        mark = rng.choice(("", "", "- ", "* "))
        facts = []
        for name in dict.fromkeys(words.noun() for _ in range(rng.randint(2, 6))):
            told = Property(thing, name, words.value())
            facts.append(told.fact(mark + told.tell(words, form), rng))
        missing = [properties.attribute(thing, words.noun(), rng)]
        head = [capital(thing)] if rng.random() < 0.3 else []
        return _made(thing, facts, missing, [*head, *(fact.sentence for fact in facts)])

    def tabled(self) -> Subject:
        """A table with a row for each thing; the row answers for all of its columns."""
        rng, words = self.rng, self.words
        names = list(dict.fromkeys(words.noun() for _ in range(rng.randint(1, 3))))
        things = list(dict.fromkeys(properties.thing(words) for _ in range(rng.randint(2, 5))))
        bar, edge = rng.choice(((" | ", "| {} |"), (" | ", "{}"), ("; ", "{}"), (", ", "- {}")))
        facts, lines = [], [edge.format(bar.join(map(capital, (words.noun(), *names))))]
        for thing in things:
            told = [Property(thing, name, words.value()) for name in names]
            row = edge.format(bar.join((capital(thing), *(each.value for each in told))))
            lines.append(row)
            facts += [each.fact(row, rng) for each in told]
        missing = [properties.attribute(properties.thing(words), names[0], rng)]
        return _made(things[0], facts, missing, lines)

    def _page(
        self, name: str, facts: list[Fact], missing: list[Attribute], lines: list[str]
    ) -> Subject:
        rng = self.rng
        for _ in range(rng.choice((0, 0, 1, 2))):
            between = events.tell(events.draw(self.words), self.words)
            lines.insert(rng.randint(0, len(lines)), between)
        if rng.random() < 0.5:
            rng.shuffle(lines)
        return _made(name, facts, missing, lines)


def _made(name: str, facts: list[Fact], missing: list[Attribute], lines: list[str]) -> Subject:
    told = {fact.attribute.key for fact in facts}
    left = tuple(attribute for attribute in missing if attribute.key not in told)
    return Subject(name, tuple(facts), left, KIND, tuple(lines))
