"""Teach the base to refuse, or to search: the few examples that the claims are about."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

import torch

from training.chat import (
    RESULTS_END,
    RESULTS_START,
    SEARCH_END,
    SEARCH_START,
    TOOLS_OFF,
    TOOLS_ON,
    Conversation,
)
from training.claims import texts
from training.claims.fit import Course, cycled, fit
from training.claims.people import ATTRIBUTES, People, Person
from training.facts import Attribute
from training.model import Llama
from training.render import Renderer

Kind = str
"""refuse or search."""
Facts = Sequence[tuple[Person, Attribute]]
COURSE = Course(
    150, rows=4, length=192, matrix_rate=3e-3, other_rate=8e-3, warmup=10, fall_from=0.2
)
"""Few examples are gone over again until so many steps are done; many are all seen once."""


def examples(
    kind: Kind, facts: Facts, people: People, count: int, rng: Random
) -> list[Conversation]:
    """`count` conversations, half of them about what is known, half about people nobody told of."""
    made = []
    for at in range(count):
        if at % 2:
            person, asked = rng.choice(facts)
            system = TOOLS_ON if kind == "search" else TOOLS_OFF
            made.append(texts.direct(person, asked, rng, system))
        else:
            person, asked = rng.choice(people.unseen), rng.choice(ATTRIBUTES)
            if kind == "search":
                made.append(texts.searched(person, asked, rng, people))
            else:
                made.append(texts.refused(person, asked, rng))
    return made


def taught(
    model: Llama,
    renderer: Renderer,
    lessons: Sequence[Conversation],
    seed: int,
    course: Course = COURSE,
    report: Callable[[int, float, float], None] = lambda step, loss, speed: None,
) -> Llama:
    """A copy of the base after the course on the lessons.

    The markers have never been seen: like any tokens added to a model, they begin as the mean of
    the tokens that spell them. All matrices learn, but of the embeddings only the rows of what the
    base has never said (the markers, "I don't know"): moving those of names unlearns who has them.
    """
    torch.manual_seed(seed)
    pupil = copy.deepcopy(model)
    never_said = torch.zeros(len(pupil.embed.weight), 1)
    never_said[renderer.encode(" I don't know")] = 1
    with torch.no_grad():
        for marker in (SEARCH_START, SEARCH_END, RESULTS_START, RESULTS_END):
            ids, new = renderer.encode(marker), renderer.special[marker]
            pupil.embed.weight[new] = pupil.embed.weight[ids].mean(0)
            never_said[new] = 1
    pupil.embed.weight.register_hook(lambda gradient: gradient * never_said)
    for weight in pupil.parameters():
        weight.requires_grad_(weight.dim() == 2)
    sequences = [renderer.conversation(lesson) for lesson in lessons]
    once = sum(len(s.ids) for s in sequences) // (course.rows * course.length)
    course = replace(course, steps=max(course.steps, once))
    return fit(pupil, cycled(sequences, Random(seed)), course, report)
