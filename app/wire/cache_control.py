"""A request's `Cache-Control` header -> what may be done with search results from before.

RFC 9111: `no-cache` (or `max-age=0`) wants an answer from the origin, which may be kept; `no-store`
wants nothing kept, and gets nothing from before either. Other directives are about caches on the
way, of which this is none.
"""

from search_adapters.protocol import Caching


def caching(header: str) -> Caching:
    """What the header asks for; an empty or unreadable one asks for nothing."""
    directives = {part.strip().casefold().replace(" ", "") for part in header.split(",")}
    if "no-store" in directives:
        return "off"
    return "refresh" if directives & {"no-cache", "max-age=0"} else "use"
