# ruff: noqa: SIM905
"""Verbs and small words for sentences about nothing in particular (`training.events`).

Every noun, name and number is drawn at random; only these words come again and again. A share of
the verbs, chosen by hash, is kept for measuring.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from training.names import Names
from training.note_values import CITIES, DAYS, MONTHS, OBJECTS, ROLES, WORDS, word
from training.world import held_out

REGULAR = """
repair paint borrow order deliver open close lock clean carry print sign receive return measure
weigh cook bake plant water visit invite call phone help thank replace move store wrap label test
check review cancel present record design invent discover name collect count describe mention
praise approve reject sponsor rent book reserve park export import translate publish perform
conduct compose host organise join manage own inherit donate restore demolish expand inspect
install remove upgrade charge connect polish sharpen wash iron fold pack lift push pull rescue
photograph paint copy finish start improve destroy protect examine explain offer promise recommend
refuse request save search select ship sort supply support survey trade train transport use watch
admire adopt announce arrange assemble attach auction bless bury claim climb convert damage
decorate defend detect develop divide employ enlarge examine exchange explore finance fund gather
grade guard harvest hire hunt identify introduce launch lease locate mark mend mix modify notice
obtain operate oppose pick place plan polish pour prepare produce promote purchase question raise
reach redesign register release remember rename renovate rescue retire reveal scan seal serve sew
share sketch smuggle solve stamp strengthen suggest surprise tidy touch tow trace treat
trust unpack update varnish welcome
"""
IRREGULAR = """
buy:bought:bought sell:sold:sold lend:lent:lent hide:hid:hidden find:found:found lose:lost:lost
steal:stole:stolen build:built:built break:broke:broken write:wrote:written send:sent:sent
draw:drew:drawn cut:cut:cut feed:fed:fed teach:taught:taught choose:chose:chosen win:won:won
drop:dropped:dropped throw:threw:thrown catch:caught:caught bring:brought:brought take:took:taken
keep:kept:kept leave:left:left show:showed:shown drive:drove:driven lead:led:led run:ran:run
hang:hung:hung dig:dug:dug make:made:made give:gave:given hold:held:held pay:paid:paid
see:saw:seen wear:wore:worn ride:rode:ridden forget:forgot:forgotten plan:planned:planned
ship:shipped:shipped stop:stopped:stopped wrap:wrapped:wrapped scan:scanned:scanned
bind:bound:bound grow:grew:grown sing:sang:sung read:read:read set:set:set meet:met:met
transfer:transferred:transferred
"""
MORE_IRREGULAR = """
begin:began:begun become:became:become come:came:come go:went:gone rise:rose:risen fall:fell:fallen
fight:fought:fought spend:spent:spent speak:spoke:spoken fly:flew:flown sit:sat:sat swim:swam:swum
get:got:got shoot:shot:shot flee:fled:fled withdraw:withdrew:withdrawn beat:beat:beaten put:put:put
overcome:overcame:overcome undergo:underwent:undergone have:had:had know:knew:known
"""
"""What people do, but nobody does to any thing."""
SAME = (
    ("repair", "mend"),
    ("buy", "purchase"),
    ("close", "lock"),
    ("select", "choose", "pick"),
    ("find", "discover", "locate"),
    ("start", "launch"),
    ("improve", "upgrade"),
    ("check", "inspect", "examine"),
    ("photograph", "picture"),
    ("rename", "name"),
    ("restore", "renovate"),
    ("sponsor", "finance", "fund"),
    ("hire", "employ"),
    ("lead", "manage"),
    ("obtain", "receive"),
)
"""Verbs that a question may put for each other."""
JOBS = (
    *ROLES,
    *"""baker teacher driver nurse farmer carpenter lawyer student neighbour captain tailor guard
    postman plumber judge painter clerk mayor butcher barber miller weaver porter waiter""".split(),
)
UNITS = "euros metres minutes kilos hours pages litres degrees steps".split()
ADJECTIVES = """old new small large red blue broken heavy light wooden silver empty full long short
round square cheap rare second third last first dusty wet dry cracked striped folding borrowed
missing official unusual plain green yellow black white brown grey painted early late foreign
""".split()


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb with the forms that sentences need."""

    base: str
    past: str
    done: str  # the participle


def regular(base: str) -> Verb:
    """A verb that takes -ed."""
    if base.endswith("e"):
        past = f"{base}d"
    elif base.endswith("y") and base[-2] not in "aeiou":
        past = f"{base[:-1]}ied"
    else:
        past = f"{base}ed"
    return Verb(base, past, past)


