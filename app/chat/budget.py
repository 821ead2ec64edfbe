"""What one answer may still spend: tokens, searches, legs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limits:
    """The gateway's own bounds on every answer."""

    max_searches: int = 3
    """Spans the model may open in one answer, when the request doesn't say."""
    max_queries: int = 4
    """Queries in one span, searched side by side."""
    max_query_chars: int = 400
    """Providers cut or refuse longer ones."""
    results_per_query: int = 5
    results_tokens: int = 1024
    """Tokens of one results block at `search_context_size: medium`; low halves, high doubles."""
    answer_reserve: int = 256
    """Tokens of the context window that results may not take: room to answer in."""
    links: Literal["known", "any"] = "known"
    """`known`: links in an answer that lead where neither results nor the conversation do are made
    dead; `any`: they are left."""
    stray_legs: int = 4
    """Legs beyond one per search, for markers that mean nothing where they stand."""

    def results_budget(self, context_size: str) -> int:
        """Tokens of one results block, for a `search_context_size`."""
        return int(self.results_tokens * {"low": 0.5, "medium": 1.0, "high": 2.0}[context_size])


@dataclass(slots=True)
class Budget:
    """What is left of one answer's allowance."""

    tokens: int
    """Tokens the model may still generate."""
    searches: int
    """Spans it may still open."""
    legs: int
    """Runs of the engine that may still be made."""
    window: int
    """The context window."""

    def room(self, length: int) -> int:
        """Tokens the next leg may generate after a sequence of `length`."""
        return min(self.tokens, self.window - length)

    def for_results(self, length: int, wanted: int, reserve: int) -> int:
        """Tokens a results block may take after a sequence of `length`."""
        return max(0, min(wanted, self.window - length - min(reserve, self.tokens)))


def split_queries(text: str, seen: Sequence[str], most: int) -> tuple[list[str], bool]:
    """The new queries in a span, one per line, and whether there were any at all.

    Args:
        text: what stands between the markers.
        seen: keys of queries searched before in this answer.
        most: queries to keep.
    """
    lines = [" ".join(line.split()) for line in text.splitlines()]
    by_key = {query_key(line): line for line in lines if line}
    new = [line for key, line in by_key.items() if key not in seen]
    return new[:most], bool(by_key)


def query_key(query: str) -> str:
    """Equal for queries that ask the same."""
    return " ".join(query.casefold().split())
