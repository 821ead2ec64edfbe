"""Answers as they are compared: words without case, accents, articles and marks; numbers; dates."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:[.,][0-9]+)*")
_POSSESSIVE = re.compile(r"['’]s\b")
ARTICLES = frozenset(("a", "an", "the"))

_UNITS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SPELLED = {word: value for value, word in enumerate(_UNITS.split())} | {
    word: 10 * value for value, word in enumerate(_TENS.split(), start=2)
}
_SCALES = {"hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_NUMBER = re.compile(
    r"(?<![\w.])(?P<sign>[-−–]\s?)?(?P<figure>\d{1,3}(?:[,   ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s?(?P<scale>hundred|thousand|million|billion|trillion)\b)?(?:st|nd|rd|th)?"
    r"(?:\s?(?P<era>b\.?\s?c\.?e?\.?)(?![a-z]))?(?!\w)",
    re.IGNORECASE,
)
_MONTHS = "january february march april may june july august september october november december"
_MONTH = {name[:size]: at for at, name in enumerate(_MONTHS.split(), 1) for size in (3, len(name))}
_MONTH["sept"] = 9
_NAMED = "|".join(sorted(_MONTH, key=len, reverse=True))
_DATES = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)"),
    re.compile(
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<name>{_NAMED})\.?,?\s+(?P<year>\d{{3,4}})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?P<name>{_NAMED})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{3,4}})",
        re.IGNORECASE,
    ),
    re.compile(rf"(?P<name>{_NAMED})\.?,?\s+(?:of\s+)?(?P<year>\d{{4}})(?!\d)", re.IGNORECASE),
    re.compile(r"(?P<a>\d{1,2})[/.](?P<b>\d{1,2})[/.](?P<year>\d{4})(?!\d)"),
)


@lru_cache(maxsize=100_000)
def words(text: str) -> tuple[str, ...]:
    """The words of a text, folded: `The Café's “Owner”` is `cafe owner`; 1,234 is 1234."""
    text = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", text))
    text = "".join(char for char in text if not unicodedata.combining(char)).casefold()
    found = (word.replace(",", "") for word in _WORD.findall(text))
    kept = tuple(word for word in found if word not in ARTICLES)
    return kept or tuple(_WORD.findall(text))


def normal(text: str) -> str:
    """One form for all ways of writing a short answer."""
    return " ".join(words(text))


def holds(text: tuple[str, ...], wanted: tuple[str, ...]) -> int:
    """The place of `wanted` in `text`, word after word; -1 where it isn't, or is empty."""
    size = len(wanted)
    if not size:
        return -1
    return next((at for at in range(len(text) - size + 1) if text[at : at + size] == wanted), -1)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text; years before Christ are negative."""

    value: float
    decimals: int
    """Figures behind the point: how exactly it was said."""
    significant: int
    """Figures from the first that is not zero."""


@lru_cache(maxsize=100_000)
def numbers(text: str) -> tuple[Number, ...]:
    """The numbers in a text in order: 1,234.5, 3 million, 44 BC, seven, twenty-one."""
    found = [(match.start(), _figure(match)) for match in _NUMBER.finditer(text)]
    taken = [(match.start(), match.end()) for match in _NUMBER.finditer(text)]
    for at, value in _spelled(text):
        if not any(start <= at < end for start, end in taken):
            found.append((at, Number(value, 0, len(str(int(value)).rstrip("0")) or 1)))
    return tuple(number for _, number in sorted(found, key=lambda each: each[0]))


def _figure(match: re.Match[str]) -> Number:
    figure = re.sub(r"[,   ]", "", match["figure"])
    decimals = len(figure.partition(".")[2])
    value = float(figure)
    if match["scale"]:
        value *= _SCALES[match["scale"].lower()]
        decimals = 0
    if match["era"] or (match["sign"] and _is_sign(match)):
        value = -value
    digits = figure.replace(".", "").lstrip("0")
    return Number(value, decimals, max(1, len(digits)))


def _is_sign(match: re.Match[str]) -> bool:
    """Whether the dash belongs to the number; in `1914-1918` and `pages - 12` it does not."""
    before = match.string[: match.start()]
    return not before or (before[-1] in " (=:" and not re.search(r"[\w)]\s*$", before))


def spells_number(text: str) -> bool:
    """Whether a text is a number and at most a unit: `1,234 km`, `seven`, but not `7 Rings`."""
    parts = re.findall(r"[^\W_]+", text)
    figures = [part for part in parts if part[0].isdigit() or _is_figure(part.lower())]
    rest = [part for part in parts if part not in figures and part.lower() not in _AROUND]
    return bool(figures) and len(rest) <= 2 and all(map(str.islower, rest)) and bool(numbers(text))


_AROUND_WORDS = "about around approximately in ca c year ad ce bc bce b and"
_AROUND = frozenset(_AROUND_WORDS.split())


def _is_figure(word: str) -> bool:
    return word in _SPELLED or word in _SCALES


def _spelled(text: str) -> list[tuple[int, float]]:
    """Numbers in words, each with its place: `twenty-one`, `two hundred and five`."""
    found: list[tuple[int, float]] = []
    run: list[str] = []
    start = end = 0
    for match in re.finditer(r"[A-Za-z]+", text):
        word = match[0].lower()
        if word == "and" and run:
            continue
        gap = text[end : match.start()]
        goes_on = run and _is_figure(word) and re.fullmatch(r"[\s-]*(?:and\s+)?", gap)
        if run and not (goes_on and _adds_up(run[-1], word)):
            found.append((start, _total(run)))
            run = []
        if not run:
            if word not in _SPELLED:
                continue
            start = match.start()
        run.append(word)
        end = match.end()
    return [*found, (start, _total(run))] if run else found


def _adds_up(last: str, word: str) -> bool:
    """Whether `word` goes on with the number that `last` ends: not in `five, six`."""
    if word in _SCALES or last in _SCALES:
        return True
    return _SPELLED[last] >= 20 and 0 < _SPELLED[word] < 10


def _total(run: list[str]) -> float:
    total: float = 0
    part: float = 0
    for word in run:
        if word == "hundred":
            part *= 100
        elif word in _SCALES:
            total, part = total + part * _SCALES[word], 0
        else:
            part += _SPELLED[word]
    return total + part


Date = tuple[int, int | None, int | None]
"""Year, month, day."""


@lru_cache(maxsize=100_000)
def dates(text: str) -> tuple[frozenset[Date], ...]:
    """The dates in a text with at least a month; each as its readings: 3/4/1999 has two."""
    found: list[frozenset[Date]] = []
    taken: list[tuple[int, int]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            if readings := _readings(match.groupdict()):
                taken.append(match.span())
                found.append(readings)
    return tuple(found)


def _readings(parts: dict[str, str | None]) -> frozenset[Date]:
    year = int(parts["year"] or 0)
    if "a" in parts:
        first, second = int(parts["a"] or 0), int(parts["b"] or 0)
        both = ((second, first), (first, second))
    else:
        name = parts.get("name")
        month = _MONTH[name.lower()] if name else int(parts["month"] or 0)
        day = parts.get("day")
        if day is None:
            return frozenset({(year, month, None)})
        both = ((month, int(day)),) * 2
    return frozenset((year, m, d) for m, d in both if 1 <= m <= 12 and 1 <= d <= 31)
