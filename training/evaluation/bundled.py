"""The twelve figures of the bundled suite, and what each must reach. Pure.

All through the running gateway, greedy, on wordings that no training text has; subjects that only
the encyclopedia has, invented names and the passages' names were held out from training.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from training.evaluation.marks import Mark
from training.evaluation.metrics import Measure, share


def of_kind(marks: Sequence[Mark], kind: str) -> list[Mark]:
    """The marks of one kind of question."""
    return [mark for mark in marks if mark.question.kind == kind]


def known_correct(marks: Sequence[Mark]) -> Measure:
    """Known facts: the share answered rightly without a search."""
    return share(m.correct and not m.searched for m in of_kind(marks, "known"))


def over_search(marks: Sequence[Mark]) -> Measure:
    """Known facts: the share that was searched for."""
    return share(m.searched for m in of_kind(marks, "known"))


def search_rate_unknown(marks: Sequence[Mark]) -> Measure:
    """Facts that only the encyclopedia has: the share that was searched for."""
    return share(m.searched for m in of_kind(marks, "encyclopedia"))


def query_hit(marks: Sequence[Mark]) -> Measure:
    """Facts that only the encyclopedia has: of those searched for, the share whose results have the
    passage that holds the answer, from the article on the subject."""
    return share(m.found for m in of_kind(marks, "encyclopedia") if m.searched)


def encyclopedia_correct(marks: Sequence[Mark]) -> Measure:
    """Facts that only the encyclopedia has: the share of all that is right and cites the passage
    that holds the answer, from the article on the subject."""
    return share(m.correct and m.supporting > 0 for m in of_kind(marks, "encyclopedia"))


def nobody_idk(marks: Sequence[Mark]) -> Measure:
    """People who never lived, and what nobody wrote down about those who did: the share whose
    answer ends in "I don't know"."""
    return share(m.abstained for m in of_kind(marks, "nobody"))


def invented(marks: Sequence[Mark]) -> Measure:
    """The same questions: the share to which something was made up, that is neither "I don't know"
    nor a sentence that stands word for word in a result (which is beside the point, and counts
    against `nobody_idk` alone)."""
    return share(m.grade == "incorrect" and not m.quoted for m in of_kind(marks, "nobody"))


def idk_without_search(marks: Sequence[Mark]) -> Measure:
    """With search off, people who never lived and those only the encyclopedia has: the share whose
    answer is "I don't know"."""
    return share(m.abstained for m in of_kind(marks, "unknown_off"))


def false_idk(marks: Sequence[Mark]) -> Measure:
    """With search off, known facts: the share whose answer is "I don't know"."""
    return share(m.abstained for m in of_kind(marks, "known_off"))


def reading_unseen(marks: Sequence[Mark]) -> Measure:
    """Questions about newly indexed passages in sentences, and with names, that training never had:
    the share answered rightly. They are of kinds that the model is taught; others are
    `reading_other` among the report's kinds."""
    return share(m.correct for m in of_kind(marks, "reading"))


def two_hop(marks: Sequence[Mark]) -> Measure:
    """Questions of two steps (the capital of the country where somebody was born): the share
    answered rightly."""
    return share(m.correct for m in of_kind(marks, "two_hop"))


def own_notes(marks: Sequence[Mark]) -> Measure:
    """Questions about a newly indexed folder of plain notes by several hands: the share answered
    rightly. They are of kinds that the model is taught; others are `own_notes_other`."""
    return share(m.correct for m in of_kind(marks, "own_notes"))


BUNDLED: tuple[Callable[[Sequence[Mark]], Measure], ...] = (
    *(known_correct, over_search, search_rate_unknown, query_hit, encyclopedia_correct),
    *(nobody_idk, invented, idk_without_search, false_idk),
    *(reading_unseen, two_hop, own_notes),
)
AT_LEAST = {
    "known_correct": 0.90,
    "search_rate_unknown": 0.95,
    "query_hit": 0.90,
    "encyclopedia_correct": 0.85,
    "nobody_idk": 0.95,
    "idk_without_search": 0.90,
    "reading_unseen": 0.75,
    "two_hop": 0.60,
    "own_notes": 0.70,
}
AT_MOST = {"over_search": 0.10, "invented": 0.02, "false_idk": 0.05}
INDEXED = ("reading_unseen", "own_notes")
"""Figures that need documents in the gateway's index."""


def target(name: str) -> tuple[str, float]:
    """What a figure is to reach: the sign and the share."""
    return ("≥", AT_LEAST[name]) if name in AT_LEAST else ("≤", AT_MOST[name])


def reached(name: str, value: float) -> bool:
    """Whether it does."""
    sign, wanted = target(name)
    return value >= wanted if sign == "≥" else value <= wanted


def figures(marks: Sequence[Mark], unseen: str = "") -> dict[str, Measure]:
    """All twelve; `unseen` is why the gateway did not have the suite's documents."""
    found = {metric.__name__: metric(marks) for metric in BUNDLED}
    if unseen:
        found |= {name: Measure(None, reason=unseen) for name in INDEXED}
    return found
