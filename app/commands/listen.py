"""Takes the address the gateway will serve at."""

import socket
import sys

BACKLOG = 4096


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets listening at every address that `host` names; port 0 takes a free one.

    Whoever connects before the gateway is ready waits for it.

    Raises:
        OSError: the name is unknown, the port is taken or needs more rights.
    """
    bound: list[socket.socket] = []
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            if bound and port == 0:  # "localhost" may be two addresses; they share the port
                address = (address[0], bound[0].getsockname()[1], *address[2:])
            one = socket.socket(family, kind, protocol)
            bound.append(one)
            if sys.platform != "win32":
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
            one.listen(BACKLOG)  # two may bind one address; only one may listen there
    except BaseException:
        for one in bound:
            one.close()
        raise
    return bound
