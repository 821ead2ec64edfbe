"""What passes between the gateway and a process that reads pages: frames of JSON and bytes.

    job:    length of the head, length of the body (4 bytes each), head, body
    answer: length (4 bytes), JSON

The answer comes from a process that has just handled whatever a stranger sent, so it is checked
field by field when it is read, and is no larger than MAX_ANSWER.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

LENGTHS = struct.Struct("!II")
LENGTH = struct.Struct("!I")
MAX_ANSWER = 256 * 1024
MOST_PASSAGES = 24
"""Of one page that are sent back: more than a search could ever show the model."""


@dataclass(frozen=True, slots=True)
class Job:
    """One body to be read."""

    type: str
    charset: str
    encoding: str
    whole: bool
    words: tuple[str, ...]
    """What passages are counted for: folded words of the query and the question."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A passage of a page and how often it holds each of the words."""

    text: str
    position: int
    length: int
    """In words."""
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page holds."""

    title: str
    day: str | None
    passages: tuple[Counted, ...]
    """The most promising ones, in the page's order."""
    total: int
    """Passages in the page."""
    held: Mapping[str, int]
    """In how many of the page's passages each word is."""


def pack_job(job: Job, body: bytes) -> tuple[bytes, bytes]:
    """A job as it travels: head and body, to be written one after the other."""
    head = json.dumps(asdict(job)).encode()
    return LENGTHS.pack(len(head), len(body)) + head, body


def unpack_job(head: bytes) -> Job:
    """The job whose head this is."""
    fields = json.loads(head)
    return Job(**{**fields, "words": tuple(fields["words"])})


def pack_page(page: Page | str) -> bytes:
    """The answer to a job: a page, or why there is none."""
    plain = {"refused": page} if isinstance(page, str) else asdict(page)
    data = json.dumps(plain).encode()
    return LENGTH.pack(len(data)) + data


def unpack_page(data: bytes, words: Sequence[str]) -> Page | str:
    """The answer to a job about `words`. Raises ValueError for anything that is none."""
    plain = json.loads(data)
    try:
        if "refused" in plain:
            return str(plain["refused"])[:100]
        return Page(
            title=str(plain["title"]),
            day=None if plain["day"] is None else str(plain["day"]),
            passages=tuple(_counted(each, words) for each in plain["passages"][:MOST_PASSAGES]),
            total=int(plain["total"]),
            held=_numbers(plain["held"], words),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no answer to a job") from error


def _counted(plain: Mapping[str, object], words: Sequence[str]) -> Counted:
    return Counted(
        str(plain["text"]),
        int(str(plain["position"])),
        int(str(plain["length"])),
        _numbers(plain["counts"], words),
    )


def _numbers(plain: object, words: Sequence[str]) -> dict[str, int]:
    if not isinstance(plain, dict):
        raise TypeError("not an object")
    return {word: int(plain[word]) for word in words if word in plain}
