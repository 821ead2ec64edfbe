"""What a search comes to, and what one provider said in it."""

from dataclasses import dataclass, field
from typing import Literal

from search_adapters.protocol import Passage

Cached = Literal["", "fresh", "stale"]
"""Whether a result was kept from before: not at all, within its time, or past it because the
provider failed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search brought: passages, or the reason there are none."""

    passages: tuple[Passage, ...]
    provider: str = ""
    """The adapter that answered, or whose failure `failure` tells; fused ones with `+` between."""
    failure: str | None = None
    """A short reason for the model and the client, e.g. `timed out`; None on success."""
    elapsed: float = 0.0
    """Seconds."""
    cached: Cached = ""
    hidden: float = 0.0
    """Seconds that it would have taken longer, had it not been begun early."""
    hedged: bool = False
    """Whether a provider was slow and was asked a second time."""
    usd: float = 0.0
    """US dollars that it cost, at the list prices of the providers asked."""
    left: float = field(default=0.0, compare=False)
    """Seconds that it did not use of its deadline."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one provider said."""

    passages: tuple[Passage, ...]
    provider: str
    failure: str | None = None
    retry_after: float | None = None
    """Seconds after which a call may work that now was refused for its rate."""
    cached: Cached = ""
    hidden: float = 0.0
    """Seconds for which the call had been under way when it was asked for."""
    hedged: bool = False
    """Whether it was slow, and made a second time."""
    usd: float = 0.0
    """US dollars that its calls cost, at the list price."""


def hidden(parts: list[tuple[float, float]]) -> float:
    """What was saved by beginning early, over calls made side by side.

    Args:
        parts: of each call, the seconds it was waited for and those it had been under way before.
    """
    if not parts:
        return 0.0
    return max(0.0, max(map(sum, parts)) - max(waited for waited, _ in parts))
