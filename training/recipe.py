"""What a stage of training reads: the shares of its texts, and a drawer that makes them.

A `Recipe` is plain values, so that worker processes can be given one; `Texts` is what each makes
of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from training import copying, known, names, tokenizer, world
from training.articles import Articles
from training.compose import Composer, Mix
from training.pages import parsing
from training.pages.drawing import Pages
from training.render import Renderer, Sequence
from training.wordings import general_questions


@dataclass(frozen=True, slots=True)
class Recipe:
    """The shares of a stage and the weights of its loss (see `render`)."""

    data: Path
    words: Path  # the vocabulary
    mix: dict[str, Any] = field(default_factory=dict)
    """What differs from `Mix`'s own shares."""
    verdicts: Path | None = None
    """What the probe found; without it everything taught counts as known."""
    copies: float = 0.0
    documents: float = 0.0
    prose: float = 0.0
    """Share of real articles, learnt as they are, so that the language is not forgotten."""
    quiz: float = 0.2
    long: tuple[int, int] = (3, 12)
    """Turns of a long conversation."""
    steady: float = 1.0
    """Share of the long rows that is long conversations."""
    passages: float = 0.0
    reading: float = 3.0
    decision: float = 1.0
    early: int = 0
    """Tokens of the warm-up, with more copying and fewer distractors."""


def unknown(verdicts: Path | None) -> frozenset[tuple[str, str]]:
    """The facts to search for: those whose greedy answer was wrong.

    Facts known unsurely but answered rightly stay: rehearsing them teaches most (Gekhman et al.,
    2024, arXiv 2405.05904).
    """
    if verdicts is None or not verdicts.exists():
        return frozenset()
    rows = json.loads(verdicts.read_text(encoding="utf-8"))
    return frozenset((r["subject"], r["attribute"]) for r in rows if not r["right"])


def composer(
    data: Path, rng: Random, verdicts: Path | None = None, mix: Mix | None = None
) -> Composer:
    """A composer over a data folder."""
    (questions, _), invented = general_questions(data), names.load(data)
    articles = Articles(data, invented, rng) if mix and mix.articles else None
    real = world.load(data)
    pages = Pages(parsing.load(), invented, real, rng) if mix and mix.pages else None
    return Composer(real, invented, questions, rng, mix, unknown(verdicts), articles, pages)


class Texts:
    """Draws the sequences of a recipe, always the same ones for one seed."""

    def __init__(self, recipe: Recipe, rng: Random) -> None:
        self.recipe, self.rng = recipe, rng
        self.composer = composer(recipe.data, rng, recipe.verdicts, Mix(**recipe.mix))
        self.renderer = Renderer(
            tokenizer.load(recipe.words),
            passages=recipe.passages,
            reading=recipe.reading,
            decision=recipe.decision,
        )
        self.warm = False
        self.reach(0)

    def reach(self, tokens: int) -> None:
        """Take the shares for after so many tokens of training."""
        self.warm = tokens < self.recipe.early
        self.composer.mix = replace(Mix(distractors=1) if self.warm else Mix(), **self.recipe.mix)

    def draw(self) -> Sequence:
        """One text or conversation."""
        recipe, rng, renderer = self.recipe, self.rng, self.renderer
        kind, copies = rng.random(), 0.20 if self.warm else recipe.copies
        if kind < copies:
            return renderer.document(copying.document(self.composer.names, rng))
        if kind < copies + recipe.documents:
            told = [known.document(self.composer.world, rng) for _ in range(rng.choice((1, 2)))]
            return renderer.document(" ".join(told))
        if self.composer.articles and kind > 1 - recipe.prose:
            return renderer.document(self.composer.articles.text())
        if rng.random() < recipe.quiz:
            return renderer.conversation(self.composer.quiz())
        return renderer.conversation(self.composer.conversation())

    def draw_long(self) -> Sequence:
        """Mostly a conversation of many turns."""
        if self.rng.random() < self.recipe.steady:
            turns = self.rng.randint(*self.recipe.long)
            return self.renderer.conversation(self.composer.conversation(turns, most=6))
        return self.draw()
