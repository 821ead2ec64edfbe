"""Under which names things lie in Redis.

    orson:{<thread>}:<response>            hash: owner, status, body, input, output, chain, ...
    orson:{<thread>}:<response>:events     stream: one entry per append, a field per event
    orson:{<id>}:trace                     hash: owner, trace
    orson:{<thread>}:<conversation>        hash: owner, created, updated, metadata, holder, ...
    orson:{<thread>}:<conversation>:order  sorted set: item -> position
    orson:{<thread>}:<conversation>:items  hash: item -> JSON
    orson:{conversations:<owner>}          sorted set: conversation -> when it last grew
    orson:{leases}                         sorted set: response -> when its lease lapses
    orson:{<id>}:completion                hash: owner, body

A cluster puts keys with the same text between the braces in one slot. What one script or
transaction touches is of one thread, so that this holds.
"""

from urllib.parse import quote

from app.chat.state import thread_of

LEASES = "orson:{leases}"


def of(id_: str) -> str:
    """The key of a response or conversation, or of whatever else goes by an id."""
    return f"orson:{{{thread_of(id_) or quote(id_, safe='')}}}:{quote(id_, safe='')}"


def events(id_: str) -> str:
    """The event log of a response."""
    return f"{of(id_)}:events"


def trace(id_: str) -> str:
    """What an answer was made of."""
    return f"{of(id_)}:trace"


def completion(id_: str) -> str:
    """A stored chat completion."""
    return f"{of(id_)}:completion"


def order(id_: str) -> str:
    """The order of a conversation's items."""
    return f"{of(id_)}:order"


def items(id_: str) -> str:
    """A conversation's items."""
    return f"{of(id_)}:items"


def conversations(owner: str) -> str:
    """The conversations of one owner."""
    return f"orson:{{conversations:{quote(owner, safe='')}}}"
