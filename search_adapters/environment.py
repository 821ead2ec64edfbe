"""Reading an adapter's settings at start, so that a wrong one is said then and not in a search."""

from dataclasses import replace
from urllib.parse import urlsplit

from search_adapters.errors import MissingSetting
from search_adapters.protocol import Environment, Traits


def secret(environment: Environment, adapter: str, variable: str, hint: str) -> str:
    """The key in `variable`. MissingSetting when it is absent or can't stand in an HTTP header."""
    value = needed(environment, adapter, variable, hint)
    if not (value.isascii() and value.isprintable()):
        # Sent as it is, it would fail in every search, with the key in the traceback.
        raise MissingSetting(adapter, variable, "what is set holds characters no key can have")
    return value


def needed(environment: Environment, adapter: str, variable: str, hint: str) -> str:
    """The text in `variable`. MissingSetting when it is absent."""
    value = environment.get(variable, "").strip()
    if not value:
        raise MissingSetting(adapter, variable, hint)
    return value


def address(environment: Environment, adapter: str, variable: str) -> str | None:
    """The http(s) address in `variable`, None when it isn't set."""
    value = environment.get(variable, "").strip()
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        shown = value.rsplit("@", 1)[-1]  # before it stands a password
        raise MissingSetting(adapter, variable, f"an http(s) address, not '{shown}'")
    return value


def choice(environment: Environment, adapter: str, variable: str, *offered: str) -> str | None:
    """The one of `offered` that `variable` names, None when it isn't set."""
    value = environment.get(variable, "").strip().lower()
    if value and value not in offered:
        *most, last = (f"'{name}'" for name in offered)
        raise MissingSetting(adapter, variable, f"{', '.join(most)} or {last}, not '{value}'")
    return value or None


def with_contract(environment: Environment, adapter: str, traits: Traits) -> Traits:
    """`traits` with what the operator has agreed on: caching, and the price.

    ORSON_CACHE_<ADAPTER>, in seconds, and ORSON_PRICE_<ADAPTER>, in US dollars for a thousand
    calls. Terms and prices differ by plan; some are not published at all.
    """
    agreed = seconds(environment, adapter, f"ORSON_CACHE_{adapter.upper()}")
    if agreed is not None:
        traits = replace(traits, cache_seconds=agreed)
    price = _number(environment, adapter, f"ORSON_PRICE_{adapter.upper()}", "US dollars")
    return traits if price is None else replace(traits, usd_per_1000=price)


def seconds(environment: Environment, adapter: str, variable: str) -> float | None:
    """The number of seconds in `variable`, None when it isn't set."""
    return _number(environment, adapter, variable, "seconds")


def _number(environment: Environment, adapter: str, variable: str, of: str) -> float | None:
    value = environment.get(variable, "").strip()
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:
        raise MissingSetting(adapter, variable, f"a number of {of}, not '{value}'")
    return number


def count(environment: Environment, adapter: str, variable: str) -> int | None:
    """The whole number of things, from 1 to 100, in `variable`; None when it isn't set."""
    value = environment.get(variable, "").strip()
    if not value:
        return None
    if not value.isdecimal() or not 1 <= int(value) <= 100:
        raise MissingSetting(adapter, variable, f"a number from 1 to 100, not '{value}'")
    return int(value)


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
