"""Keeping results to the domains a caller allows.

Two nets: providers that know a `site:` operator are asked for those sites, and whatever comes
back is checked again, because operators are hints to most engines.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from search_adapters.protocol import Passage, Query

MAX_OPERATORS = 8
"""Engines ignore or refuse long `OR` chains; beyond this many the check afterwards does it all."""


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


def only_allowed(passages: Iterable[Passage], query: Query) -> tuple[Passage, ...]:
    """The passages the query's domains let through, at most as many as the query wants."""
    kept = (passage for passage in passages if is_allowed(passage, query.allowed_domains))
    return tuple(kept)[: query.limit]


def with_sites(query: Query, max_chars: int) -> str:
    """The query's text with `site:` operators for its domains, within `max_chars` characters."""
    domains = [_plain(domain) for domain in query.allowed_domains]
    # A domain with a blank or a colon in it would be read as further operators.
    if not 0 < len(domains) <= MAX_OPERATORS or any(set(d) & set(' :"()') for d in domains):
        return fit(query.text, max_chars)
    sites = " OR ".join(f"site:{domain}" for domain in domains)
    suffix = f" ({sites})" if len(domains) > 1 else f" {sites}"
    if len(suffix) > max_chars // 2:
        return fit(query.text, max_chars)
    return fit(query.text, max_chars - len(suffix)) + suffix


def fit(text: str, max_chars: int) -> str:
    """`text` cut to `max_chars` characters, at the end of a word where there is one."""
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
