"""Whoever watches one answer being made, and has no say in it: records, spans, logs.

Told a few times per leg and search, never per token: text reaches its reader past all watches.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.chat.events import Event, Usage
from app.chat.means import Means
from app.chat.request import ChatRequest
from app.metrics import Outcome


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be watched."""

    request: ChatRequest
    id: str
    """The answer's own, under which its client knows it; empty where it has none."""
    model: str


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of it."""

    outcome: Outcome
    seconds: float
    """From the request to its end."""
    first: float | None
    """Seconds from the request to the first event; None: there was none."""
    usage: Usage | None
    """None where nothing was spent."""
    error: BaseException | None = None


class Watch(Protocol):
    """Told of one answer. What it raises would break the answer off, so it doesn't."""

    def made_with(self, means: Means) -> Means:
        """The means, or others that pass everything on to these and are watched."""
        ...

    def begun(self, request: ChatRequest, prompt: Sequence[int], taught: str) -> None:
        """The request with its defaults filled in, its prompt in ids, and the words of ours in it
        by which the model is told of searching."""
        ...

    def observe(self, event: Event) -> None:
        """An event that is no text, in its order."""
        ...

    def ended(self, ended: Ended) -> None:
        """It is over. Called once, for requests that were refused too; not where one that waits for
        its turn will be asked again."""
        ...


Watcher = Callable[[Asked], Watch | None]
"""Asked at each request; None: this one doesn't interest it."""


class Watches:
    """Several, as one."""

    def __init__(self, watchers: Sequence[Watcher], asked: Asked, *own: Watch) -> None:
        """
        Args:
            watchers: the gateway's.
            asked: what is to be watched.
            own: this answer's alone; nearest to it.
        """
        made = (watcher(asked) for watcher in watchers)
        self._watches = (*own, *(watch for watch in made if watch is not None))

    def made_with(self, means: Means) -> Means:
        """The means, as the last of them gives them."""
        for watch in self._watches:
            means = watch.made_with(means)
        return means

    def begun(self, request: ChatRequest, prompt: Sequence[int], taught: str) -> None:
        """The request with its defaults filled in, and how it is put to the model."""
        for watch in self._watches:
            watch.begun(request, prompt, taught)

    def observe(self, event: Event) -> None:
        """An event that is no text."""
        for watch in self._watches:
            watch.observe(event)

    def ended(self, ended: Ended) -> None:
        """It is over."""
        for watch in self._watches:
            watch.ended(ended)
