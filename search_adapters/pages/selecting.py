"""Which passages of the pages answer: ranked against the query and the user's own question.

    score = BM25 of the query's words, by their rarity among all passages of all pages read
            + a fraction of that for the other words of the question
            + a little for the provider's own order

A result whose page wasn't read, or holds none of the words, keeps the provider's snippet. At most
`PER_PAGE` passages of a page are taken, so that several sources are heard.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from search_adapters.pages.wire import Counted, Page
from search_adapters.protocol import Passage, Query
from search_adapters.terms import WEIGHT_OF_WEAK, terms, tokens

PER_PAGE = 2
_K1, _B = 1.2, 0.75
"""BM25's usual constants."""
_QUESTION = 0.3
"""Weight of a word that only the question holds: the model has put what it wants into the query."""
_ORDER = 0.3
"""What the provider's first result gains over its last."""
_SHORTEST = 12
"""Words; a passage of fewer is not taken for a concise one."""


@dataclass(frozen=True, slots=True)
class Read:
    """One result of a search: what the provider said, and its page where it was read."""

    passage: Passage
    page: Page | None = None
    url: str = ""
    """Where the page was in the end; its passages are said to be from there."""
    site: str = ""


def weights(query: Query) -> dict[str, float]:
    """What passages are searched for, in folded words, each with its weight."""
    asked, question = terms(query.text), terms(query.question)
    found = dict.fromkeys((*question.strong, *question.weak), _QUESTION)
    found.update(dict.fromkeys(asked.weak, WEIGHT_OF_WEAK))
    found.update(dict.fromkeys(asked.strong, 1.0))
    return found


def select(
    results: Sequence[Read], wanted: Mapping[str, float], limit: int, *, per_page: int = PER_PAGE
) -> tuple[Passage, ...]:
    """The best passages of all pages and the snippets of the rest, best first, `limit` at most."""
    rarity = _rarity(results, wanted)
    scored = []
    for rank, result in enumerate(results):
        ahead = _ORDER / (1 + rank)
        passages = list(_passages(result, wanted))
        for passage, counted in passages:
            score = _score(counted, rarity, wanted)
            scored.append((score * (1 + ahead) + ahead, rank, passage))
    scored.sort(key=lambda each: -round(each[0], 6))
    found: list[Passage] = []
    taken = Counter[int]()
    texts: set[str] = set()
    for _, rank, passage in scored:
        if taken[rank] >= per_page or passage.text in texts:
            continue
        taken[rank] += 1
        texts.add(passage.text)
        found.append(passage)
    return tuple(found[:limit])


def _passages(result: Read, wanted: Mapping[str, float]) -> Iterable[tuple[Passage, Counted]]:
    page = result.page
    named = [word for word in tokens(result.passage.title) if word in wanted]
    if page is not None:
        title = page.title or result.passage.title
        telling = [each for each in page.passages if each.counts]
        named += [word for word in tokens(title) if word in wanted and word not in named]
        for counted in telling:
            passage = replace(
                result.passage,
                title=title,
                url=result.url,
                site=result.site,
                text=counted.text,
                date=page.day or result.passage.date,
            )
            counts = Counter(counted.counts)
            counts.update(named)
            yield passage, replace(counted, counts=counts)
        if telling:
            return
    words = tokens(result.passage.text)
    counts = Counter(word for word in words if word in wanted)
    counts.update(named)
    yield result.passage, Counted(result.passage.text, 0, len(words), counts)


def _rarity(results: Sequence[Read], wanted: Mapping[str, float]) -> dict[str, float]:
    pages = [result.page for result in results if result.page is not None]
    total = sum(page.total for page in pages)
    rarity = {}
    for word in wanted:
        held = min(total, sum(page.held.get(word, 0) for page in pages))
        rarity[word] = math.log(1 + (total - held + 0.5) / (held + 0.5))
    return rarity


def _score(counted: Counted, rarity: Mapping[str, float], wanted: Mapping[str, float]) -> float:
    length = max(counted.length, _SHORTEST) / 100
    total = 0.0
    for word, number in counted.counts.items():
        total += (
            wanted[word]
            * rarity[word]
            * number
            * (_K1 + 1)
            / (number + _K1 * (1 - _B + _B * length))
        )
    return total
