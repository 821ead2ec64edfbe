"""Which prompt tokens a server would have had in its cache: full blocks of earlier sequences."""

from collections.abc import Iterator, Sequence

BLOCK = 16
"""vLLM's block size on a GPU."""
MAX_BLOCKS = 200_000


class PrefixCache:
    """Remembers blocks by the hash of everything up to their end."""

    def __init__(self) -> None:
        self._blocks: set[int] = set()

    def cached(self, prompt: Sequence[int]) -> int:
        """Tokens of `prompt` that are cached; never all of them: the last is always computed."""
        count = 0
        for key in self._keys(prompt[:-1]):
            if key not in self._blocks:
                break
            count += BLOCK
        return count

    def add(self, sequence: Sequence[int]) -> None:
        """Remember the full blocks of a sequence that was computed."""
        if len(self._blocks) > MAX_BLOCKS:
            self._blocks.clear()
        self._blocks.update(self._keys(sequence))

    def _keys(self, ids: Sequence[int]) -> Iterator[int]:
        key = 0
        for end in range(BLOCK, len(ids) + 1, BLOCK):
            key = hash((key, *ids[end - BLOCK : end]))
            yield key
