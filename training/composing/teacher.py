"""An engine that says what an exchange tells it, a leg at a time, and stops as a real one does.

The loop that serves can't tell it from a model. So what it makes of these words - stops, results
blocks, numbers, notices - is what it makes of a model's.
"""

from collections.abc import Mapping, Sequence

from app.chat.ports import Chunk, Leg, Reads, Stopped, Take
from app.chat.request import Message
from app.chat.vocabulary import Vocabulary
from app.dialect.results import Numbered
from training.composing.exchanges import Part, Said, Searched
from training.composing.reader import Reader


class CantSay(RuntimeError):
    """The loop would not let a model say this: no room, no search left, a passage not shown."""


class Teacher:
    """Implements `app.chat.ports.Engine` for one answer."""

    def __init__(
        self, reader: Reader, vocabulary: Vocabulary, parts: Sequence[Part], opening: str, end: int
    ) -> None:
        """
        Args:
            reader: the tokenizer.
            vocabulary: what it makes of the markers.
            parts: what is to be said and searched; the last part is words.
            opening: what the template puts before an answer's first word: nothing, or a space.
            end: the id that ends a turn.
        """
        self.model, self.context_window = reader.model, reader.context_window
        self.shown: tuple[Numbered, ...] = ()
        """Passages injected so far; kept up to date by whoever plays the answer."""
        self.said = 0
        """Parts used up."""
        self._reader, self._vocabulary = reader, vocabulary
        self._parts, self._opening, self._end = parts, opening, end

    async def render(
        self, messages: Sequence[Message], template: Mapping[str, object] | None = None
    ) -> list[int]:
        """As the reader does."""
        return await self._reader.render(messages, template)

    async def encode(self, text: str) -> list[int]:
        """As the reader does."""
        return await self._reader.encode(text)

    def generate(self, leg: Leg) -> Reads:
        """The next part."""
        if self.said >= len(self._parts):
            raise CantSay("the loop goes on after the last part")
        self.said += 1
        return TaughtReads(self, leg, self._parts[self.said - 1])

    async def ready(self) -> None:
        """It always is."""

    async def aclose(self) -> None:
        """The reader is closed by whoever opened it."""

    async def chunk(self, leg: Leg, part: Part) -> Chunk:
        """What a model would send that says this part."""
        harmless = self._vocabulary.neutralise
        match part:
            case Searched(query, _):
                dialect = self._vocabulary.dialect
                text = f"{dialect.search_start} {harmless(query)}"
                ids = await self._reader.encode(text + dialect.search_end)
                if self._vocabulary.single:
                    stop = Stopped("stop_token", self._vocabulary.ids[dialect.search_end][0])
                else:
                    stop = Stopped("stop_string", dialect.search_end)
            case Said():
                try:
                    words = part.numbered(self.shown)
                except KeyError:
                    raise CantSay("a passage to be cited was not shown") from None
                text = self._opening + harmless(words)
                ids = [*await self._reader.encode(text), self._end]
                stop = Stopped("end")
        self._see_allowed(leg, ids, text)
        return Chunk(tuple(ids), text, stop)

    def _see_allowed(self, leg: Leg, ids: Sequence[int], text: str) -> None:
        if len(ids) > leg.max_tokens:
            raise CantSay("no room in the context window")
        if set(ids) & set(leg.forbid_ids) or any(one in text for one in leg.forbid_strings):
            raise CantSay("the loop forbids a search here")


class TaughtReads:
    """The stream of one leg: all of it in one read."""

    def __init__(self, teacher: Teacher, leg: Leg, part: Part) -> None:
        self._teacher, self._leg, self._part = teacher, leg, part
        self._done = False

    async def pour(self, take: Take) -> bool:
        """Give `take` the whole leg."""
        if not self._done:
            self._done = True
            take(await self._teacher.chunk(self._leg, self._part))
        return False

    async def aclose(self) -> None:
        """Nothing runs."""
        self._done = True
