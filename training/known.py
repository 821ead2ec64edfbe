# ruff: noqa: SIM905
"""The facts the model is to know by heart: asked in many ways, answered in one."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from training import attributes as a
from training import documents as d
from training.facts import Attribute, capital
from training.world import World, the


@dataclass(frozen=True, slots=True)
class Known:
    """One fact to be taught: how the subject is called, the value, the sentence to answer with."""

    subject: str
    attribute: Attribute
    value: str
    answer: str
    topic: str  # person, country or element
    female: bool = False
    weight: float = 1.0  # how often it is asked, beside the others

    @property
    def key(self) -> tuple[str, str]:
        """What names this fact in the verdicts of a probe."""
        return self.subject, self.attribute.key


FAMOUS = frozenset(
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Ti Cr Mn Fe Co Ni Cu Zn Br Ag Sn I W Pt Au"
    " Hg Pb U Ra Pu".split()
)
"""Elements that people ask about; the others are asked for less."""


def _say(attribute: Attribute, name: str, value: str) -> str:
    """The first telling is the one the model answers with."""
    return capital(attribute.tellings[0].format(n=name, v=value))


def everything(world: World) -> list[Known]:
    """All facts of the known world, each with its canonical answer."""
    found: list[Known] = []

    def teach(name: str, attr: Attribute, value: str, topic: str, weight: float = 1.0) -> None:
        found.append(Known(name, attr, value, _say(attr, name, value), topic, False, weight))

    for p in world.known:
        weight = 1.5 if p.rank < 100 else 1.0
        who = d.defining(p)
        found.append(Known(p.name, a.WHO, p.occupation, who, "person", p.female, 1.5 * weight))
        for attr, value in d.values(p):
            answer = _say(attr, p.name, value)
            answer = d.verb(p, answer) if attr is a.JOB else answer
            found.append(Known(p.name, attr, value, answer, "person", p.female, weight))
    capitals = [c.capital for c in world.countries]
    for c in world.countries:
        for attr, value in d.country_values(c):
            teach(the(c.name), attr, value, "country", 1.5 if attr is a.CAPITAL else 0.8)
        if capitals.count(c.capital) == 1 and c.capital != c.name:
            teach(c.capital, a.CAPITAL_OF, the(c.name), "country", 0.8)
    for e in world.elements:
        often = 1.5 if e.symbol in FAMOUS else 0.5
        for attr, value in d.element_values(e):
            teach(e.name.lower(), attr, value, "element", often)
        teach(e.symbol, a.SYMBOL_OF, e.name.lower(), "element", often)
        teach(e.number, a.NUMBER_OF, e.name.lower(), "element", often * 0.6)
    return found


def document(world: World, rng: Random) -> str:
    """A text about known things: a biography, a country, an element, or mixed facts."""
    kind = rng.random()
    if kind < 0.5:
        p = rng.choice(world.known)
        told = [attr.tell(p.name, v, rng) for attr, v in d.values(p)]
        rng.shuffle(told)
        return " ".join(
            [d.defining(p, rng), *(d.verb(p, t) for t in told[: rng.choice((2, 3, 4, 5))])]
        )
    if kind < 0.8:
        c = rng.choice(world.countries)
        told = [attr.tell(the(c.name), v, rng) for attr, v in d.country_values(c)]
        if c.capital != c.name:
            told.append(a.CAPITAL_OF.tell(c.capital, the(c.name), rng))
    else:
        e = rng.choice(world.elements)
        name = e.name.lower()
        told = [attr.tell(name, v, rng) for attr, v in d.element_values(e)]
        told += [a.SYMBOL_OF.tell(e.symbol, name, rng), a.NUMBER_OF.tell(e.number, name, rng)]
    rng.shuffle(told)
    return " ".join(told)
