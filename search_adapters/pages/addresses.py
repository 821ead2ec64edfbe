"""Which addresses are public. Everything else is somebody's inside, and is never connected to.

What a name leads to is said by whoever owns the name, so a page on the internet can name the
gateway's own network: its Redis, its model server, its cloud's metadata. Checking names, or how
an address is written, is a game without end; so the *resolved* address is judged, in numbers.

IPv6 is judged by what it allows: only 2000::/3 was ever given out. Forms that carry an IPv4
address are refused (mapped, 6to4, Teredo), but for NAT64's well-known prefix, which networks
without IPv4 need: there the address inside is judged.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; Linux takes 0.0.0.0 for itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT, and some clouds' metadata
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: 169.254.169.254 gives out cloud credentials
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "168.63.129.16/32",  # Azure's own services, on an address that looks public
    )
)
"""IANA's special-purpose registry, and one address that a cloud took for itself."""

_GIVEN_OUT_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocols, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: any IPv4 address, private ones too
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether a numeric address is one that a public site may have. Never raises."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        return _is_public_6(parsed)
    return _is_public_4(parsed)


def _is_public_4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in network for network in _NOT_PUBLIC_4)


def _is_public_6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return _is_public_4(IPv4Address(int(address) & 0xFFFFFFFF))
    return (
        address in _GIVEN_OUT_6
        and address.is_global
        and not any(address in network for network in _NOT_PUBLIC_6)
    )
