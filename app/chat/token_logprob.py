"""How likely an engine found a token that it sampled, and which others it considered."""

from dataclasses import dataclass

LEAST = -9999.0
"""What stands for a probability of nothing: minus infinity is no number in JSON."""


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One token."""

    token: str
    """Its text; that of a token with a part of a character only is not meaningful."""
    logprob: float
    """Natural logarithm of its probability."""
    bytes: tuple[int, ...] | None = None
    """Its text in UTF-8, where that is known."""
    top: tuple["TokenLogprob", ...] = ()
    """The likeliest tokens in its place, best first; they have none of their own."""
