"""The tokens of one answer and where each came from: prompt, model, or search.

Append-only, in ids. Whatever the model said stays exactly as it was sampled, so on every leg
`prompt[i+1] == prompt[i] + output[i] + injected[i]`, and the engine's prefix cache stays warm.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Origin = Literal["prompt", "model", "search"]
ORIGINS: tuple[Origin, ...] = ("prompt", "model", "search")


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of tokens of one origin."""

    origin: Origin
    start: int
    """Index of its first token in the sequence."""
    end: int


@dataclass(slots=True)
class Transcript:
    """One growing sequence of token ids, remembering the origin of each."""

    ids: list[int] = field(default_factory=list)
    _starts: list[tuple[Origin, int]] = field(init=False, default_factory=list)

    def append(self, origin: Origin, ids: Iterable[int]) -> int:
        """Add tokens at the end; how many there were."""
        start = len(self.ids)
        self.ids.extend(ids)
        count = len(self.ids) - start
        if count and not (self._starts and self._starts[-1][0] == origin):
            self._starts.append((origin, start))
        return count

    @property
    def segments(self) -> list[Segment]:
        """The runs of one origin, in order; they cover the sequence."""
        ends = [*(start for _, start in self._starts[1:]), len(self.ids)]
        return [
            Segment(origin, start, end)
            for (origin, start), end in zip(self._starts, ends, strict=False)
        ]

    def of(self, origin: Origin) -> list[int]:
        """All tokens of one origin, in order."""
        return [
            token
            for segment in self.segments
            if segment.origin == origin
            for token in self.ids[segment.start : segment.end]
        ]

    def mask(self) -> Sequence[bool]:
        """For each token whether the model sampled it: where a loss may be taken."""
        mask = [False] * len(self.ids)
        for segment in self.segments:
            if segment.origin == "model":
                mask[segment.start : segment.end] = [True] * (segment.end - segment.start)
        return mask

    def __len__(self) -> int:
        return len(self.ids)
