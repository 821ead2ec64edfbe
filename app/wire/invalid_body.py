"""pydantic's findings about a body -> one error that names the field, in OpenAI's words."""

import re
from typing import Any

from app.errors import InvalidRequest

_TRIED = re.compile(
    r"str|Days|NamedChoice|ConversationRef|(list|constrained-list|literal|item)\[.*\]"
)
"""What pydantic puts into a place for a type that it tried there."""


def problem(errors: list[Any]) -> InvalidRequest:
    """What is wrong with the body; several findings are told as the one meant."""
    where = _place(errors[0])
    # A field that may be of several types is wrong in several ways: the deepest is the one meant.
    error = max(
        (each for each in errors if _place(each)[: len(where)] == where),
        key=lambda each: (len(_place(each)), not each["type"].endswith("_type")),
    )
    path = _path(_place(error))
    if error["type"] == "json_invalid":
        why = error["ctx"]["error"]
        return _wrong(f"We could not parse the JSON body of your request: {why}.", "invalid_json")
    if not path:
        return _wrong(
            "The request needs a JSON object as its body: "
            f"{error['msg'].removeprefix('Value error, ')}.",
            "invalid_json",
        )
    match error["type"]:
        case "extra_forbidden":
            return _wrong(f"Unknown parameter: '{path}'.", "unknown_parameter", path)
        case "missing":
            message = f"Missing required parameter: '{path}'."
            return _wrong(message, "missing_required_parameter", path)
        case "value_error":
            message = error["msg"].removeprefix("Value error, ")
            return _wrong(message, "invalid_value", path)
        case "too_long" if path in ("tools", "logit_bias"):
            message = f"Unsupported parameter: '{path}' is not supported by this gateway."
            return _wrong(message, "unsupported_parameter", path)
        case str(kind):
            code = "invalid_type" if kind.endswith(("_type", "_parsing")) else "invalid_value"
            what = "type" if code == "invalid_type" else "value"
            return _wrong(f"Invalid {what} for '{path}': {error['msg']}.", code, path)
        case _:
            raise AssertionError(error)


def _place(error: Any) -> tuple[str | int, ...]:
    """Where in the body: pydantic's `loc`, less the names of the types it tried."""
    return tuple(
        part for part in error["loc"][1:] if isinstance(part, int) or not _TRIED.fullmatch(part)
    )


def _path(place: tuple[str | int, ...]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    # A name from a stranger: half a surrogate pair could not be sent back.
    return "".join(parts).lstrip(".").encode("utf-8", "replace").decode()


def _wrong(message: str, code: str, param: str | None = None) -> InvalidRequest:
    error = InvalidRequest(message, param=param)
    error.code = code
    return error
