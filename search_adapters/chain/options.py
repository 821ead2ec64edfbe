"""How a chain is to behave, in one value. The defaults are the gateway's."""

from dataclasses import dataclass, field
from typing import Literal

from search_adapters.chain.result_cache import Lifetimes
from search_adapters.protocol import Traits

DEADLINE = 2.5
"""Seconds for a whole search. The reader is watching a sentence that has stopped in the middle."""
PROVIDER_TIMEOUT = 1.5
"""Seconds for one provider: what is left of the deadline is enough for a second one."""
CONCURRENCY = 16
"""Calls to one provider at a time. At 200 ms each that is 80 a second, more than any plan sold
to a single customer allows; the free tiers are below one."""

Spending = Literal["off", "free", "all"]
"""Which calls may be made beyond those strictly needed: none, those that cost nothing, any."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a chain is to behave."""

    mode: Literal["first", "fuse"] = "first"
    """`first`: in order, until one finds something; `fuse`: all at once, their rankings joined."""
    deadline: float = DEADLINE
    """Seconds for a whole search."""
    provider_timeout: float = PROVIDER_TIMEOUT
    """Seconds for one provider within it."""
    concurrency: int = CONCURRENCY
    """Calls to one provider at a time."""
    hedge: Spending = "free"
    """Second calls to a provider that is slower than it is in nine cases of ten."""
    early: Spending = "free"
    """Searches for a query that is still being written."""
    lifetimes: Lifetimes = field(default_factory=Lifetimes)


def may_spend(allowed: Spending, traits: Traits) -> bool:
    """Whether a call may be made whose result may be thrown away."""
    return allowed == "all" or (allowed == "free" and traits.speculative)
