"""Whether an answer is right, by its words: aliases, numbers, dates. The rest is open.

right   the answer holds one of the right answers, word for word after folding; or its number,
        or its date, written any way
wrong   it says that it doesn't know, or names another number or date than the right one
open    neither: other words may mean the same. A judge model decides, or it counts as wrong
"""

import re
from collections.abc import Iterable

from training.probing.words import Date, Number, dates, holds, numbers, spells_number, words

_NOT_ABLE = r"(?:do\s*n[o'’]?t|do\s+not|can\s*not|can['’]?t|could\s+not|couldn['’]t)"
_TO_ANSWER = (
    r"(?:know|find|recall|say|tell|determine|be\s+(?:sure|certain)|answer|provide|verify|confirm"
    r"|search)"
)
_ABSTAINS = re.compile(
    rf"""\b(?:
        i \s+ (?:really\s+|honestly\s+|just\s+|still\s+)? {_NOT_ABLE} \s+ {_TO_ANSWER}
      | i(?:\s*['’]m|\s+am) \s+ (?:not\s+(?:sure|certain|aware|familiar)|unsure|uncertain|unable)
      | i \s+ (?:have|found) \s+ (?:no|nothing)
      | (?:no|not\s+enough) \s+ information
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NONE = re.compile(r"\b(?:unknown|not known|unclear|uncertain|no idea|none)\b", re.IGNORECASE)
_FEW = 6
"""An answer of so few words that says "unknown" says nothing else."""
_BEFORE = 4
"""Words before an answer among which a "not" makes it the opposite."""
_NOT = frozenset(("not", "isn", "wasn", "never", "neither", "nor", "except"))
_SYMBOL = re.compile(r"[A-Z][a-z]?")
"""The symbol of an element, which must keep its case: He is helium, he is somebody."""
LEAST_FIGURES = 3
"""A rounded number counts when it keeps this many figures: 1.01 for 1.008, but not 1."""


def abstains(text: str) -> bool:
    """Whether the answer is that one doesn't know."""
    if not text.strip() or _ABSTAINS.search(text):
        return True
    return bool(_NONE.search(text)) and len(text.split()) <= _FEW


def matches(text: str, answers: Iterable[str]) -> bool | None:
    """Whether `text` gives one of `answers`: True, False, or None where words don't settle it."""
    given = [answer for answer in answers if answer.strip()]
    if abstains(text) and not any(abstains(answer) for answer in given):
        return False
    marks = [_match(text, answer) for answer in given]
    if True in marks:
        return True
    return None if None in marks else False


def _match(text: str, answer: str) -> bool | None:
    if wanted := dates(answer):
        return _has_date(text, answer, wanted[0])
    if spells_number(answer):
        return _has_number(text, numbers(answer)[0])
    if _SYMBOL.fullmatch(answer.strip()):
        return bool(re.search(rf"\b{answer.strip()}\b", text)) or None
    said, right = words(text), words(answer)
    at = holds(said, right)
    if at < 0:
        return None
    if _NOT & set(said[max(0, at - _BEFORE) : at]) and not _NOT & set(right):
        return None
    return not _hedges(text, answer)


def _has_date(text: str, answer: str, wanted: frozenset[Date]) -> bool:
    day_wanted = any(day for _, _, day in wanted)
    for said in dates(text):
        if wanted & said:
            return True
        if not day_wanted and {(y, m) for y, m, _ in wanted} & {(y, m) for y, m, _ in said}:
            return True
    return words(text) == words(answer)


def _has_number(text: str, right: Number) -> bool:
    said = numbers(text)
    if not any(equal(right, number) for number in said):
        return False
    return not (len({number.value for number in said}) > 1 and _ALTERNATIVES.search(text))


_ALTERNATIVES = re.compile(r"\b(?:or|either|between)\b", re.IGNORECASE)


def equal(right: Number, said: Number) -> bool:
    """Whether a number is the right one, exactly or rounded to enough figures."""
    if right.value == said.value:
        return True
    if right.decimals and said.decimals and said.significant >= LEAST_FIGURES:
        return round(right.value, said.decimals) == said.value
    return False


def _hedges(text: str, answer: str) -> bool:
    """Whether the answer is offered beside another: `Paris or Lyon`, which is no answer."""
    if re.search(r"\bor\b", answer, re.IGNORECASE):
        return False
    named = r"\W+".join(map(re.escape, re.findall(r"\w+", answer)))
    perhaps = r"(?:(?:maybe|perhaps|possibly|even|the)\W+)*"
    offered = rf"\b{named}\W+or\W+\w|\w\W+or\W+{perhaps}{named}\b"
    return bool(named) and bool(re.search(offered, text, re.IGNORECASE))
