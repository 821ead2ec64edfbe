"""Reading providers' replies: JSON that may be HTML, statuses that are errors, dates of all kinds.

Everything here is pure. What is common to all providers is decided once: `refusal` turns a status
into an error, `parse` a body into a checked model, `plain` a snippet into text.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from search_adapters.domains import fit
from search_adapters.errors import (
    BadQuery,
    BadReply,
    NotAuthorised,
    QuotaExhausted,
    RateLimited,
    Retired,
    SearchError,
    TimedOut,
    Unavailable,
)

Model = TypeVar("Model", bound=BaseModel)

_STATUS: dict[int, type[SearchError]] = {
    400: BadQuery,
    401: NotAuthorised,
    402: QuotaExhausted,
    403: NotAuthorised,
    408: TimedOut,
    410: Retired,
    413: BadQuery,
    414: BadQuery,
    422: BadQuery,
    429: RateLimited,
    504: TimedOut,
}


def refusal(
    status: int,
    headers: Mapping[str, str],
    *,
    detail: str = "",
    kind: type[SearchError] | None = None,
    retry_after: float | None = None,
) -> SearchError:
    """The error a status outside 2xx stands for.

    `kind` and `retry_after` (seconds) are what the provider's own body says, where it does;
    otherwise the status and the Retry-After header decide. `detail` is shortened: it is written
    by the provider and ends in our logs.
    """
    if kind is None:
        kind = _STATUS.get(status) or (Unavailable if status >= 500 else BadReply)
    if retry_after is None:
        retry_after = retry_after_header(headers)
    said = f": {plain(detail)[:200]}" if detail else ""
    return kind(f"status {status}{said}", retry_after=retry_after)


def retry_after_header(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait by the Retry-After header, seconds or a date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if (seconds := duration(value)) is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def duration(text: str) -> float | None:
    """Seconds of `60`, `60s` or `1.5s`; None for anything else."""
    match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d+)?)\s*s?\s*", text)
    return float(match[1]) if match else None


def parse(model: type[Model], body: bytes) -> Model:
    """The body as `model`; BadReply when it is HTML, cut short, or of another shape."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        problem = "HTML where JSON belongs" if _is_html(body) else f"{where}: {first['msg']}"
        raise BadReply(problem) from None


def decoded(body: bytes) -> Any:
    """The body as whatever JSON it is; BadReply when it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        problem = "HTML where JSON belongs" if _is_html(body) else "no JSON"
        raise BadReply(problem) from None


def each(model: type[Model], items: Iterable[Any]) -> list[Model]:
    """The items that can be read. One odd item doesn't spoil a page; nothing but odd ones does."""
    good, bad = [], 0
    for item in items:
        try:
            good.append(model.model_validate(item))
        except ValidationError:
            bad += 1
    if bad and not good:
        raise BadReply(f"none of {bad} results has the documented fields")
    return good


_TAG = re.compile(
    r"</?(?:a|b|br|code|em|i|mark|p|small|span|strong|sub|sup|u|wbr)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def plain(markup: str) -> str:
    """A snippet as one line of text: highlighting removed, entities resolved.

    Only inline tags go, so that `List<int>` and `a < b` survive.
    """
    text = unescape(_TAG.sub("", markup.replace("<br>", " ")))
    return " ".join(_CONTROL.sub(" ", text).split())


GAP = " … "
"""Between pieces of a page that don't follow each other there."""


def joined(pieces: Iterable[str], max_chars: int = 1200) -> str:
    """Pieces of one page as one text, each once, cut at a word beyond `max_chars`.

    Some providers send tables as JSON; those are written out as `name: value`.
    """
    texts = dict.fromkeys(filter(None, (plain(_written_out(piece)) for piece in pieces)))
    text = GAP.join(texts)
    return text if len(text) <= max_chars else fit(text, max_chars - 2) + " …"


def _written_out(piece: str) -> str:
    if not piece.lstrip().startswith(("{", "[")):
        return piece
    try:
        return _sentence(json.loads(piece))
    except (ValueError, RecursionError):
        return piece


def _sentence(value: Any) -> str:
    if isinstance(value, dict):
        parts = ((name, _sentence(item)) for name, item in value.items())
        return "; ".join(f"{name}: {text}" for name, text in parts if text)
    if isinstance(value, list):
        return "; ".join(filter(None, map(_sentence, value)))
    return "" if value is None else str(value)


_AGO = re.compile(r"(\d{1,3}) (minute|hour|day|week)s? ago")
_WRITTEN = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%Y/%m/%d")


def iso_day(written: str | None, today: date | None = None) -> str | None:
    """The ISO day of a date however a provider writes it; None when it is no date.

    Understands ISO 8601, RFC 2822, `Nov 3, 2025`, `3 Nov 2025` and `2 days ago`.
    """
    text = (written or "").strip()
    if not text:
        return None
    if re.match(r"\d{4}-\d\d-\d\d", text):
        return _valid_day(text[:10])
    if match := _AGO.fullmatch(text.lower()):
        span = timedelta(**{match[2] + "s": int(match[1])})
        return ((today or datetime.now(UTC).date()) - span).isoformat()
    for form in _WRITTEN:
        try:
            return datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(text).date().isoformat()
    except ValueError:
        return None


def _valid_day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _is_html(body: bytes) -> bool:
    return body[:512].lstrip().lower().startswith((b"<!doctype", b"<html", b"<head", b"<body"))
