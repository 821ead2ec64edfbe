"""Requests of an API that only its operator knows, written down with placeholders.

`{query}` and `{limit}`, `{language}` and `{country}` in lower case, `{freshness}` as a word,
`{since}` and `{until}` as days, `{allowed_domains}` and `{denied_domains}` with commas between,
`{key}`. A field that is nothing but a placeholder without a value is left out.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from search_adapters.domains import plain_domains
from search_adapters.freshness import as_range, as_word
from search_adapters.protocol import Query

NAMES = (
    "query",
    "limit",
    "language",
    "country",
    "freshness",
    "since",
    "until",
    "allowed_domains",
    "denied_domains",
    "key",
)
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def values(query: Query, limit: int, key: str, now: date) -> dict[str, Any]:
    """What stands for each placeholder; None where the query doesn't say."""
    days = as_range(query.freshness, now) if query.freshness else None
    return {
        "query": query.text,
        "limit": limit,
        "language": query.language.lower() if query.language else None,
        "country": query.country.lower() if query.country else None,
        "freshness": as_word(query.freshness, now) if query.freshness else None,
        "since": days.since.isoformat() if days and days.since else None,
        "until": days.until.isoformat() if days and days.until else None,
        "allowed_domains": ",".join(plain_domains(query.allowed_domains)) or None,
        "denied_domains": ",".join(plain_domains(query.denied_domains)) or None,
        "key": key or None,
    }


def unknown(template: Any) -> list[str]:
    """The placeholders in `template` that mean nothing, for an error at start."""
    return sorted({name for text in _texts(template) for name in _names(text)} - set(NAMES))


def uses(template: Any, name: str) -> bool:
    """Whether `template` has the placeholder."""
    return any(name in _names(text) for text in _texts(template))


def filled(template: Any, by: Mapping[str, Any]) -> Any:
    """`template`, any JSON value, with its placeholders filled; fields without a value left out.

    A text that is one placeholder takes the value's own type: `"{limit}"` becomes a number.
    """
    match template:
        case str():
            alone = _PLACEHOLDER.fullmatch(template)
            return by.get(alone[1]) if alone else filled_text(template, by)
        case dict():
            pairs = ((name, filled(item, by)) for name, item in template.items())
            return {name: item for name, item in pairs if item is not None}
        case list():
            return [item for item in (filled(item, by) for item in template) if item is not None]
    return template


def filled_text(template: str, by: Mapping[str, Any]) -> str:
    """The same for a text; a placeholder without a value becomes nothing."""

    def value(match: re.Match[str]) -> str:
        found = by.get(match[1])
        return "" if found is None else str(found)

    return _PLACEHOLDER.sub(value, template)


def _names(text: str) -> list[str]:
    return [match[1] for match in _PLACEHOLDER.finditer(text)]


def _texts(template: Any) -> Iterator[str]:
    match template:
        case str():
            yield template
        case dict():
            for item in template.values():
                yield from _texts(item)
        case list():
            for item in template:
                yield from _texts(item)
