"""Which passages answer a query: by what share of it they cover, and whose title it names.

BM25 alone puts a passage that repeats one rare word above the article the query names. So it only
brings candidates, and these are ordered by shares of the query's weight, each word weighing what
its rarity says:

    score = covered share  +  title share * named part of the title  +  1 if the query holds the
            whole title  +  a little for the words' being in the text and at its beginning

Shares don't depend on the size of an index, so hits of several indexes are ordered together.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from search_adapters.local_index import Hit
from search_adapters.terms import WEIGHT_OF_WEAK, Terms

FLOOR = 0.5
"""A passage that covers less of what the query is about is about something else: of two equally
rare words one isn't enough, so a namesake is not taken for the person."""
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
    if rare or terms.strong:
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

    Equal scores keep the order of `hits`, but for the place in their document.
    """
    scored = [(score, hit) for hit in hits if (score := _score(terms, weight, hit)) is not None]
    scored.sort(key=lambda pair: (-round(pair[0], 6), pair[1].position))
    found: list[Hit] = []
    taken: dict[tuple[str, int], int] = {}
    texts: set[str] = set()
    for _, hit in scored:
        if hit.text in texts or taken.get(hit.document, 0) >= PER_DOCUMENT:
            continue
        texts.add(hit.text)
        taken[hit.document] = taken.get(hit.document, 0) + 1
        found.append(hit)
    return found


def _score(terms: Terms, weight: Mapping[str, float], hit: Hit) -> float | None:
    """How well the hit answers; None when it is about something else."""
    total = sum(weight.values())
    title = hit.title_words
    in_title = sum(weight[word] for word in terms.all if word in title) / total
    in_text = sum(weight[word] for word in terms.all if word in hit.text_words) / total
    covered = title | hit.text_words
    named = _is_named(terms.phrase, hit.title_phrase) and in_title >= TELLING_TITLE
    if not named and _share(terms.strong or terms.weak, weight, covered) < FLOOR:
        return None
    share = sum(weight[word] for word in terms.all if word in covered) / total
    named_part = frozenset(hit.title_phrase) & frozenset(terms.phrase)
    return (
        share
        + in_title * len(named_part) / max(1, len(hit.title_phrase))
        + (1.0 if named else 0.0)
        + 0.1 * in_text
        + (0.05 if hit.position == 0 else 0.0)
    )


def _share(words: Sequence[str], weight: Mapping[str, float], covered: frozenset[str]) -> float:
    total = sum(weight[word] for word in words)
    return sum(weight[word] for word in words if word in covered) / total if total else 0.0


def _is_named(phrase: Sequence[str], title: Sequence[str]) -> bool:
    """Whether the query holds the whole title, word after word."""
    size = len(title)
    return size > 0 and any(
        tuple(phrase[i : i + size]) == tuple(title) for i in range(len(phrase) - size + 1)
    )
