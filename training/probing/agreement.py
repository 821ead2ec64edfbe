"""Whether samples mean the same, without knowing what is right: groups of one meaning.

Two answers mean the same when, after the words of the question and the little words are taken out,
one says no more than the other ("Paris", "He was born in Paris, France"); when their dates or
numbers agree; or when both say that they don't know. A model that guesses is of many minds.
"""

import math
from collections.abc import Sequence

from training.probing.judging import abstains
from training.probing.words import dates, normal, numbers, words

_LITTLE = """he she it they him her his hers its their was were is are been being be has had have
    do does did in on at of to by for from with as and or that this there who which when where what
    whose how why answer about very also"""
LITTLE = frozenset(_LITTLE.split())


def same(one: str, other: str, question: str = "") -> bool:
    """Whether two answers to a question mean the same, as far as their words tell."""
    if normal(one) == normal(other):
        return True
    if abstains(one) or abstains(other):
        return abstains(one) and abstains(other)
    days, other_days = dates(one), dates(other)
    if days and other_days:
        return bool(days[0] & other_days[0])
    asked = {number.value for number in numbers(question)}
    said = {number.value for number in numbers(one)} - asked
    other_said = {number.value for number in numbers(other)} - asked
    if said and other_said:
        return said <= other_said or other_said <= said
    telling, other_telling = _telling(one, question), _telling(other, question)
    if not telling or not other_telling:
        return False
    return telling <= other_telling or other_telling <= telling


def groups(samples: Sequence[str], question: str = "") -> list[list[int]]:
    """The samples by meaning: places in `samples`, the largest group first.

    A sample joins a group only if it means the same as all in it: a long answer that holds two
    others doesn't make those equal.
    """
    found: list[list[int]] = []
    for at, sample in enumerate(samples):
        for group in found:
            if all(same(samples[member], sample, question) for member in group):
                group.append(at)
                break
        else:
            found.append([at])
    return sorted(found, key=len, reverse=True)


def agreement(found: Sequence[Sequence[int]]) -> float:
    """The share of samples in the largest group; 0 without samples."""
    total = sum(map(len, found))
    return max(map(len, found)) / total if total else 0.0


def entropy(found: Sequence[Sequence[int]]) -> float:
    """Bits of disagreement: 0 when all mean the same, log2 of their number when none do."""
    total = sum(map(len, found))
    shares = [len(group) / total for group in found]
    return -sum(share * math.log2(share) for share in shares) if len(shares) > 1 else 0.0


def _telling(text: str, question: str) -> frozenset[str]:
    return frozenset(words(text)) - frozenset(words(question)) - LITTLE
