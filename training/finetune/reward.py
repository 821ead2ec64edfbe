"""What an answer is worth: right > "I don't know" > wrong, with a small price on each search."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from training.probing.judging import abstains, matches

_CITED = re.compile(r"\s*\[\d{1,3}\](?:\(\S*\))?")


@dataclass(frozen=True, slots=True)
class Prices:
    """The worth of each outcome; a search must cost less than a refusal loses."""

    right: float = 1.0
    refused: float = 0.0
    wrong: float = -1.0
    search: float = 0.05


def outcome(text: str, answers: Iterable[str]) -> str:
    """right, refused or wrong. Where nobody knows the answer, refusing is right."""
    given, said = tuple(answers), _CITED.sub("", text)
    if not given:
        return "right" if abstains(said) else "wrong"
    if matches(said, given) is True:
        return "right"
    return "refused" if abstains(said) else "wrong"


def reward(text: str, answers: Iterable[str], searches: int, prices: Prices) -> float:
    """The outcome's worth less the searches made."""
    worth = {"right": prices.right, "refused": prices.refused, "wrong": prices.wrong}
    return worth[outcome(text, answers)] - prices.search * searches
