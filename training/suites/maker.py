"""Draws the questions of the bundled suite from the world, always the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from training.known import FAMOUS
from training.names import Names
from training.suites import aliases, sources
from training.world import FORBIDDEN, Person, World, the

Row = dict[str, Any]
OBSCURE = 1000
"""From this rank on, people are the encyclopedia's alone, whatever is taught."""
SEED = 20260911


class Maker:
    """Draws the questions, always the same ones."""

    def __init__(self, world: World, names: Names) -> None:
        self.world, self.names, self.rng = world, names, Random(SEED)
        self.wordings = sources.wordings()
        self.turn: dict[str, int] = {}
        self.real = {p.name for p in (*world.known, *world.searchable)}
        rare = [p for p in world.test if p.rank >= OBSCURE and " " in p.name]
        rare = [p for p in rare if p.city != p.country]
        self.rare = self.rng.sample(rare, len(rare))

    def ask(self, kind: str, name: str) -> str:
        """The next wording of a kind; each comes equally often."""
        at = self.turn[kind] = self.turn.get(kind, -1) + 1
        ways = self.wordings[kind]
        text = ways[at % len(ways)].format(n=name)
        return text[:1].upper() + text[1:]

    def person(self, person: Person, attribute: str) -> Row:
        """A question about a person, with its answers."""
        values = {
            "who": aliases.job(person.occupation),
            "job": aliases.job(person.occupation),
            "born": (person.born,),
            "died": (person.died,),
            "city": (person.city,),
            "country": aliases.country(person.country),
        }
        return {
            "question": self.ask(attribute, person.name),
            "answers": values[attribute],
            "attribute": attribute,
            "document": {"title": person.name},
        }

    def known(self) -> Iterator[Row]:
        """Facts that the model is taught: 60 of people, 36 of countries, 26 of elements."""
        rng, world = self.rng, self.world
        chosen = rng.sample(world.known, 60)
        for at, person in enumerate(chosen):
            kinds = ["who", "born", "city", "job", "country", *(["died"] if person.died else [])]
            yield self.person(person, kinds[at % len(kinds)])
        for at, c in enumerate(rng.sample(world.countries, 36)):
            kind, answers = (
                ("capital", aliases.capital(c.capital)),
                ("continent", aliases.continent(c.continent)),
                ("capital", aliases.capital(c.capital)),
                ("language", c.languages),
                ("currency", aliases.currency(c.currency)),
                ("capital_of", aliases.country(c.name)),
            )[at % 6]
            alike = c.capital == c.name or sum(o.capital == c.capital for o in world.countries) > 1
            if kind == "capital_of" and alike:
                kind, answers = "continent", aliases.continent(c.continent)
            subject = c.capital if kind == "capital_of" else the(c.name)
            yield {
                "question": self.ask(kind, subject),
                "answers": answers,
                "attribute": kind,
                "document": {"title": c.name},
            }
        famous = [e for e in world.elements if e.symbol in FAMOUS]
        for at, e in enumerate(rng.sample(famous, 26)):
            kind = ("symbol", "number", "symbol_of")[at % 3]
            value = {"symbol": e.symbol, "number": e.number, "symbol_of": e.name.lower()}[kind]
            subject = e.symbol if kind == "symbol_of" else e.name.lower()
            yield {
                "question": self.ask(kind, subject),
                "answers": aliases.element(value),
                "attribute": kind,
                "document": {"title": e.name},
            }

    def encyclopedia(self) -> Iterator[Row]:
        """Facts that stand in the encyclopedia alone: 104 about people, 16 about other things."""
        for at, person in enumerate(self.rare[:104]):
            kinds = ["who", "born", "city", "born", "city", "job"]
            kinds += ["died"] if person.died else []
            yield self.person(person, kinds[at % len(kinds)])
        for c in self.rng.sample(self.world.countries, 8):
            yield {
                "question": self.ask("area", the(c.name)),
                "answers": [c.area],
                "attribute": "area",
                "document": {"title": c.name},
            }
        for e in self.rng.sample(self.world.elements, 8):
            yield {
                "question": self.ask("mass", e.name.lower()),
                "answers": [e.mass],
                "attribute": "mass",
                "document": {"title": e.name},
            }

    def nobody(self) -> Iterator[Row]:
        """People who never lived (68), and what nobody wrote down about those who did (52)."""
        rng = self.rng
        kinds = ("who", "born", "city", "job", "who", "country", "died")
        for at in range(68):
            kind = kinds[at % len(kinds)]
            manner = "recombined" if at % 5 == 4 else "invented"
            name = f"Orson {FORBIDDEN.title()}" if at < 4 else self.stranger(manner)
            yield {"question": self.ask(kind, name), "answers": [], "attribute": manner}
        people = [*rng.sample(self.world.known, 20), *self.rare[200:222]]
        rng.shuffle(people)
        for person in people:
            yield {
                "question": self.ask("absent", person.name),
                "answers": [],
                "attribute": "absent",
                "document": {"title": person.name},
            }
        for c in rng.sample(self.world.countries, 6):
            question = self.ask("absent_country", the(c.name))
            yield {"question": question, "answers": [], "attribute": "absent"}
        for e in rng.sample(self.world.elements, 4):
            question = self.ask("absent_element", e.name.lower())
            yield {"question": question, "answers": [], "attribute": "absent"}

    def stranger(self, manner: str = "invented") -> str:
        """A name nobody has; `recombined` has the first or last name of somebody famous."""
        rng = self.rng
        while True:
            name = self.names.invent(rng, test=True)
            if manner == "recombined":
                parts = rng.choice([p for p in self.world.known if p.name.count(" ") == 1])
                first, last = parts.name.split()
                name = rng.choice((f"{first} {name.split()[-1]}", f"{name.split()[0]} {last}"))
            if name not in self.real and name.split()[0] != name.split()[-1]:
                return name

    def reading(self) -> Iterator[Row]:
        """The passages, with the names in: a file and a question each."""
        for text in sources.reading():
            named = {slot: self.stranger() for slot in "nom"}

            def put(template: str, named: dict[str, str] = named) -> str:
                for slot, name in named.items():
                    template = template.replace(f"{{{slot}.last}}", name.split()[-1])
                    template = template.replace(f"{{{slot}.first}}", name.split()[0])
                    template = template.replace(f"{{{slot}}}", name)
                return template

            (asked,) = text.questions
            heading = f"# {put(text.title)}\n\n" if text.title else ""
            path = f"reading/clipping-{int(text.path) + 1:02}.md"
            yield {"file": path, "text": f"{heading}{put(text.body)}\n"}
            yield {
                "question": put(asked.question),
                "answers": [put(answer) for answer in asked.answers],
                "attribute": "person" if "{n}" in asked.question else "thing",
                "taught": asked.taught,
                "indexed": True,
            }

    def notes(self) -> Iterator[Row]:
        """The folder of notes and the questions about it."""
        for text in sources.notes():
            yield {"file": f"notes/{text.path}", "text": text.body}
            for asked in text.questions:
                yield {
                    "question": asked.question,
                    "answers": asked.answers,
                    "taught": asked.taught,
                    "attribute": text.path.split("/")[0].removesuffix(".md"),
                    "indexed": True,
                }
