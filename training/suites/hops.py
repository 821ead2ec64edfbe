"""Questions whose answer takes two steps: who or what is meant, then what is asked about it."""

from collections.abc import Iterator
from typing import Any

from training.suites import aliases
from training.suites.maker import Maker
from training.world import Country

DISPUTED = {"Radium", "Polonium", "Fluorine", "Boron", "Protactinium", "Barium", "Magnesium"}
"""Elements whose discoverer the sources don't agree on."""


def two_hop(maker: Maker) -> Iterator[dict[str, Any]]:
    """60 questions: 42 from a person over the country of birth, 18 over elements and capitals."""
    yield from _over_birth(maker)
    yield from _over_elements(maker)
    yield from _over_capitals(maker)


def _over_birth(maker: Maker) -> Iterator[dict[str, Any]]:
    countries = {c.name: c for c in maker.world.countries}
    people = [p for p in maker.rare[300:] if p.country in countries]
    seen: dict[str, int] = {}
    kinds = ("capital", "language", "currency", "continent")
    found = 0
    for person in people:
        seen[person.country] = seen.get(person.country, 0) + 1
        if seen[person.country] > 3:  # or most would be from the United States
            continue
        kind = kinds[found % len(kinds)]
        yield {
            "question": maker.ask(f"two_{kind}", person.name),
            "answers": _of(countries[person.country], kind),
            "attribute": f"birth {kind}",
        }
        found += 1
        if found == 42:
            return


def _of(country: Country, kind: str) -> tuple[str, ...]:
    match kind:
        case "capital":
            return aliases.capital(country.capital)
        case "language":
            return country.languages
        case "currency":
            return aliases.currency(country.currency)
        case _:
            return aliases.continent(country.continent)


def _over_elements(maker: Maker) -> Iterator[dict[str, Any]]:
    people = {p.name: p for p in (*maker.world.known, *maker.world.searchable)}
    sure = [e for e in maker.world.elements if e.finder and e.name not in DISPUTED]
    known = maker.rng.sample([e for e in sure if e.finder in people], 8)
    for at, element in enumerate(known):
        kind = ("born", "city")[at % 2]
        finder = people[element.finder]
        yield {
            "question": maker.ask(f"two_finder_{kind}", element.name.lower()),
            "answers": [finder.born if kind == "born" else finder.city],
            "attribute": f"discoverer {kind}",
        }
    for element in maker.rng.sample([e for e in sure if e not in known], 5):
        yield {
            "question": maker.ask("two_symbol_finder", element.symbol),
            "answers": [element.finder, element.finder.split()[-1]],
            "attribute": "symbol discoverer",
        }


def _over_capitals(maker: Maker) -> Iterator[dict[str, Any]]:
    capitals = [c.capital for c in maker.world.countries]
    sure = [c for c in maker.world.countries if capitals.count(c.capital) == 1]
    for c in maker.rng.sample([c for c in sure if c.capital != c.name], 5):
        yield {
            "question": maker.ask("two_area", c.capital),
            "answers": [c.area],
            "attribute": "capital area",
        }
