"""One answer before it is tokens: what it is asked, what is said and searched."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from app.chat.request import Message
from app.dialect.results import Numbered
from search_adapters.protocol import Passage
from training.records import Split


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brings; has the shape of `app.chat.ports.Found`."""

    passages: tuple[Passage, ...] = ()
    failure: str | None = None
    provider: str = "training"
    elapsed: float = 0.0
    left: float = 2.5
    cached: Literal["", "fresh", "stale"] = ""
    hidden: float = 0.0
    hedged: bool = False
    usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Searched:
    """A search the model makes, and what it brings."""

    query: str
    found: Found


@dataclass(frozen=True, slots=True)
class Said:
    """Words of the model. `{1}` in them is the number of the first of `cites`, and so on."""

    text: str
    cites: tuple[Passage, ...] = ()

    def numbered(self, shown: Sequence[Numbered]) -> str:
        """The words with their citations; KeyError if a passage is not among those shown."""
        numbers = {(each.passage.url, each.passage.text): each.number for each in shown}
        text = self.text
        for place, passage in enumerate(self.cites, start=1):
            text = text.replace(f"{{{place}}}", f"[{numbers[passage.url, passage.text]}]")
        return text


Part = Searched | Said


@dataclass(frozen=True, slots=True)
class Exchange:
    """One answer to compose."""

    kind: str
    split: Split
    messages: tuple[Message, ...]
    """The conversation up to the question; the last one is the user's."""
    parts: tuple[Part, ...]
    """Searches, then the words they lead to."""
    may_search: bool = True
    questions: tuple[str, ...] = ()
    """Ids of the questions it is made from."""
    must_say: tuple[str, ...] = field(default=())
    """Texts that the passages cited must still hold when they are shown."""

    def after(self, history: Sequence[Message]) -> "Exchange":
        """The same with an earlier conversation before it."""
        return replace(self, messages=(*history, *self.messages))


def user(text: str) -> Message:
    """A message of the user's."""
    return Message("user", text)


def assistant(text: str) -> Message:
    """An earlier answer."""
    return Message("assistant", text)


def cited(sentence: str, place: int = 1) -> str:
    """The sentence with a citation before its full stop: "It is so." -> "It is so {1}."."""
    text = sentence.rstrip()
    if text[-1:] in ".!?":
        return f"{text[:-1]} {{{place}}}{text[-1]}"
    return f"{text} {{{place}}}."
