"""Sentences about people put together from parts: what is told, what stands around it, and how.

A shape of `shapes` is one sentence; these are a few hundred thousand. Every part but the one that
tells may be of words drawn at random, so that reading cannot lean on what stands around. The slots
are those of `shapes`.
"""

from __future__ import annotations

from training import events
from training.lexicon import Lexicon
from training.note_values import WORDS, word

TOLD = """
was born in {y}
was born in {c}
was born in {k}
was born in {c} in {y}
was born in {y} in {c}, {k}
came into the world in {y}
came to life in {c} in {y}
entered this world in {y}
first drew breath in {c}
first opened both eyes in {c} in {y}
saw the light of day in {y}
is a child of {c}
is a son or daughter of {c}
began life in {c}
began life in {y}
started life in {c}, in {k}
comes from {c}
comes from {k}
has roots in {k}
is {c}-born
is {k}-born
traces the family back to {k}
belongs to {k} by birth
was delivered in a kitchen in {c} in {y}
was the first child born in {c} that winter
was baptised in {c} in the year of birth, {y}
has a birth certificate that says {y}
has a passport in which {c} stands as the birthplace
gives {c} as the place of birth
gives {y} as the year of birth
owes the accent to {c}, the birthplace
works as {o}
worked all life long as {o}
is {o}
is {o} by profession
is {o} and nothing else
is employed as {o}
has a name as {o}
has been {o} since school
makes a living as {o}
trained to be {o}
chose to be {o}
turned to the work of {o}
earns money as {o}
is respected as {o}
is remembered as {o}
is listed as {o}
signs letters as "{j}"
died in {d}
died in {e} in {d}
passed away in {d}
was buried in {d}, the year of death
did not live beyond {d}
lived on until {d}
lost the last fight in {d}
closed both eyes for ever in {d}
was born in {y} and died in {d}
was born in {c} and works as {o}
is {o} and was born in {y}
is {o} whose cradle stood in {c}
came from {k} and became {o}
""".strip().splitlines()
"""What may follow a name: facts of the slots."""
NAMED = """
The year of {ns} birth was {y}
The place of {ns} birth was {c}
{ns} cradle stood in {c}
{ns} story begins in {c}
{ns} story begins in {y}
{ns} story ends in {d}
{ns} native land is {k}
{ns} native town is {c}
{ns} trade is that of {o}
{ns} calling was to be {o}
{ns} gravestone bears the year {d}
{ns} papers name {c} as birthplace
{ns} papers name {y} as year of birth
{ns} papers name {k} as home country
The register of {c} has {ns} birth
It was {y} when {n} was born
It was {d} when {n} died
{c} is where {n} was born
{c} is {ns} birthplace
{k} is the country that {n} comes from
{y} is the year in which {n} was born
{d} is the year in which {n} died
Of all places, {n} was born in {c}
People call {n} {o}
Ask for a {j} and they will send you to {n}
The best {j} around is {n}
""".strip().splitlines()
"""Sentences that put the name elsewhere."""
FRONTS = """
According to {m}
As {m} tells it
In the words of {m}
As far as anybody knows
If the files are right
To the surprise of {m}
Like {m}
Unlike {m}
By all accounts
In truth
On paper
For the record
As it happens
Strange to say
It is said that
We read that
{m} wrote that
{m} is sure that
The notes of {m} say that
A letter from {e} says that
Everybody here knows that
It is less known that
One should know that
Note that
""".strip().splitlines()
TAILS = """
, says {m}
, as {m} remembers
, a year of war
, a year of rain
, one of seven children
, the only child of {m}
, under a full moon
, like {m}
, unlike {m}
, not in {e}
, far from {e}
, and not, as some say, in {e}
, though {m} doubts it
, which few people know
, which {m} never forgot
 (so {m})
 (see {m})
 - or so the story goes
 - at least according to {m}
; the rest is unknown
; more is not recorded
; in {z} a book about it came out
""".strip().splitlines()


def _commas(text: str) -> str:
    return text if text.endswith("that") else f"{text},"


def shape(words: Lexicon) -> str:
    """A sentence with slots, as in `shapes`; the words between them are new each time."""
    rng, how = words.rng, words.rng.random()
    if how < 0.25:
        core = rng.choice(NAMED)
        front = f"{_commas(rng.choice(FRONTS))} " if rng.random() < 0.25 else ""
        return _tidy(front + (core if not front else _low(core)) + _tail(words) + ".")
    told = rng.choice(TOLD)
    name = "{n}" + (f", {_about(words)}," if rng.random() < 0.35 else "")
    before = rng.random()
    if before < 0.25:
        text = f"{_commas(rng.choice(FRONTS))} {name} {told}"
    elif before < 0.35:
        verb = words.verb()
        text = f"Before {words.person()} {verb.past} {words.thing()}, {name} {told}"
    elif before < 0.42:
        text = f"Long {words.verb().done} by {words.person()}, {name} {told}"
    elif before < 0.5:
        text = f"{name} {words.verb().past} {words.thing()} and {told}"
    else:
        text = f"{name} {told}"
    return _tidy(text + _tail(words) + ".")


def filler(words: Lexicon) -> str:
    """A sentence about somebody that tells nothing asked, with the slot of the name."""
    rng, verb = words.rng, words.verb()
    place = f" {words.place()}" if rng.random() < 0.4 else ""
    time = f" {words.time()}" if rng.random() < 0.4 else ""
    form = rng.choice(
        (
            "{{n}} {v} {o}{l}{t}.",
            "{{n}} {v} {o}{l}{t} and {v2} {o2}.",
            "{{n}}, {a}, {v} {o}{l}{t}.",
            "In {y} {{n}} {v} {o}{l}.",
            "{{ns}} {w} was {d} by {m}{t}.",
            "{{n}} was {d} by {m}{t}.",
            "{o} was {d} by {{n}}{l}{t}.",
        )
    )
    second = words.verb()
    return _tidy(
        form.format(
            v=verb.past,
            d=verb.done,
            o=words.thing(),
            l=place,
            t=time,
            v2=second.past,
            o2=words.thing(),
            a=_about(words),
            y=rng.randrange(1700, 2030),
            w=words.noun(),
            m=words.person(),
        )
    )


def _about(words: Lexicon) -> str:
    rng = words.rng
    if rng.random() < 0.3:
        return rng.choice(
            (
                f"called {rng.choice(WORDS)} by friends",
                f"a cousin of {words.person()}",
                f"known to few in {word(rng)}",
                "whom nobody expected",
                "as the papers show",
            )
        )
    return events.aside(words)


def _tail(words: Lexicon) -> str:
    rng = words.rng
    how = rng.random()
    if how < 0.6:
        return ""
    if how < 0.85:
        return rng.choice(TAILS)
    verb, start = words.verb(), rng.choice((", where", ", and there", ", while", ", after"))
    return f"{start} {words.person()} {verb.past} {words.thing()}"


def _low(text: str) -> str:
    return text if text.startswith("{") else text[:1].lower() + text[1:]


def _tidy(text: str) -> str:
    return text[:1].upper() + text[1:] if not text.startswith("{") else text
