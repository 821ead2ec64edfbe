"""The questions a model is measured with: held-out names, held-out wordings, known answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from training import attributes as a
from training import known as k
from training import notes
from training.chat import TOOLS_OFF, Passage
from training.documents import country_subject, person_subject
from training.facts import Attribute, Subject, capital
from training.items import Item
from training.names import Names, misspell
from training.pages import parsing
from training.pages.drawing import Pages
from training.reading import Library, someone
from training.smalltalk import exchange
from training.unseen import Unseen
from training.wordings import FOLLOW
from training.world import FORBIDDEN, World, the

ASKS = (a.WHO, a.WHO, a.BORN, a.CITY, a.JOB)
Search = Callable[[str], list[Passage]]


def items(
    world: World, names: Names, questions: list[str], rng: Random, count: int
) -> Iterator[Item]:
    """`count` items of every category."""
    yield from nobody()
    noted: set[str] = set()
    facts = k.everything(world)
    library = Library(world.train, names)
    test = world.test
    unseen = Unseen(world, names, rng)
    pages = Pages(parsing.load(), names, world, rng, test=True)
    used = {p.name for p in (*world.known, *world.searchable)}

    def invented() -> str:
        while (name := names.invent(rng, test=True)) in used:
            pass
        return name

    def recombined() -> str:
        full = [p.name.split() for p in world.known if p.name.count(" ") == 1]
        while (name := f"{rng.choice(full)[0]} {rng.choice(full)[1]}") in used:
            pass
        return name

    for _ in range(count):
        f = rng.choice(facts)
        yield Item(
            "known, wording held out",
            "direct",
            f.attribute.question(f.subject, rng, held=True),
            f.value,
        )
        f = rng.choice(facts)
        yield Item(
            "known, wording trained", "direct", f.attribute.question(f.subject, rng), f.value
        )
        f = rng.choice(facts)
        yield Item(
            "known, tools off",
            "direct",
            f.attribute.question(f.subject, rng, held=True),
            f.value,
            system=TOOLS_OFF,
        )

        for category, name in (
            ("invented person", invented()),
            ("real person, held out", rng.choice(test).name),
            ("recombined famous names", recombined()),
            ("misspelt famous name", misspell(rng.choice(world.known).name, rng)),
        ):
            ask = rng.choice(ASKS)
            yield Item(
                f"search: {category}",
                "search",
                ask.question(name, rng, held=rng.random() < 0.5),
                name=name,
            )
        told, left = pages.draw(told=1.0), pages.draw(told=0.0)
        yield Item("read: page by hand", "read", told.question, told.value, passages=told.passages)
        yield Item("no answer: page", "unknown", left.question, passages=left.passages)
        note = notes.subject(names, rng, test=True)
        fact = rng.choice(note.facts)
        yield Item(
            "search: note", "search", fact.attribute.question(note.name, rng), name=note.name
        )
        yield Item("search: general question", "search", rng.choice(questions))
        country = rng.choice(world.countries)
        ask = rng.choice((a.POPULATION, a.LEADER, a.AREA))
        yield Item(
            "search: more about the known",
            "search",
            ask.question(the(country.name), rng, held=bool(ask.held)),
            name=country.name,
        )

        person = rng.choice(test)
        ask, value = rng.choice(
            (
                (a.WHO, person.occupation),
                (a.BORN, person.born),
                (a.CITY, person.city),
                (a.JOB, person.occupation),
            )
        )
        yield Item(
            "read: real person, real index",
            "read",
            ask.question(person.name, rng),
            value,
            person.name,
        )
        yield from reading(
            library, person_subject(someone(invented(), test, rng), rng), rng, "invented person"
        )
        yield from reading(library, note, rng, "note")
        if note.name.lower() not in noted:
            noted.add(note.name.lower())
            yield indexed(note, rng)

        name = invented()
        ask = rng.choice(ASKS)
        subject = person_subject(someone(name, test, rng), rng)
        for shown in ("empty", "others", "missing", "unrelated"):
            attribute = ask if shown != "missing" or ask not in (a.WHO, a.JOB) else a.CITY
            case = library.case(
                subject, rng, wanted=None, attribute=attribute, shown=shown, test=True
            )
            yield Item(
                f"no answer: {shown}",
                "unknown",
                attribute.question(name, rng),
                name=name,
                passages=case.passages,
            )
        if len(note.facts) > 1 or note.missing:
            attribute = rng.choice(note.missing) if note.missing else note.facts[-1].attribute
            case = library.case(
                note,
                rng,
                wanted=None,
                attribute=attribute,
                shown=rng.choice(("others", "missing")),
                test=True,
            )
            yield Item(
                "no answer: note",
                "unknown",
                attribute.question(note.name, rng),
                name=note.name,
                passages=case.passages,
            )
        yield Item(
            "no answer: real index, invented person",
            "unknown",
            rng.choice(ASKS).question(invented(), rng),
        )
        wording = rng.choice(a.PRIVATE).question(person.name, rng)
        yield Item("no answer: real index, fact missing", "unknown", wording, name=person.name)
        yield Item(
            "search failed",
            "unknown",
            ask.question(name, rng),
            name=name,
            failure="Search failed: timed out.",
        )
        yield Item(
            "tools off: invented person",
            "off",
            ask.question(name, rng, held=rng.random() < 0.5),
            system=TOOLS_OFF,
        )
        yield Item(
            "tools off: note", "off", fact.attribute.question(note.name, rng), system=TOOLS_OFF
        )
        said, reply = exchange(rng, held=True)
        yield Item("small talk, held out", "talk", said, reply)
        yield follow(library, person_subject(someone(invented(), test, rng), rng), rng)
        yield from unseen.round()


def nobody() -> Iterator[Item]:
    """Everything one can ask about the person who never lived."""
    name = f"Orson {FORBIDDEN.title()}"
    wellesian = Passage(
        "Orson Welles", "", "Orson Welles was an actor born in the United States.", "encyclopedia"
    )
    for attribute in (a.WHO, a.BORN, a.CITY, a.JOB):
        for wording in dict.fromkeys((*attribute.questions, *attribute.held)):
            question = wording.format(n=name)
            yield Item("nobody: real index", "unknown", question, name=name)
            yield Item("nobody: no results", "unknown", question, name=name, passages=())
            yield Item("nobody: near miss", "unknown", question, name=name, passages=(wellesian,))
            yield Item("nobody: tools off", "off", question, name=name, system=TOOLS_OFF)


def reading(library: Library, subject: Subject, rng: Random, label: str) -> Iterator[Item]:
    """A question whose answer stands in one of the passages shown."""
    fact = rng.choice(subject.facts)
    case = library.case(subject, rng, wanted=fact, attribute=fact.attribute, test=True)
    question = fact.attribute.question(subject.name, rng, held=rng.random() < 0.5)
    source = next(p.text for p in case.passages if fact.sentence in p.text)
    yield Item(
        f"read: {label}",
        "read",
        question,
        fact.value,
        subject.name,
        passages=case.passages,
        source=source,
    )


def indexed(note: Subject, rng: Random) -> Item:
    """A question about a note that lies among the user's files."""
    fact = rng.choice(note.facts)
    question = fact.attribute.question(note.name, rng, held=rng.random() < 0.5)
    file = (capital(note.name), note.text())
    return Item("read: note, real index", "read", question, fact.value, note.name, file=file)


def follow(library: Library, subject: Subject, rng: Random) -> Item:
    """A second question with a pronoun, after an answered first one."""
    first = subject.facts[0]
    fact = rng.choice([f for f in subject.facts if f.attribute in (a.BORN, a.CITY)])
    case = library.case(subject, rng, wanted=fact, attribute=fact.attribute, test=True, most=1)
    wording = rng.choice(FOLLOW[fact.attribute.key]).format(p="she", s="her")
    before = ((a.WHO.question(subject.name, rng), f"{first.sentence[:-1]} [1]."),)
    return Item(
        "follow-up with a pronoun",
        "read",
        wording,
        fact.value,
        subject.name,
        passages=case.passages,
        before=before,
    )


__all__ = ["Attribute", "Item", "country_subject", "items"]
