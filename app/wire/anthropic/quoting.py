"""The words of a passage that a citation quotes: those nearest to what was said."""

import re

MOST = 150
"""Characters, as in Anthropic's API."""
_SENTENCE = re.compile(r"\S.*?(?:[.!?。！？]+(?=\s|$)|[。！？]|\n|$)", re.DOTALL)
_WORD = re.compile(r"\w+")


def quoted(passage: str, claim: str) -> str:
    """The sentence of `passage` that shares most words with `claim`, and what follows it.

    Of several it is the first; where nothing is shared, the passage's beginning.
    """
    said = set(_WORD.findall(claim.casefold()))
    best, most = 0, 0
    for sentence in _SENTENCE.finditer(passage):
        shared = len(said & set(_WORD.findall(sentence.group().casefold())))
        if shared > most:
            best, most = sentence.start(), shared
    return passage[best : best + MOST].rstrip()
