"""Words as the local index sees them: folded, lightly stemmed, and safe for any query syntax.

Index and query go through the same `tokens`, which yields nothing but letters and digits. So no
query can be a syntax error or an operator, whatever a model writes: `c++`, `col:x`, `"`, `NEAR(`.

Scripts written without spaces (Chinese, Japanese, Thai ...) are cut into overlapping pairs of
characters, the usual substitute for a dictionary; the index holds the single characters too.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\uac00-\ud7af"  # Korean has spaces, but glues particles to its words
)
_WORD = re.compile(rf"(?P<run>[{_UNSPACED}]+)|(?P<word>(?:(?![{_UNSPACED}])[^\W_])+(?:\+\+|#)?)")
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:\+\+|#)?")
_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_NAME = re.compile(r"[^\W\d_a-zß-ÿ][\w'’.-]*(?:\s+[^\W\d_a-zß-ÿ][\w'’.-]*)+")
_POSSESSIVE = re.compile(r"['\u2019]s\b")

_STOP = """a about an and any are as at be been being but by can could did do does for from give
    had has have he her him his how i if in into is it its me my of on or our please she should so
    some tell than that the their them then there these they this those to us was we were what when
    where which who whom whose why will with would you your"""
STOP = frozenset(_STOP.split())
"""Words that carry no meaning of their own: dropped from a query."""

IMPLIED = {
    "age": ("born",),
    "author": ("wrote", "written"),
    "birth": ("born",),
    "birthday": ("born",),
    "birthdate": ("born",),
    "birthplace": ("born",),
    "composer": ("composed",),
    "death": ("died",),
    "director": ("directed",),
    "discoverer": ("discovered",),
    "died": ("death",),
    "founder": ("founded",),
    "husband": ("married",),
    "inventor": ("invented",),
    "job": ("profession",),
    "location": ("located",),
    "occupation": ("profession",),
    "spouse": ("married",),
    "wife": ("married",),
}
"""What a passage says where a query names the relation."""

_WEAK = """born capital city continent country currency date definition fact history information
    language meaning name person place population title year"""
WEAK = frozenset((*IMPLIED, *_WEAK.split()))
"""Words that say what is asked of a subject: they order passages, but don't make one relevant."""

WEIGHT_OF_WEAK = 0.4
MAX_TERMS = 32
_LONGEST = 1_000
"""Characters of a query that are looked through for names."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A query as the index needs it, in tokens."""

    phrase: tuple[str, ...]
    """All of it, in order, stop words included: titles are compared with this."""
    strong: tuple[str, ...]
    """What the query is about."""
    weak: tuple[str, ...]
    """What it wants to know about that."""
    names: tuple[frozenset[str], ...] = ()
    """Words with capitals that stand side by side: most likely one name."""
    telling: bool = True
    """False when there are only stop words, which can still be a title: *The Who*."""

    @property
    def all(self) -> tuple[str, ...]:
        """Everything worth looking for."""
        return (*self.strong, *self.weak)


def tokens(text: str, *, singles: bool = False) -> list[str]:
    """The words of `text` in order; with `singles`, unspaced scripts also by character."""
    return [_stem(word) for word in _words(text, singles)]


def terms(query: str) -> Terms:
    """The query taken apart: what it is about, what it asks of that, and all its words in order."""
    words = _words(query, singles=False)[: 4 * MAX_TERMS]
    telling = [word for word in words if word not in STOP]
    strong = [word for word in telling if word not in WEAK]
    weak = [word for word in telling if word in WEAK]
    if not telling:
        weak = words
    implied = [word for source in weak for word in IMPLIED.get(source, ())]
    strong_stems = _distinct(strong)[:MAX_TERMS]
    weak_stems = [stem for stem in _distinct([*weak, *implied]) if stem not in strong_stems]
    return Terms(
        tuple(_stem(word) for word in words),
        tuple(strong_stems),
        tuple(weak_stems[:MAX_TERMS]),
        names=tuple(_names(query[:_LONGEST], frozenset(strong_stems))),
        telling=bool(telling),
    )


def _names(query: str, strong: frozenset[str]) -> Iterator[frozenset[str]]:
    for run in _NAME.findall(query):
        words = strong.intersection(tokens(run))
        if len(words) > 1:
            yield words


def _words(text: str, singles: bool) -> list[str]:
    text = _POSSESSIVE.sub("", text)
    if text.isascii():  # most text is, and is ten times as fast this way
        return [_spelled(word) for word in _ASCII_WORD.findall(text.casefold())]
    folded = unicodedata.normalize("NFKD", text)
    folded = unicodedata.normalize("NFC", _LATIN_MARKS.sub("", folded)).casefold()
    found: list[str] = []
    for match in _WORD.finditer(folded):
        run = match["run"]
        if run is None:
            found.append(_spelled(match["word"]))
            continue
        if singles or len(run) == 1:
            found.extend(run)
        found.extend(run[i : i + 2] for i in range(len(run) - 1))
    return found


def _spelled(word: str) -> str:
    """`c++` and `c#` in letters, the only thing an index keeps."""
    return word if word[-1] not in "+#" else word.replace("++", "plusplus").replace("#", "sharp")


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    """English plurals only: stronger stemming makes different names equal."""
    if len(word) < 4 or not word.isascii() or word.endswith(("ss", "us", "is")):
        return word
    if len(word) > 4 and word.endswith(("ie", "ies")):
        return word.removesuffix("s")[:-2] + "y"  # cities and city, but Curies and Curie too
    if not word.endswith("s"):
        return word
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1]


def _distinct(words: list[str]) -> list[str]:
    return list(dict.fromkeys(_stem(word) for word in words))
