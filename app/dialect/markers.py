"""The markers of a dialect: the literals by which a model opens a search and reads its results.

A dialect is data. Its markers may be single tokens of the model's vocabulary or plain text of
several tokens; nothing here depends on which.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """The literals one family of models was trained or taught to use."""

    name: str
    search_start: str
    search_end: str
    results_start: str
    results_end: str

    @property
    def markers(self) -> tuple[str, str, str, str]:
        """All four literals: search start and end, results start and end."""
        return self.search_start, self.search_end, self.results_start, self.results_end


ORSON = Dialect("orson", "[SEARCH_START]", "[SEARCH_END]", "[RESULTS_START]", "[RESULTS_END]")
"""The dialect of the bundled model, and the one any other model is taught."""

DIALECTS = {dialect.name: dialect for dialect in (ORSON,)}