def irregular(rows: str) -> list[Verb]:
    """Verbs from rows of their three forms."""
    return [Verb(*row.split(":")) for row in rows.split()]


def _verbs() -> dict[str, Verb]:
    forms = irregular(IRREGULAR)
    found = {verb.base: verb for verb in map(regular, REGULAR.split())}
    return found | {verb.base: verb for verb in forms}


VERBS = _verbs()
TRAINED = tuple(v for v in VERBS.values() if not held_out(v.base))
HELD = tuple(v for v in VERBS.values() if held_out(v.base))


def other(verb: Verb, rng: Random) -> Verb:
    """A verb that means the same, where there is one in training; else the verb itself."""
    for group in SAME:
        if verb.base in group:
            return VERBS.get(rng.choice(group), verb)
    return verb


class Lexicon:
    """Draws words, names and numbers."""

    def __init__(self, names: Names, rng: Random, test: bool = False) -> None:
        self.names, self.rng, self.test = names, rng, test
        self.verbs = HELD if test else TRAINED

    def verb(self) -> Verb:
        """Any verb."""
        return self.rng.choice(self.verbs)

    def noun(self) -> str:
        """A word in the place of a noun, of one or two words."""
        rng = self.rng
        how = rng.random()
        if how < 0.5:
            return self.names.phrase(rng, self.test, 1)
        if how < 0.65:
            return self.names.phrase(rng, self.test)
        return rng.choice(WORDS) if how < 0.8 else rng.choice(OBJECTS).removesuffix("s")

    def person(self) -> str:
        """A full name, mostly."""
        name = self.names.invent(self.rng, self.test)
        return name if self.rng.random() < 0.85 else name.split()[0]

    def agent(self) -> str:
        """Who does something."""
        how = self.rng.random()
        if how < 0.7:
            return self.person()
        if how < 0.9:
            return f"the {self.rng.choice(JOBS)}"
        return word(self.rng)

    def thing(self) -> str:
        """What something is done to."""
        rng = self.rng
        how = rng.random()
        if how < 0.45:
            return f"the {self.noun()}"
        if how < 0.75:
            return f"the {rng.choice(ADJECTIVES)} {self.noun()}"
        if how < 0.85:
            return f"the {self.noun()} of {word(rng)}"
        return word(rng) if how < 0.93 else f"{rng.randrange(2, 90)} {self.noun()}s"

    def place(self) -> str:
        """Where, with its preposition."""
        rng = self.rng
        how = rng.random()
        if how < 0.55:
            return f"in {rng.choice(CITIES) if rng.random() < 0.5 else word(rng)}"
        if how < 0.85:
            way = rng.choice(("behind", "near", "under", "in", "next to", "outside", "above"))
            return f"{way} the {self.noun()}"
        return rng.choice((f"in room {rng.randrange(1, 400)}", f"at the {rng.choice(JOBS)}'s"))

    def time(self) -> str:
        """When, with its preposition."""
        rng, month = self.rng, self.rng.choice(MONTHS)
        how = rng.random()
        if how < 0.35:
            return f"in {rng.randrange(1700, 2030)}"
        if how < 0.55:
            return f"on {rng.choice(DAYS)}"
        if how < 0.8:
            day = rng.randrange(1, 29)
            return f"on {day} {month}" if rng.random() < 0.5 else f"on {month} {day}"
        return f"in {month}" if how < 0.9 else f"at {rng.randrange(1, 13)} o'clock"

    def value(self) -> str:
        """What a property may be: a number, a code, a name, words."""
        rng, d = self.rng, self.rng.randrange
        kind = d(9)
        if kind < 2:
            return self.person()
        if kind == 2:
            return rng.choice((str(d(2, 90)), str(d(100, 9999)), f"{d(1, 99)},{d(100, 999)}"))
        if kind == 3:
            return f"{d(2, 900)} {rng.choice(UNITS)}"
        if kind == 4:
            code = f"{rng.choice(WORDS)}-{d(10, 999)}"
            return code if rng.random() < 0.5 else f"{word(rng)}{d(9)}"
        if kind == 5:
            day = f"{d(1, 29)} {rng.choice(MONTHS)}"
            return rng.choice((day, rng.choice(DAYS), str(d(1800, 2030))))
        if kind == 6:
            return rng.choice(CITIES) if rng.random() < 0.5 else word(rng)
        return self.names.phrase(rng, self.test, 3) if kind == 7 else f"the {self.noun()}"
