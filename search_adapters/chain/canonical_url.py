"""Whether two addresses are the same page's, and which site it is on.

Providers give one page in several spellings: with and without `www.`, as http and https, with the
parameters that newsletters and advertisements are followed by. What is made here is a key to
compare with, never an address to visit.
"""

import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit

import tldextract

_TRACKING = re.compile(
    r"utm_.*|_?ga|_gl|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|twclid|ttclid|yclid|igsh(id)?"
    r"|li_fat_id|mc_[ce]id|mkt_tok|_hs(enc|mi)|hsa_.*|vero_(id|conv)|oly_(enc|anon)_id|s_cid|wickedid"
    r"|ref_(src|url)|cmpid|srsltid|spm|si",
    re.IGNORECASE,
)
"""Parameters that say where a visitor came from; as in the lists of ad blockers."""

# The list of public suffixes that comes with the package: the default looks on the network first.
_suffixes = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)


@lru_cache(maxsize=4096)
def canonical(url: str) -> str:
    """Equal for addresses of the same page; an address that can't be read stands for itself.

    The fragment is dropped, unless the page is drawn by it (`#!`, `#/`).
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return url
    if parts.scheme not in ("http", "https") or not host:
        return url
    host = host.rstrip(".").removeprefix("www.")
    where = host if port in (None, 80, 443) else f"{host}:{port}"
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.fullmatch(name)
    ]
    query = f"?{urlencode(sorted(kept))}" if kept else ""
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("!", "/")) else ""
    return f"//{where}{parts.path.rstrip('/')}{query}{fragment}"


@lru_cache(maxsize=4096)
def site_of(url: str) -> str:
    """The registered domain (`bbc.co.uk`), the bare host where there is none, empty without one."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return _suffixes(host).top_domain_under_public_suffix or host
