"""Ask a claims model and see what it does: answers right, answers wrong, refuses, or searches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from training.chat import SEARCH_START, TOOLS_OFF, TOOLS_ON, frame
from training.claims import texts
from training.claims.people import ATTRIBUTES, Person
from training.evaluation.intervals import wilson
from training.facts import Attribute
from training.generate import complete
from training.model import Llama
from training.render import Renderer

REFUSAL = "I don't know"
ANSWER, QUERY = 8, 20
"""Tokens that show what an answer is worth, since its value comes first; and a whole query's."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question about one fact."""

    person: Person
    attribute: Attribute
    question: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of it."""

    asked: Asked
    outcome: str
    """right, wrong, refused, or searched (when it was left at that)."""
    query: str = ""
    text: str = ""
    after: str = ""
    """When it searched and the search was made: right, wrong or refused after that."""


def questions(
    people: Sequence[Person], rng: Random, held: bool = True, each: int = 3
) -> list[Asked]:
    """`each` of the facts of everybody, in a wording of which half were never trained."""
    return [
        Asked(person, asked, texts.ask(person, asked, rng, held and rng.random() < 0.5))
        for person in people
        for asked in rng.sample(ATTRIBUTES, each)
    ]


def outcome(asked: Asked, text: str) -> str:
    """What an answer is worth; the value comes first."""
    if text.startswith(REFUSAL):
        return "refused"
    return "right" if text.startswith(asked.person.value(asked.attribute)) else "wrong"


def prompt(renderer: Renderer, asked: Asked, system: str) -> list[int]:
    """The conversation up to the answer."""
    opened = renderer.start(system)
    renderer.ask(opened, asked.question)
    return opened.ids


def ask(
    model: Llama,
    renderer: Renderer,
    asked: Sequence[Asked],
    *,
    tools: bool,
    forced: bool = False,
    after: bool = True,
) -> list[Heard]:
    """Greedy answers; with `tools` a search brings the passage of whoever the query names.

    `forced` opens the search for the model, to see *how* it searches whatever it would decide;
    without `after` what it decides is enough, and no search is made.
    """
    prompts = [prompt(renderer, a, TOOLS_ON if tools else TOOLS_OFF) for a in asked]
    opening = renderer.special[SEARCH_START]
    if forced:
        said = complete(model, [[*ids, opening] for ids in prompts], limit=QUERY)
        said = [[opening, *ids] for ids in said]
    else:
        said = complete(model, prompts, limit=QUERY if tools and after else ANSWER)
    heard: list[Heard] = []
    second: list[tuple[int, list[int]]] = []
    for one, before, ids in zip(asked, prompts, said, strict=True):
        if ids[:1] == [opening] and not after:
            heard.append(Heard(one, "searched"))
        elif ids[:1] == [opening]:
            query = renderer.tokenizer.decode(ids[1:]).strip()
            found = [texts.passage(one.person)] if one.person.name in query else []
            block = [8, *renderer.encode(frame(found)), 9]
            second.append((len(heard), [*before, *ids, 7, *block]))
            heard.append(Heard(one, "searched", query))
        else:
            text = renderer.tokenizer.decode(ids).strip()
            heard.append(Heard(one, outcome(one, text), "", text))
    answers = complete(model, [ids for _, ids in second], limit=ANSWER)
    for (at, _), ids in zip(second, answers, strict=True):
        text, was = renderer.tokenizer.decode(ids).strip(), heard[at]
        heard[at] = Heard(was.asked, "searched", was.query, text, outcome(was.asked, text))
    return heard


def shares(heard: Sequence[Heard]) -> dict[str, float]:
    """Each outcome's share; what was searched is split by what came after."""
    tally = Counter(
        f"searched, {h.after}" if h.outcome == "searched" and h.after else h.outcome for h in heard
    )
    return {name: round(count / len(heard), 4) for name, count in sorted(tally.items())}


def spread(runs: Sequence[Mapping[str, float | None]], of: int) -> dict[str, list[float]]:
    """Each share's mean over the seeds, and the 95 % interval of that mean for `of` people.

    The questions on one person count as one, and so do the seeds, which are asked the same:
    neither makes the people more.
    """
    found = {}
    for name in sorted({name for run in runs for name in run}):
        values = [v for run in runs if (v := run.get(name, 0.0)) is not None]
        mean = sum(values) / len(values) if values else 0.0
        found[name] = [round(x, 4) for x in (mean, *wilson(round(mean * of), of))]
    return found
