"""Keeping results to the domains and days a caller allows.

Two nets: providers that know a `site:` operator are asked for those sites, and whatever comes
back is checked again, because operators are hints to most engines.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from search_adapters.protocol import DateRange, Freshness, Passage, Query, Traits

MAX_OPERATORS = 8
"""Engines ignore or refuse long `OR` chains; beyond this many the check afterwards does it all."""


_SYNTAX = frozenset(' :,"()')
"""A domain with one of these in it would be read as further operators."""


def host_of(url: str) -> str:
    """The host of a URL in lower case, without port and `www.`; empty when there is none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def is_allowed(passage: Passage, domains: Iterable[str]) -> bool:
    """Whether the passage's host, or the collection it names as its site, is one of `domains`.

    A domain allows its subdomains. No domains at all allow everything.
    """
    wanted = [_plain(domain) for domain in domains]
    if not wanted:
        return True
    host, site = host_of(passage.url), passage.site.casefold()
    return any(
        domain == site or host == domain or host.endswith("." + domain)
        for domain in wanted
        if domain
    )


def is_denied(passage: Passage, domains: Iterable[str]) -> bool:
    """Whether one of `domains` is the passage's; no domains deny nothing."""
    unwanted = [domain for domain in domains if _plain(domain)]
    return bool(unwanted) and is_allowed(passage, unwanted)


def within(wanted: Iterable[str], bounds: Iterable[str]) -> tuple[str, ...]:
    """The domains that both lists allow; where one list is empty, the other one.

    A domain allows its subdomains, so of `example.org` and `docs.example.org` the second remains.
    """
    ours, theirs = tuple(map(_plain, wanted)), tuple(map(_plain, bounds))
    if not ours or not theirs:
        return tuple(filter(None, ours or theirs))
    narrow = [one for one in ours if one and any(_covers(other, one) for other in theirs)]
    narrow += [one for one in theirs if one and any(_covers(other, one) for other in ours)]
    return tuple(dict.fromkeys(narrow))


def _covers(domain: str, other: str) -> bool:
    return bool(domain) and (other == domain or other.endswith("." + domain))


def in_range(passage: Passage, freshness: Freshness | None) -> bool:
    """Whether the passage's day is within a date range. One that names no day may be."""
    if not isinstance(freshness, DateRange) or not passage.date:
        return True
    since, until = freshness.since, freshness.until
    return (since is None or since.isoformat() <= passage.date[:10]) and (
        until is None or passage.date[:10] <= until.isoformat()
    )


def only_allowed(passages: Iterable[Passage], query: Query) -> tuple[Passage, ...]:
    """The passages the query's domains and days let through, at most as many as it wants."""
    kept = (
        passage
        for passage in passages
        if is_allowed(passage, query.allowed_domains)
        and not is_denied(passage, query.denied_domains)
        and in_range(passage, query.freshness)
    )
    return tuple(kept)[: query.limit]


def wanted(query: Query, traits: Traits) -> int:
    """How many results to ask for: more than the limit where some will be left out afterwards."""
    filters = {
        "allowed_domains": bool(query.allowed_domains),
        "denied_domains": bool(query.denied_domains),
        "freshness": isinstance(query.freshness, DateRange),
    }
    left_out = any(on and name not in traits.honours for name, on in filters.items())
    return traits.max_results if left_out else min(query.limit, traits.max_results)


def with_sites(query: Query, max_chars: int, max_words: int | None = None) -> str:
    """The query's text with `site:` and `-site:` operators for its domains, within the limits."""
    suffix = " ".join(filter(None, (_wanted(query), _unwanted(query))))
    room = (max_words or 10**6) - len(suffix.split())
    if not suffix or len(suffix) >= max_chars // 2 or room * 2 < (max_words or 0):
        return fit(query.text, max_chars, max_words)
    return f"{fit(query.text, max_chars - len(suffix) - 1, room)} {suffix}"


def plain_domains(domains: Iterable[str]) -> list[str]:
    """Domains as providers' own filters want them: `example.org`, each once, odd ones left out."""
    plain = (_plain(domain) for domain in domains)
    return [domain for domain in dict.fromkeys(plain) if domain and not set(domain) & _SYNTAX]


def _wanted(query: Query) -> str:
    domains = plain_domains(query.allowed_domains)
    if not 0 < len(domains) <= MAX_OPERATORS or len(domains) < len(query.allowed_domains):
        return ""
    sites = " OR ".join(f"site:{domain}" for domain in domains)
    return f"({sites})" if len(domains) > 1 else sites


def _unwanted(query: Query) -> str:
    domains = plain_domains(query.denied_domains)
    # Allowed ones exclude all others; to name both would only shorten the query.
    if query.allowed_domains or len(domains) > MAX_OPERATORS:
        return ""
    return " ".join(f"-site:{domain}" for domain in domains)


def fit(text: str, max_chars: int, max_words: int | None = None) -> str:
    """`text` cut to so many characters and words, at the end of a word where there is one."""
    if max_words is not None and len(words := text.split()) > max_words:
        text = " ".join(words[:max_words])
    if len(text) <= max_chars:
        return text
    cut = text[: max_chars + 1].rsplit(maxsplit=1)
    head = cut[0] if len(cut) == 2 else ""
    return head if len(head) > max_chars // 2 else text[:max_chars]


def _plain(domain: str) -> str:
    """`https://www.Example.org/x` and `*.example.org` both mean `example.org`."""
    domain = domain.strip().casefold()
    if "//" in domain:
        domain = host_of(domain)
    return domain.split("/")[0].removeprefix("*.").removeprefix("www.").strip(".")
