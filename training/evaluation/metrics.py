"""What is counted over marked answers, whatever the suite: each metric with its interval. Pure.

Shares of one count have Wilson's interval, the others a bootstrap over the questions. A metric that
nothing was asked for is None, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from training.evaluation.intervals import bootstrap, wilson
from training.evaluation.marks import Mark

NOTHING = "no question asks for it"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure, and how sure it is."""

    value: float | None
    low: float | None = None
    high: float | None = None
    good: int | None = None
    """Of a share: how many."""
    of: int = 0
    """How many questions it rests on."""
    reason: str = ""
    """Why there is none."""


def share(good: Iterable[bool]) -> Measure:
    """The share that is true."""
    marks = list(good)
    if not marks:
        return Measure(None, reason=NOTHING)
    count = sum(marks)
    return Measure(count / len(marks), *wilson(count, len(marks)), count, len(marks))


def drawn(marks: Sequence[Mark], statistic: Callable[[Sequence[Mark]], float | None]) -> Measure:
    """Any statistic, with a bootstrapped interval."""
    value = statistic(marks)
    if value is None:
        return Measure(None, reason=NOTHING)
    return Measure(value, *bootstrap(marks, statistic), None, len(marks))


def general(marks: Sequence[Mark]) -> dict[str, Measure]:
    """Every metric that needs no particular suite."""
    return {metric.__name__: metric(marks) for metric in GENERAL}


def correct(marks: Sequence[Mark]) -> Measure:
    """The share of all questions answered rightly (SimpleQA's "correct")."""
    return share(mark.correct for mark in marks if mark.question.answerable)


def incorrect(marks: Sequence[Mark]) -> Measure:
    """The share of all questions answered wrongly (SimpleQA's "incorrect")."""
    return share(mark.grade == "incorrect" for mark in marks if mark.question.answerable)


def not_attempted(marks: Sequence[Mark]) -> Measure:
    """The share of all questions not answered (SimpleQA's "not attempted")."""
    return share(mark.grade == "not_attempted" for mark in marks if mark.question.answerable)


def correct_given_attempted(marks: Sequence[Mark]) -> Measure:
    """Of the answers given, the share that is right."""
    return share(m.correct for m in marks if m.attempted and m.question.answerable)


def f_score(marks: Sequence[Mark]) -> Measure:
    """SimpleQA's F-score: the harmonic mean of `correct` and `correct_given_attempted`."""

    def harmonic(sample: Sequence[Mark]) -> float | None:
        right = sum(mark.correct for mark in sample)
        given = sum(mark.attempted for mark in sample)
        return 2 * right / (len(sample) + given) if sample else None

    return drawn([mark for mark in marks if mark.question.answerable], harmonic)


def hallucination_rate(marks: Sequence[Mark]) -> Measure:
    """The share of all questions to which something wrong was made up.

    A wrong answer that is quoted word for word from a result is beside the point, not made up.
    """
    return share(mark.grade == "incorrect" and not mark.quoted for mark in marks)


def penalised_score(marks: Sequence[Mark]) -> Measure:
    """Right counts 1, not attempted 0, wrong -1: the mean. Guessing at less than even odds costs.

    After Kalai et al. 2025, "Why language models hallucinate", at a stated confidence of one half.
    """
    return _mean(marks, lambda m: 1 if m.correct else -1 if m.attempted else 0)


def false_idk(marks: Sequence[Mark]) -> Measure:
    """Of what the model is to know by heart, the share to which it says that it doesn't know."""
    return share(mark.abstained for mark in marks if mark.question.known)


def over_search(marks: Sequence[Mark]) -> Measure:
    """Of what the model is to know by heart, the share it searched for, free not to."""
    return share(mark.searched for mark in marks if mark.question.known and mark.free)


def under_search(marks: Sequence[Mark]) -> Measure:
    """Of what the model is not to know, the share it did not search for though it could."""
    return share(not mark.searched for mark in marks if mark.question.known is False and mark.free)


def marker_emission(marks: Sequence[Mark]) -> Measure:
    """The share of answers in which the model opened a search span by itself."""
    return share(mark.searched for mark in marks if mark.free)


def stray_markers(marks: Sequence[Mark]) -> Measure:
    """The share of answers with a marker in a place where none belongs."""
    return share(mark.reply.stray_markers > 0 for mark in marks)


def query_quality(marks: Sequence[Mark]) -> Measure:
    """Of the questions with an answer that were searched, the share whose results hold it."""
    return share(m.found for m in marks if m.searched and m.question.answerable)


def grounded_given_found(marks: Sequence[Mark]) -> Measure:
    """Of the answers whose results hold what was asked, the share that is right and cites it."""
    return share(m.correct and m.supporting > 0 for m in marks if m.found)


def abstention_given_not_found(marks: Sequence[Mark]) -> Measure:
    """Of the answers after searches that did not bring what was asked, the share that says so."""
    return share(m.abstained for m in marks if m.searched and not m.found)


def citation_precision(marks: Sequence[Mark]) -> Measure:
    """Of all citations in answers to questions with an answer, the share whose passage holds it."""

    def precision(sample: Sequence[Mark]) -> float | None:
        cited = sum(mark.citations for mark in sample)
        return sum(mark.supporting for mark in sample) / cited if cited else None

    return drawn([m for m in marks if m.question.answerable and m.citations], precision)


def citation_recall(marks: Sequence[Mark]) -> Measure:
    """Of the right answers for which a passage was found, the share that cites such a passage."""
    return share(m.supporting > 0 for m in marks if m.correct and m.found)


def searches_per_answer(marks: Sequence[Mark]) -> Measure:
    """How many searches an answer takes, on average."""
    return _mean([m for m in marks if m.free], lambda m: len(m.reply.searches))


def tokens_per_answer(marks: Sequence[Mark]) -> Measure:
    """How many tokens the model generates for an answer, queries included, on average."""
    return _mean(marks, lambda mark: mark.reply.generated_tokens)


def _mean(marks: Sequence[Mark], of: Callable[[Mark], float]) -> Measure:
    def mean(sample: Sequence[Mark]) -> float | None:
        return sum(map(of, sample)) / len(sample) if sample else None

    return drawn(marks, mean)


GENERAL: tuple[Callable[[Sequence[Mark]], Measure], ...] = (
    *(correct, incorrect, not_attempted, correct_given_attempted, f_score),
    *(
        hallucination_rate,
        penalised_score,
        false_idk,
        over_search,
        under_search,
        marker_emission,
        stray_markers,
    ),
    *(query_quality, grounded_given_found, abstention_given_not_found),
    *(citation_precision, citation_recall, searches_per_answer, tokens_per_answer),
)
