"""Which passages answer a query: by what share of it they cover, and whose title it names.

BM25 alone puts a passage that repeats one rare word above the article the query names. So it only
brings candidates, and these are ordered by shares of the query's weight, each word weighing what
its rarity says:

    score = covered share  +  title share * named part of the title  +  1 if the query holds the
            whole title  +  a little for the words' being in the text and at its beginning

Shares don't depend on the size of an index, so hits of several indexes are ordered together.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from search_adapters.local_index import Hit
from search_adapters.terms import WEIGHT_OF_WEAK, Terms

FLOOR = 0.5
"""A passage that covers less of what the query is about is about something else: of two equally
rare words one isn't enough, so a namesake is not taken for the person."""
BESIDE_BEST = 0.75
"""Nor is it kept beside one that covers much more: a small model mixes Pierre up with Marie."""
NAME = 3
"""Words that a name has at most. The floors are for names: a longer query is a sentence, whose
every word nobody's text holds, and they sink with its length."""
LOWEST, LOWEST_BESIDE = 0.25, 0.4
"""They sink no further."""
TELLING_TITLE = 0.35
"""A title must carry this share of what the query is about for its being named to count."""
PER_DOCUMENT = 3
"""Most passages of one document: a second opinion is worth more than a fourth page."""


COMMON = 0.2
"""A word in more than this share of all passages tells none of them from another."""
BUDGET = 3_000
"""Passages that are scored for one query: SQLite takes two or three microseconds for each."""
_FEW = 100
"""In an index smaller than this no word can be called common."""


@dataclass(frozen=True, slots=True)
class Match:
    """Which passages are candidates."""

    any_of: tuple[str, ...]
    all_of: tuple[str, ...] = ()
    """Words that are too frequent to fetch each by itself: passages that hold all of them."""
    in_titles: bool = False
    """Only titles are looked at."""


def worth_matching(terms: Terms, frequencies: Mapping[str, int], passages: int) -> Match:
    """The words to fetch candidates by: the rarest, as many as cost no more than `BUDGET` allows.

    Common words are left to the ranking, where they cost nothing: fetching by them means reading
    the whole index. If only relations and common words are left ("where was he born"), the one
    thing the query can still be is the title of something.
    """
    most = passages * COMMON if passages >= _FEW else passages
    held = {word: frequencies.get(word, 0) for word in terms.all}
    rare = [word for word in terms.all if held[word] <= most]
    if not terms.telling or not (rare or terms.strong):
        return Match(terms.all, in_titles=True)
    chosen: list[str] = []
    spent = 0
    # What the query is about comes before what is asked of it; `sorted` keeps that order in ties.
    for word in sorted(rare or terms.strong, key=lambda word: (word in terms.weak, held[word])):
        if chosen and spent + held[word] > BUDGET:
            break
        chosen.append(word)
        spent += held[word]
    left = tuple(word for word in terms.strong if word in rare and word not in chosen)
    return Match(tuple(chosen), left if len(left) > 1 else ())


def weights(terms: Terms, frequencies: Mapping[str, int], passages: int) -> dict[str, float]:
    """What each word of the query weighs: its rarity, less for words that only name a relation."""
    found = {}
    for word in terms.all:
        held = min(frequencies.get(word, 0), passages)
        rarity = math.log(1 + (passages - held + 0.5) / (held + 0.5))
        found[word] = rarity * (WEIGHT_OF_WEAK if word in terms.weak else 1.0)
    return found


def ranked(terms: Terms, weight: Mapping[str, float], hits: Iterable[Hit]) -> list[Hit]:
    """The relevant hits, best first, at most `PER_DOCUMENT` of a document, no text twice.

    Equal scores go by the order in which `hits` name their index files, then by position.
    """
    judge = _Judge(terms, weight)
    judged = [judge(hit) for hit in hits]
    length = NAME / max(NAME, len(terms.strong))
    best = max((each.covered for each in judged), default=0.0)
    floor = max(FLOOR * length, LOWEST, max(BESIDE_BEST * length, LOWEST_BESIDE) * best)
    relevant = [each for each in judged if each.named or (terms.telling and each.covered >= floor)]
    files = list(dict.fromkeys(each.hit.document[0] for each in judged))
    relevant.sort(
        key=lambda each: (
            -round(each.score, 6),
            files.index(each.hit.document[0]),
            each.hit.position,
        )
    )
    found: list[Hit] = []
    taken = Counter[tuple[str, int]]()
    texts: set[str] = set()
    for hit in (each.hit for each in relevant):
        if hit.text in texts or taken[hit.document] >= PER_DOCUMENT:
            continue
        texts.add(hit.text)
        taken[hit.document] += 1
        found.append(hit)
    return found


@dataclass(frozen=True, slots=True)
class _Judged:
    hit: Hit
    covered: float
    """The share of what the query is about that the passage or its title holds."""
    named: bool
    """Whether the query names the document by its whole title."""
    score: float


class _Judge:
    """Judges hits of one query: what they share is added up once."""

    def __init__(self, terms: Terms, weight: Mapping[str, float]) -> None:
        self._terms = terms
        self._phrase = frozenset(terms.phrase)
        self._all = _shares(terms.all, weight)
        self._about = _shares(terms.strong or terms.weak, weight)

    def __call__(self, hit: Hit) -> _Judged:
        """How well a hit answers."""
        words = hit.title_words | hit.text_words
        in_title = _sum(self._all, hit.title_words)
        named = (
            _sum(self._about, hit.title_words) >= TELLING_TITLE
            and _is_named(self._terms.phrase, hit.title_phrase)
            and not self._is_namesake(hit.title_phrase, words)
        )
        named_part = len(self._phrase.intersection(hit.title_phrase))
        score = (
            _sum(self._all, words)
            + in_title * named_part / max(1, len(hit.title_phrase))
            + (1.0 if named else 0.0)
            + 0.1 * _sum(self._all, hit.text_words)
            + (0.05 if hit.position == 0 else 0.0)
        )
        return _Judged(hit, _sum(self._about, words), named, score)

    def _is_namesake(self, title: tuple[str, ...], words: Set[str]) -> bool:
        """Whether the title is one word of a longer name that the passage doesn't hold: `Venus`
        does not answer for a Venus Lasala."""
        return len(title) == 1 and any(
            title[0] in name and not name <= words for name in self._terms.names
        )


def _shares(words: Sequence[str], weight: Mapping[str, float]) -> dict[str, float]:
    """Each word's share of the weight of them all."""
    total = sum(weight[word] for word in words)
    return {word: weight[word] / total for word in words} if total else {}


def _sum(shares: Mapping[str, float], covered: Set[str]) -> float:
    return sum(share for word, share in shares.items() if word in covered)


def _is_named(phrase: Sequence[str], title: Sequence[str]) -> bool:
    """Whether the query holds the whole title, word after word."""
    size = len(title)
    return size > 0 and any(
        tuple(phrase[i : i + size]) == tuple(title) for i in range(len(phrase) - size + 1)
    )
