"""Moments as people write them on a command line: `90d`, `12h`, `2027-01-31`."""

import re
from datetime import UTC, datetime

_SPAN = re.compile(r"(\d{1,6})([mhdw])")
_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}


class BadMoment(ValueError):
    """Not a moment to come."""


def moment(text: str, now: int) -> int:
    """The Unix second that `text` means, in the future of `now`. Raises BadMoment."""
    if found := _SPAN.fullmatch(text):
        then = now + int(found[1]) * _SECONDS[found[2]]
    else:
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            raise BadMoment(f"'{text}' is neither like '90d' nor like '2027-01-31'") from None
        then = int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
    if then <= now:
        raise BadMoment(f"'{text}' is no time to come")
    return then


def day(second: int) -> str:
    """A Unix second for people, in UTC."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M")
