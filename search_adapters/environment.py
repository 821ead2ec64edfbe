"""Reading an adapter's settings at start, so that a wrong one is said then and not in a search."""

from urllib.parse import urlsplit

from search_adapters.errors import MissingSetting
from search_adapters.protocol import Environment


def secret(environment: Environment, adapter: str, variable: str, hint: str) -> str:
    """The key in `variable`. MissingSetting when it is absent or can't stand in an HTTP header."""
    value = environment.get(variable, "").strip()
    if not value:
        raise MissingSetting(adapter, variable, hint)
    if not (value.isascii() and value.isprintable()):
        # Sent as it is, it would fail in every search, with the key in the traceback.
        raise MissingSetting(adapter, variable, "what is set holds characters no key can have")
    return value


def address(environment: Environment, adapter: str, variable: str) -> str | None:
    """The http(s) address in `variable`, None when it isn't set."""
    value = environment.get(variable, "").strip()
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise MissingSetting(adapter, variable, f"an http(s) address, not '{value}'")
    return value


def seconds(environment: Environment, adapter: str, variable: str) -> float | None:
    """The number of seconds in `variable`, None when it isn't set."""
    value = environment.get(variable, "").strip()
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:
        raise MissingSetting(adapter, variable, f"a number of seconds, not '{value}'")
    return number


def switch(environment: Environment, adapter: str, variable: str, default: bool) -> bool:
    """Whether `variable` says on or off; anything else is an error, not a silent off."""
    value = environment.get(variable, "").strip().lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    if value:
        raise MissingSetting(adapter, variable, f"on or off, not '{value}'")
    return default
