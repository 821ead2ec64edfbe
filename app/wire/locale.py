"""Language and country as clients write them -> the two codes a search knows them by.

A browser's `Accept-Language` is a weaker word than a field of the request. Its first region says
where a reader is at home. Its language counts only if it is the only one: a reader of two must not
lose the half of the web that is in the other, and some providers take a language for a filter.
"""

import re

_TAG = re.compile(r"(?P<language>[a-z]{2,3})(?:[-_][a-z]{4})?(?:[-_](?P<country>[a-z]{2}))?", re.I)
"""A BCP 47 tag as far as it matters here: `de`, `de-AT`, `zh-Hant-TW`."""
MOST = 20
"""Ranges of a header that are read."""


def tag(text: str) -> tuple[str | None, str | None]:
    """`de-AT` -> `("de", "AT")`; None for a part that isn't there, or isn't a code."""
    found = _TAG.fullmatch(text.strip())
    if found is None:
        return None, None
    country = found["country"]
    return found["language"].lower(), country.upper() if country else None


def accepted(header: str) -> tuple[str | None, str | None]:
    """Language and country of an `Accept-Language` header; None where it doesn't say."""
    weighed = [_weighed(part) for part in header.split(",")[:MOST]]
    ranges = sorted((each for each in weighed if each[0] > 0), key=lambda each: -each[0])
    tags = [tag(name) for _, name in ranges]
    languages = {language for language, _ in tags if language}
    country = next((country for _, country in tags if country), None)
    alone = languages.pop() if len(languages) == 1 and all(tags_[0] for tags_ in tags) else None
    return alone, country


def _weighed(part: str) -> tuple[float, str]:
    name, _, parameter = part.partition(";")
    key, _, value = parameter.strip().partition("=")
    try:
        quality = float(value) if key.strip().lower() == "q" else 1.0
    except ValueError:
        quality = 0.0
    return quality, name
