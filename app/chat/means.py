"""What answers are made with: the engine, the search, and what was learned of them at start."""

from dataclasses import dataclass

from app.chat.budget import Limits
from app.chat.ports import Engine, Foresee, Price, Search
from app.chat.searching.injection import ResultsBlock
from app.chat.steady import Patience
from app.chat.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Means:
    """What an answer is made with; the same for every request of a gateway."""

    engine: Engine
    search: Search
    vocabulary: Vocabulary
    limits: Limits
    block: ResultsBlock
    foresee: Foresee | None = None
    """Begins searches early; None makes them when their query is complete."""
    patience: Patience | None = None
    """With an engine that goes away in mid-answer; None fails the answer."""
    price: Price = lambda _: 0.0
    """Of a search; callers with a budget are held to it."""
    foresee_free: Foresee | None = None
    """As `foresee`, for callers whose searches are counted: it asks nobody who costs money."""
