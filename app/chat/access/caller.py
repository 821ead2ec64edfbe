"""Who asks: the owner of what is kept for him, what he may do, and what sets his prompts apart."""

from dataclasses import dataclass
from typing import Literal, get_args

Scope = Literal["chat", "search", "metrics", "admin"]
"""`chat`: answers, and what is kept of them; `search`: these answers may search; `metrics`:
`/metrics`; `admin`: all of it."""

SCOPES: frozenset[Scope] = frozenset(get_args(Scope))


@dataclass(frozen=True, slots=True)
class Caller:
    """One client, as the key that he sent makes him known; the default is the open gateway's."""

    id: str = ""
    """Owns responses, conversations and stored completions: what another id owns isn't there for
    this one. Empty for all who ask a gateway without keys."""
    scopes: frozenset[Scope] = SCOPES
    salt: str = ""
    """Keeps his prompts apart from others' in the engine's prefix cache; empty shares it."""
    metered: bool = False
    """Whether his key has limits, or its use is counted."""

    def may(self, scope: Scope) -> bool:
        """Whether the key allows this."""
        return scope in self.scopes or "admin" in self.scopes
