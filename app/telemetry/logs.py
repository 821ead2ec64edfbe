"""What the gateway writes to its log: text for a terminal, or one JSON object a line.

A record may carry `fields` (`logger.info(..., extra={"fields": {...}})`): in JSON they stand beside
the message, in text only the message is shown. The id of the request is on every line that was
written while serving one, uvicorn's own among them. Paths are logged without their query strings,
for what people look for is in those.
"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO
from urllib.parse import unquote

from app.telemetry import request_id

Format = Literal["text", "json"]
Context = Callable[[], Mapping[str, str]]
"""What else is true of the moment, such as the ids of a trace."""
ACCESS = "uvicorn.access"


class AccessFields(logging.Filter):
    """Takes the query string out of uvicorn's access lines, and gives them fields."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record stays."""
        args = record.args
        if record.name == ACCESS and isinstance(args, tuple) and len(args) == 5:
            client, method, target, version, status = args
            path = str(target).partition("?")[0]
            record.args = (client, method, path, version, status)
            record.fields = {
                "event": "http",
                "client": client,
                "method": method,
                "path": unquote(path),
                "status": status,
            }
        return True


class TextFormatter(logging.Formatter):
    """For people: the id of the request stands behind the message."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line, before a traceback."""
        line = super().formatMessage(record)
        id_ = request_id.current()
        return f"{line} [{id_}]" if id_ else line


class JsonFormatter(logging.Formatter):
    """For machines: one object a line, whatever is in the message."""

    def __init__(self, context: Context = dict) -> None:
        super().__init__()
        self._context = context

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if id_ := request_id.current():
            line["request_id"] = id_
        line |= self._context()
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(
    format_: Format, level: str, *, context: Context = dict, stream: TextIO | None = None
) -> None:
    """Send all logs to `stream`, or to stderr, in this form. Uvicorn must have no handlers."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(AccessFields())
    handler.setFormatter(TextFormatter() if format_ == "text" else JsonFormatter(context))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
