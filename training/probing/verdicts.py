"""What was answered to one question -> its verdict. Pure."""

from collections.abc import Sequence

import msgspec

from training.probing.agreement import agreement, entropy
from training.records import KnowsOrNot, Question, Verdict


def known(greedy_right: bool, right: Sequence[bool]) -> KnowsOrNot:
    """knows: all right; doesn't know: none is; unsure: some are."""
    if greedy_right and all(right):
        return "knows"
    return "unsure" if greedy_right or any(right) else "doesn't know"


def verdict(
    question: Question,
    greedy: str,
    samples: Sequence[str],
    marks: Sequence[bool] | None,
    groups: Sequence[Sequence[int]],
) -> Verdict:
    """The verdict on a question.

    Args:
        question: what was asked.
        greedy: the answer at temperature 0.
        samples: the sampled answers.
        marks: whether the greedy answer and each sample is right; None where nobody has said what
            is.
        groups: the samples by meaning.
    """
    fields = {name: getattr(question, name) for name in Question.__struct_fields__}
    told = (
        {"verdict": None, "greedy_right": None, "right": None}
        if marks is None
        else {
            "verdict": known(marks[0], marks[1:]),
            "greedy_right": marks[0],
            "right": tuple(marks[1:]),
        }
    )
    return msgspec.convert(
        {
            **fields,
            **told,
            "greedy": greedy,
            "samples": tuple(samples),
            "agreement": round(agreement(groups), 4),
            "entropy": round(entropy(groups), 4),
        },
        Verdict,
    )
