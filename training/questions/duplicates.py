"""Questions that ask the same, found by their words: only the first of them is kept.

the same words               duplicates; with different answers nobody can answer them, so none
                             of them is kept (two people of one name)
the same answer and names,   near-duplicates: "Where was Ada Brankovic born?" and "In which city
mostly the same words        was Ada Brankovic born?"
the same fact                subject and attribute are equal
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from training.probing.agreement import LITTLE
from training.probing.words import normal, words
from training.records import Question

ALIKE = 0.6
"""Share of the telling words of two questions that both have."""
_NAME = re.compile(r"(?<!^)(?<![.?!]\s)\b(?:[A-Z][\w'’-]*|\d[\d.,]*)")


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is left, and what was not kept."""

    kept: tuple[Question, ...]
    duplicates: int
    ambiguous: int
    """Questions whose answer depends on who asks: asked twice, answered in different ways."""


def sift(questions: Iterable[Question]) -> Sifted:
    """Leave out what was asked before, in order; ids count too."""
    every = list(questions)
    ambiguous = _ambiguous(every)
    kept: list[Question] = []
    seen: set[object] = set()
    alike: dict[tuple[str, frozenset[str]], list[frozenset[str]]] = {}
    duplicates = unclear = 0
    for question in every:
        asked = normal(question.question)
        if asked in ambiguous:
            unclear += 1
            continue
        keys: list[object] = [("id", question.id), ("words", asked)]
        if question.subject and question.attribute:
            keys.append((normal(question.subject), question.attribute))
        if seen.intersection(keys) or _is_near(question, alike):
            duplicates += 1
            continue
        seen.update(keys)
        kept.append(question)
    return Sifted(tuple(kept), duplicates, unclear)


def _ambiguous(questions: Iterable[Question]) -> set[str]:
    answers: dict[str, list[set[str]]] = {}
    for question in questions:
        if question.answers:
            right = {normal(answer) for answer in question.answers}
            answers.setdefault(normal(question.question), []).append(right)
    return {asked for asked, sets in answers.items() if not set.intersection(*sets)}


def _is_near(
    question: Question, alike: dict[tuple[str, frozenset[str]], list[frozenset[str]]]
) -> bool:
    """Whether a question like it was there; it is remembered."""
    if not question.answers or question.source == "template":
        return False
    names = frozenset(normal(name) for name in _NAME.findall(question.question))
    telling = frozenset(words(question.question)) - LITTLE
    same = alike.setdefault((normal(question.answers[0]), names), [])
    for other in same:
        if len(telling & other) >= ALIKE * len(telling | other):
            return True
    same.append(telling)
    return False


class Passages:
    """Passages met so far: one that mostly repeats another is told at once."""

    def __init__(self, run: int = 8, most: float = 0.5) -> None:
        """`run`: words of one shingle; `most`: share of a passage that may have stood elsewhere."""
        self._run, self._most = run, most
        self._seen: set[int] = set()

    def is_new(self, text: str) -> bool:
        """Whether most of `text` stood in no passage before; it is remembered."""
        said = words(text)
        shingles = {
            hash(said[at : at + self._run]) for at in range(max(1, len(said) - self._run + 1))
        }
        repeated = len(shingles & self._seen)
        self._seen |= shingles
        return repeated <= self._most * len(shingles)
