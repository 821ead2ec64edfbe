"""Notes as people keep them: reminders, forms, several things on one page, words in between.

`notes` says what is true of a thing; this says it in the plain styles of somebody's own files.
A share of the frames is kept out of training (`held_out`).
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from training.facts import Fact, Subject, capital
from training.names import Names
from training.note_values import DAYS, MONTHS
from training.world import held_out

AROUND = """
Note: {t}.
Note that {t}.
Remember: {t}.
Remember that {t}.
Please remember that {t}.
Don't forget: {t}.
Reminder: {t}.
Update: {t}.
News: {t}.
FYI: {t}.
To know: {t}.
Important: {t}.
Just so you know, {t}.
As far as I know, {t}.
As of {month}, {t}.
Since {month}, {t}.
Since last {day}, {t}.
From {day} on, {t}.
On {day} we noted that {t}.
{m} says that {t}.
{m} told us that {t}.
According to {m}, {t}.
Asked {m}: {t}.
For everybody who is new here: {t}.
It was agreed that {t}.
It turns out that {t}.
In case anyone asks, {t}.
For the record, {t}.
{t}, as {m} told us.
{t}, says {m}.
{t} for now.
{t} at the moment.
{t}, as always.
{t}, as before.
{t} (ask {m} if in doubt).
{t} (as of {month}).
{t}, by the way.
{t}, so don't ask again.
{t}, at least until {month}.
{t}!
"""
LAID_OUT = """
- {l}: {v}
* {l}: {v}
• {l}: {v}
- {l} - {v}
1. {l}: {v}
[x] {l}: {v}
| {l} | {v} |
{l} | {v}
{l}: {v}
{l}: {v}.
{l} = {v}
{l} -> {v}
{l} {v}
{l} ({m}): {v}
{l} (new): {v}
{l}, as of {month}: {v}
{l}? {v}.
{l}: {v} (was: {m})
{l}: {v} - {m}
{l} is {v}
"""
"""Lines under a heading, as an index gives Markdown back."""
TOLD = """
{date} {t}.
{date}: {t}.
{date} - {t}
{m}: {t}.
{m} ({day}): {t}
Q: {q} A: {v}
Q: {q} A: {t}.
{q} {v}.
{q} {t}.
- {t}
* {t}.
TODO: {t}
[ ] {t}
Hi all, {t}. Best, {m}
Re: {t}
"""
"""Lines of logs, chats, letters and lists of questions."""
BETWEEN = """
The coffee is better on {day}.
We talked about the weather.
{m} was on holiday in {month}.
Nothing else was said.
More on this in {month}.
The rest stays as it is.
{m} brought cake.
We started late.
Thanks to {m} for the help.
Please keep this page short.
The list is not complete.
This was written on a {day}.
Some of this may change.
Questions go to {m}.
The old page is gone.
It rained all {day}.
See the other page too.
{m} will look into it.
Nobody objected.
We meet again in {month}.
"""


def _split(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    lines = [line for line in text.strip().splitlines() if line]
    return (
        tuple(line for line in lines if not held_out(line, 0.15)),
        tuple(line for line in lines if held_out(line, 0.15)),
    )


FRAMES, FRAMES_HELD = _split(AROUND)
LINKS, LINKS_HELD = _split(BETWEEN)
LINES, SAID = (tuple(text.strip().splitlines()) for text in (LAID_OUT, TOLD))


def inside(sentence: str, name: str) -> str:
    """The sentence as it stands after other words, without its full stop."""
    bare = sentence.rstrip(".!")
    low = name[:1].islower() or not bare.lower().startswith(name.lower())
    names = bare.split(" ", 1)[0]
    keep = names in ("I",) or not low or (names[:1].isupper() and names not in _ORDINARY)
    return bare if keep else bare[:1].lower() + bare[1:]


_ORDINARY = frozenset(
    "The It Its We You For With At In On Ask Bake Cook A An There This Her His She He".split()  # noqa: SIM905
)


class Plain:
    """Retells subjects of `notes` in plain styles."""

    def __init__(self, names: Names, rng: Random, test: bool = False) -> None:
        self.names, self.rng, self.test = names, rng, test

    def _words(self, frame: str, text: str = "") -> str:
        rng = self.rng
        made = frame.format(
            t=text,
            m=self.names.invent(rng, self.test),
            day=rng.choice(DAYS),
            month=rng.choice(MONTHS),
        )
        return capital(made)

    def between(self) -> str:
        """A sentence that says nothing about anything asked."""
        return self._words(self.rng.choice(LINKS_HELD if self.test else LINKS))

    def retold(self, note: Subject) -> Subject:
        """The note in one of the styles; the sentences that answer change with it."""
        style = self.rng.random()
        if style < 0.30:
            return note
        if style < 0.42:
            return self.form(note)
        return self.laid_out(note) if style < 0.72 else self.framed(note)

    def framed(self, note: Subject) -> Subject:
        """Some sentences with words around them, and some words in between."""
        rng = self.rng
        frames = FRAMES_HELD if self.test else FRAMES
        told: dict[str, str] = {}
        for sentence in note.sentences:
            if rng.random() < 0.6:
                told[sentence] = self._words(rng.choice(frames), inside(sentence, note.name))
            else:
                told[sentence] = sentence
        lines = list(told.values())
        for _ in range(rng.choice((0, 1, 1, 2))):
            lines.insert(rng.randint(0, len(lines)), self.between())
        facts = tuple(replace(fact, sentence=told[fact.sentence]) for fact in note.facts)
        return replace(note, facts=facts, lines=tuple(lines))

    def form(self, note: Subject) -> Subject:
        """A heading with lines such as "Deadline: 3 May" under it."""
        rng, facts, lines = self.rng, [], [capital(note.name)] if self.rng.random() < 0.5 else []
        one = rng.random() < 0.3
        for fact in note.facts:
            label = fact.attribute.label
            if not label:
                facts.append(fact)
                lines.append(fact.sentence)
                continue
            value = fact.value
            line = f"{capital(label)}: {value}"
            if one:
                line = f"{capital(note.name)} {label}: {value}"
            facts.append(Fact(fact.attribute, value, line))
            lines.append(line)
        return replace(note, facts=tuple(facts), lines=tuple(lines))

    def laid_out(self, note: Subject) -> Subject:
        """Lines of a list, a table, a log, a chat or questions with their answers."""
        rng = self.rng
        line, told = rng.choice(LINES), rng.choice(SAID)
        both = rng.random()  # one manner for the whole, mostly
        facts = []
        for fact in note.facts:
            label = fact.attribute.label
            under = bool(label) and both < 0.6
            if rng.random() < 0.1:
                line, told = rng.choice(LINES), rng.choice(SAID)
            sentence = (line if under else told).format(
                l=capital(label),
                v=fact.value,
                t=inside(fact.sentence, note.name),
                q=fact.attribute.question(note.name, rng),
                m=self.names.invent(rng, self.test),
                day=rng.choice(DAYS),
                month=rng.choice(MONTHS),
                date=f"20{rng.randrange(15, 27)}-{rng.randrange(1, 13):02}-{rng.randrange(10, 29)}",
            )
            facts.append(replace(fact, sentence=sentence))
        head = [capital(note.name)] if rng.random() < 0.3 else []
        return replace(
            note, facts=tuple(facts), lines=(*head, *dict.fromkeys(f.sentence for f in facts))
        )

    def page(self, note: Subject, others: list[Subject]) -> Subject:
        """Several notes on one page; the facts are those of the first."""
        parts = [note.sentences, *(other.sentences for other in others)]
        self.rng.shuffle(parts)
        return replace(note, lines=tuple(line for part in parts for line in part))
