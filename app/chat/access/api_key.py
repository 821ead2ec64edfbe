"""API keys as `orson keys add` makes them: what is shown once, and what is kept.

    sk-orson-k3fz7q2mw9xd-…43 characters of secret…
             ^ the id (key_k3fz7q2mw9xd), by which the key is found and named

Kept is a SHA-256 of the whole. A slow hash would add nothing: nobody guesses 256 random bits.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from app.chat.access.caller import Scope

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 letters and digits that are not mistaken for each other."""
_TEXT = re.compile(rf"sk-orson-([{_ALPHABET}]{{12}})-[A-Za-z0-9_-]{{43}}", re.ASCII)
DEFAULT_SCOPES: frozenset[Scope] = frozenset({"chat", "search"})


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What one key may use; None sets no limit."""

    requests_per_minute: int | None = None
    """Answers begun in any 60 seconds."""
    tokens_per_minute: int | None = None
    """Tokens of prompts, answers and results in any 60 seconds."""
    streams: int | None = None
    """Answers under way at a time."""
    searches_per_day: int | None = None
    """Queries in a UTC day."""
    search_usd_per_day: float | None = None
    """What they may cost, at the providers' list prices."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key."""

    id: str
    name: str
    digest: str
    """SHA-256 of the key's text, in hex."""
    scopes: frozenset[Scope] = DEFAULT_SCOPES
    limits: KeyLimits = field(default_factory=KeyLimits)
    created: int = 0
    """Unix seconds, as are the next three."""
    expires: int | None = None
    revoked: int | None = None
    used: int | None = None
    """When it last asked for an answer."""

    def fits(self, text: str) -> bool:
        """Whether this is the key's text."""
        return hmac.compare_digest(self.digest, digest_of(text))


def new_text() -> str:
    """A new key, as its owner sends it."""
    name = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    return f"sk-orson-{name}-{secrets.token_urlsafe(32)}"


def id_of(text: str) -> str | None:
    """The id in a key's text; None where it is none of ours."""
    found = _TEXT.fullmatch(text)
    return f"key_{found[1]}" if found else None


def digest_of(text: str) -> str:
    """What is kept of a key's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def salt_of(text: str) -> str:
    """What sets a key's prompts apart in the engine's prefix cache.

    Made of the key itself: the same on every gateway, and known to nobody who hasn't the key. It is
    URL-safe base64, since vLLM refuses `@`, `/`, `\\` and NUL in a salt.
    """
    mixed = hmac.digest(text.encode(), b"orson prefix cache", "sha256")
    return base64.urlsafe_b64encode(mixed).decode().rstrip("=")
