"""Whether two texts say the same in nearly the same words: shingles of five, shared by most.

Compared with the smaller of the two, so that a snippet cut out of a passage is its duplicate. Texts
of few words, and those in scripts without spaces, are compared by five characters.
"""

import re

SHARED = 0.8
"""Of the shorter text's shingles, those that must be in the other. A date changed in a sentence of
thirty words leaves more; two reports of one event share less."""
SIZE = 5
_FEW = 12
"""Words. Of fewer, one changed word touches most of the shingles."""

_WORD = re.compile(r"\w+")


Shingles = tuple[frozenset[str], frozenset[str]]


def shingles(text: str) -> Shingles:
    """What `alike` compares: shingles of words (none for few words), and of characters."""
    words = _WORD.findall(text.casefold())
    run = "".join(words)
    by_word = (
        frozenset(" ".join(words[i : i + SIZE]) for i in range(len(words) - SIZE + 1))
        if len(words) >= _FEW
        else frozenset[str]()
    )
    return by_word, frozenset(run[i : i + SIZE] for i in range(max(1, len(run) - SIZE + 1)))


def alike(one: Shingles, other: Shingles) -> bool:
    """Whether two texts, given by their shingles, are near-duplicates."""
    a, b = (one[0], other[0]) if one[0] and other[0] else (one[1], other[1])
    small, large = sorted((a, b), key=len)
    return len(small & large) >= SHARED * len(small)
