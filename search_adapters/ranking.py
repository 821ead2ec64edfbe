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
TELLING_TITLE = 0.2
"""A title must carry this share of the query's weight for its being named to count."""
PER_DOCUMENT = 2
"""Most passages of one document: a second opinion is worth more than a third page."""


COMMON = 0.2
"""A word in more than this share of all passages tells none of them from another."""
_FEW = 100
"""In an index smaller than this no word can be called common."""


def worth_matching(
    terms: Terms, frequencies: Mapping[str, int], passages: int
) -> tuple[tuple[str, ...], bool]:
    """The words to fetch candidates by, and whether only titles are to be looked at.

    Common words are left to the ranking, where they cost nothing: fetching by them means reading
    the whole index. If only relations and common words are left ("where was he born"), the one
    thing the query can still be is the title of something.
    """
    most = passages * COMMON if passages >= _FEW else passages
    rare = tuple(word for word in terms.all if frequencies.get(word, 0) <= most)
    if terms.telling and (rare or terms.strong):
        return rare or terms.strong, False
    return terms.all, True


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
    judged = [_judge(terms, weight, hit) for hit in hits]
    floor = max(FLOOR, BESIDE_BEST * max((each.covered for each in judged), default=0.0))
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


def _judge(terms: Terms, weight: Mapping[str, float], hit: Hit) -> _Judged:
    words = hit.title_words | hit.text_words
    in_title = _share(terms.all, weight, hit.title_words)
    named = _is_named(terms.phrase, hit.title_phrase) and in_title >= TELLING_TITLE
    named_part = frozenset(hit.title_phrase) & frozenset(terms.phrase)
    score = (
        _share(terms.all, weight, words)
        + in_title * len(named_part) / max(1, len(hit.title_phrase))
        + (1.0 if named else 0.0)
        + 0.1 * _share(terms.all, weight, hit.text_words)
        + (0.05 if hit.position == 0 else 0.0)
    )
    return _Judged(hit, _share(terms.strong or terms.weak, weight, words), named, score)


def _share(words: Sequence[str], weight: Mapping[str, float], covered: Set[str]) -> float:
    total = sum(weight[word] for word in words)
    return sum(weight[word] for word in words if word in covered) / total if total else 0.0


def _is_named(phrase: Sequence[str], title: Sequence[str]) -> bool:
    """Whether the query holds the whole title, word after word."""
    size = len(title)
    return size > 0 and any(
        tuple(phrase[i : i + size]) == tuple(title) for i in range(len(phrase) - size + 1)
    )
