"""Several rankings -> one: reciprocal ranks of pages, two passages a site, nothing said twice.

A page scores 1 / (K + rank) for every provider that names it, so what two providers agree on comes
before what one of them puts first (Cormack, Clarke and Buettcher, SIGIR 2009). Pages are told apart
by their canonical address.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from search_adapters.chain.canonical_url import canonical, site_of
from search_adapters.chain.near_duplicates import Shingles, alike, shingles
from search_adapters.protocol import Passage

K = 60
"""The paper's own; the result hardly depends on it."""
PER_SITE = 2


def fuse(rankings: Sequence[Sequence[Passage]], limit: int) -> tuple[Passage, ...]:
    """The best of all rankings, best first.

    Args:
        rankings: of each provider, the operator's favourite first: it wins ties.
        limit: the most passages.
    """
    return tuple(_distinct(_by_score(rankings)))[:limit]


def _by_score(rankings: Sequence[Sequence[Passage]]) -> Iterator[Passage]:
    """All passages; those of one page together, the longest text first."""
    scores: dict[str, float] = {}
    pages: dict[str, list[Passage]] = {}
    for ranking in rankings:
        rank = 0
        named: set[str] = set()
        for passage in ranking:
            page = canonical(passage.url)
            pages.setdefault(page, []).append(passage)
            if page not in named:  # several passages of one page are one vote
                rank += 1
                named.add(page)
                scores[page] = scores.get(page, 0.0) + 1 / (K + rank)
    for page in sorted(scores, key=lambda page: -scores[page]):  # stable: ties keep their order
        yield from sorted(pages[page], key=lambda passage: -len(passage.text))


def _distinct(passages: Iterator[Passage]) -> Iterator[Passage]:
    """Without a third passage of any site, and without what one before it says already."""
    of_site = Counter[str]()
    seen: list[Shingles] = []
    for passage in passages:
        site = site_of(passage.url)
        if site and of_site[site] >= PER_SITE:
            continue
        marks = shingles(passage.text)
        if any(alike(marks, other) for other in seen):
            continue
        seen.append(marks)
        of_site[site] += 1
        yield passage
