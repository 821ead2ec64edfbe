"""Sentences about who did what, where and when, with questions about each of these.

Any agent does anything to anything, in one of many orders of words: nothing can be guessed, so the
one way to answer is to find the sentence that shares the question's words and to say it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from training.facts import Attribute, Fact, capital
from training.lexicon import Lexicon, Verb, other

PLAIN = (
    "{s} {v} {o}{tail}.",
    "{s} {v} {o}{tail}.",
    "{front}{s} {v} {o}{tail}.",
    "{front}{o} was {d} by {s}{tail}.",
    "{o} was {d} by {s}{tail}.",
    "{o} was {d}{tail} by {s}.",
    "It was {s} who {v} {o}{tail}.",
    "{s} is the one who {v} {o}{tail}.",
    "What {s} {v}{tail} was {o}.",
    "{s}, {aside}, {v} {o}{tail}.",
    "{front}{s}, {aside}, {v} {o}{tail}.",
    "{s} (and not {m}) {v} {o}{tail}.",
    "{m} says that {s} {v} {o}{tail}.",
    "We were told that {s} {v} {o}{tail}.",
    "According to {m}, {s} {v} {o}{tail}.",
    "{s} {v} {o}{tail}, which pleased {m}.",
    "{s} {v} {o}{tail}, but {m} {v2} {o2}.",
    "While {m} {v2} {o2}, {s} {v} {o}{tail}.",
    "After that {s} {v} {o}{tail}.",
    "Nobody but {s} {v} {o}{tail}.",
    "{s} not only {v} {o}{tail} but also {v2} {o2}.",
    "Having {d2} {o2}, {s} {v} {o}{tail}.",
    "{s} {v} {o}{tail} because {m} had {d2} {o2}.",
    "{s} {v} {o}{tail} and {v2} {o2}.",
    "When {m} {v2} {o2}, it was {s} who {v} {o}{tail}.",
    "There is a note that {s} {v} {o}{tail}.",
    "{o}: {d} by {s}{tail}.",
    "{d} by {s}{tail}: {o}.",
    "{s}: {v} {o}{tail}.",
)
ASKED = {
    "who": (
        "Who {v} {o}{more}?",
        "Who {v} {o}{more}?",
        "By whom was {o} {d}{more}?",
        "Who was it that {v} {o}{more}?",
        "Tell me who {v} {o}{more}.",
        "Who has {d} {o}?",
        "{o} was {d} by whom?",
        "Which person {v} {o}{more}?",
    ),
    "what": (
        "What did {s} {b}{more}?",
        "What did {s} {b}{more}?",
        "What was {d} by {s}{more}?",
        "Tell me what {s} {v}{more}.",
        "Which thing did {s} {b}{more}?",
        "What has {s} {d}?",
    ),
    "where": (
        "Where did {s} {b} {o}?",
        "Where was {o} {d}?",
        "Where was {o} {d} by {s}?",
        "In what place did {s} {b} {o}?",
        "Tell me where {s} {v} {o}.",
    ),
    "when": (
        "When did {s} {b} {o}?",
        "When was {o} {d}?",
        "When was {o} {d} by {s}?",
        "At what time did {s} {b} {o}?",
        "Tell me when {s} {v} {o}.",
        "On what date did {s} {b} {o}?",
    ),
}
UNKNOWN = {
    "who": "who {v} {o}",
    "what": "what {s} {v}",
    "where": "where {s} {v} {o}",
    "when": "when {s} {v} {o}",
}


@dataclass(frozen=True, slots=True)
class Event:
    """What happened; `place` and `time` have their prepositions and may be empty."""

    agent: str
    verb: Verb
    thing: str
    place: str = ""
    time: str = ""


def draw(words: Lexicon, agent: str = "", thing: str = "") -> Event:
    """Anything."""
    rng = words.rng
    return Event(
        agent or words.agent(),
        words.verb(),
        thing or words.thing(),
        words.place() if rng.random() < 0.45 else "",
        words.time() if rng.random() < 0.45 else "",
    )


def _fill(text: str, event: Event, verb: Verb, **more: str) -> str:
    made = text.format(s=event.agent, o=event.thing, b=verb.base, v=verb.past, d=verb.done, **more)
    return capital(" ".join(made.split()))


def tell(event: Event, words: Lexicon) -> str:
    """A sentence that tells it."""
    rng, form = words.rng, words.rng.choice(PLAIN)
    tails = [part for part in (event.place, event.time) if part]
    rng.shuffle(tails)
    front = f"{tails.pop()}, " if "{front}" in form and tails else ""
    tail = "".join(f" {part}" for part in tails)
    second = words.verb()
    return _fill(
        form,
        event,
        event.verb,
        front=front,
        tail=tail,
        m=words.person(),
        v2=second.past,
        d2=second.done,
        o2=words.thing(),
        aside=aside(words),
    )


def aside(words: Lexicon) -> str:
    """Something said of somebody in passing, between commas."""
    rng, verb = words.rng, words.verb()
    return rng.choice(
        (
            f"a friend of {words.person()}",
            f"who {verb.past} {words.thing()}",
            f"who {verb.past} {words.thing()} {words.time()}",
            f"the {words.noun()} of {words.person()}",
            f"long {verb.done} by {words.person()}",
            f"having {verb.done} {words.thing()}",
            f"{rng.randrange(19, 80)} years old",
            f"as {words.person()} remembers",
            f"a {words.noun()} at heart",
            "it seems",
        )
    )


def facts(event: Event, sentence: str, words: Lexicon) -> list[Fact]:
    """What the sentence answers, each with one wording of its question."""
    rng = words.rng
    values = {"who": event.agent, "what": event.thing, "when": event.time}
    values["where"] = event.place.partition(" ")[2]  # without its preposition
    return [
        Fact(attribute(event, role, rng), value, sentence)
        for role, value in values.items()
        if value
    ]


def attribute(event: Event, role: str, rng: Random) -> Attribute:
    """The question about one role of an event, as an attribute of its own."""
    verb = other(event.verb, rng) if rng.random() < 0.25 else event.verb
    adjuncts = [part for part in (event.place, event.time) if part]
    more = f" {rng.choice(adjuncts)}" if adjuncts and rng.random() < 0.3 else ""
    question = _fill(rng.choice(ASKED[role]), event, verb, more=more)
    unknown = _fill(UNKNOWN[role], event, verb)
    key = f"{role}: {event.agent}, {event.verb.base}, {event.thing}"
    place = {"where": f" {event.place}", "when": f" {event.time}"}.get(role, "")
    told = _fill(f"{{s}} {{v}} {{o}}{place}.", event, event.verb)
    return Attribute(key, (question,), (), (), (told,), unknown[:1].lower() + unknown[1:])
