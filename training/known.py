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

    @property
    def key(self) -> tuple[str, str]:
        """What names this fact in the verdicts of a probe."""
        return self.subject, self.attribute.key


def _say(attribute: Attribute, name: str, value: str) -> str:
    """The first telling is the one the model answers with."""
    return capital(attribute.tellings[0].format(n=name, v=value))


def everything(world: World) -> list[Known]:
    """All facts of the known world, each with its canonical answer."""
    found: list[Known] = []
    for p in world.known:
        found.append(Known(p.name, a.WHO, p.occupation, d.defining(p), "person", p.female))
        for attr, value in d.values(p):
            answer = _say(attr, p.name, value)
            if attr is a.JOB:
                answer = d.verb(p, answer)
            found.append(Known(p.name, attr, value, answer, "person", p.female))
    capitals = [c.capital for c in world.countries]
    for c in world.countries:
        name = the(c.name)
        for attr, value in d.country_values(c):
            found.append(Known(name, attr, value, _say(attr, name, value), "country"))
        if capitals.count(c.capital) == 1 and c.capital != c.name:
            found.append(
                Known(
                    c.capital,
                    a.CAPITAL_OF,
                    c.name,
                    _say(a.CAPITAL_OF, c.capital, the(c.name)),
                    "country",
                )
            )
    for e in world.elements:
        name = e.name.lower()
        for attr, value in d.element_values(e):
            found.append(Known(name, attr, value, _say(attr, name, value), "element"))
        found.append(
            Known(e.symbol, a.SYMBOL_OF, name, _say(a.SYMBOL_OF, e.symbol, name), "element")
        )
        found.append(
            Known(e.number, a.NUMBER_OF, name, _say(a.NUMBER_OF, e.number, name), "element")
        )
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
