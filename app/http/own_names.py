"""Under which names a gateway may be asked without a key: DNS rebinding ends here.

A page on `evil.example` whose name is made to point at 127.0.0.1 is of the same origin as the
gateway there, to the browser; what it can't change is the `Host` header: it says `evil.example`.
Addresses can't be rebound, and nobody can buy names without a dot, or under these tops.
"""

import ipaddress
import re
from collections.abc import Sequence

_HOST = re.compile(r"(?:\[([^\]]*)\]|([\w.-]*))(?::\d*)?")
TOPS = ("localhost", "local", "internal")


def own(host: str, allowed: Sequence[str] = ()) -> bool:
    """Whether a `Host` header names us.

    Args:
        host: the header, with or without a port.
        allowed: further names; `*` for any.
    """
    if "*" in allowed:
        return True
    found = _HOST.fullmatch(host)
    if found is None:
        return False
    name = (found[1] or found[2] or "").casefold().rstrip(".")
    if not name or name in (each.casefold() for each in allowed):
        return True
    return _is_address(name) or "." not in name or name.rpartition(".")[2] in TOPS


def loopback(host: str) -> bool:
    """Whether an address, or the path of a socket, can only be reached from this machine."""
    if host == "localhost" or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
