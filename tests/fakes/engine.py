"""An engine that says what a script tells it, and stops, forbids and counts as a real one does."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.chat.ports import Chunk, Leg, Stopped, Take
from app.chat.request import Message
from app.dialect.markers import ORSON, Dialect
from tests.fakes.tokenizer import END, ToyTokenizer


@dataclass(frozen=True, slots=True)
class Says:
    """One leg of the script."""

    text: str | Sequence[str]
    """What the model wants to say; a sequence gives its tokens one by one."""
    otherwise: str = "I don't know."
    """What it says instead, from the point where it is forbidden to go on."""
    fails: Exception | None = None
    """Raised when everything is said, in place of an end."""
    waits: asyncio.Event | None = None
    """Waited for when everything is said."""


@dataclass(slots=True)
class Played:
    """A leg as the engine saw it."""

    leg: Leg
    output: list[int] = field(default_factory=list)
    """Ids handed out."""
    sampled: list[int] = field(default_factory=list)
    """Ids sampled."""
    closed: bool = False
    running: bool = False


@dataclass(frozen=True, slots=True)
class Chunking:
    """How a leg is cut up on its way to us. Sizes are taken round and round."""

    ids: tuple[int, ...] = (1,)
    """Ids per chunk."""
    chars: tuple[int, ...] = ()
    """Characters per chunk; what is over follows in chunks without ids."""
    reads: tuple[int, ...] = (1,)
    """Chunks per read."""
    stop_apart: bool = False
    """The stop comes in a chunk of its own."""


class ScriptedEngine:
    """Implements `app.chat.ports.Engine`. One script entry is used up by each leg."""

    def __init__(
        self,
        *legs: str | Sequence[str] | Says | Exception,
        single: bool = True,
        added: Iterable[str] = (),
        piece: int = 3,
        chunking: Chunking | None = None,
        context_window: int = 20_000,
        cached: bool = False,
        dialect: Dialect = ORSON,
        end: str = END,
        opens: str = "",
    ) -> None:
        """`end`: the token that ends a turn; `opens`: what the template puts behind the header."""
        self.model = "scripted"
        self.context_window = context_window
        self.tokenizer = ToyTokenizer(single=single, added=added, dialect=dialect, end=end)
        self.opens, self._end = opens, end
        self.templates: list[Mapping[str, object]] = []
        self.chunking = chunking or Chunking()
        self.history: list[Played] = []
        self.encoded: list[str] = []
        self.rendered: list[tuple[Message, ...]] = []
        self.closed = False
        self.waited: list[float] = []
        """How long answers were ready to wait for us when we had gone away."""
        self.gone: Exception | None = None
        """Why we don't come back; None: we do, at once."""
        self._script = list(legs)
        self._piece = piece
        self._cached = cached

    def enqueue(self, *legs: str | Sequence[str] | Says | Exception) -> None:
        """Add legs to the script."""
        self._script += legs

    @property
    def running(self) -> int:
        """Legs being generated right now."""
        return sum(played.running for played in self.history)

    async def render(
        self, messages: Sequence[Message], template: Mapping[str, object] | None = None
    ) -> list[int]:
        self.rendered.append(tuple(messages))
        if template:
            self.templates.append(template)
        turns = "".join(f"<|{message.role}|>{message.content}{END}" for message in messages)
        return self.tokenizer.encode(f"<|bos|>{turns}<|assistant|>{self.opens}")

    async def encode(self, text: str) -> list[int]:
        self.encoded.append(text)
        return self.tokenizer.encode(text)

    async def decode(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(ids)

    async def recovered(self, within: float) -> None:
        self.waited.append(within)
        if self.gone is not None:
            raise self.gone

    def generate(self, leg: Leg) -> "ScriptedReads":
        assert self._script, f"no script for leg {len(self.history)}"
        assert leg.max_tokens >= 1
        assert len(leg.prompt) + leg.max_tokens <= self.context_window
        said = self._script.pop(0)
        played = Played(leg)
        self.history.append(played)
        if isinstance(said, Exception):
            said = Says("", fails=said)
        elif not isinstance(said, Says):
            said = Says(said)
        return ScriptedReads(played, self._reads(said, played), said)

    async def ready(self) -> None:
        return None

    async def aclose(self) -> None:
        self.closed = True

    # -- one leg -----------------------------------------------------------------------------

    def _wanted(self, said: Says, leg: Leg) -> Iterator[str]:
        """The pieces the model comes to say, given what it must not."""
        cut = self.tokenizer.cut
        pieces = cut(said.text, self._piece) if isinstance(said.text, str) else said.text
        text = ""
        for piece in pieces:
            forbidden = self.tokenizer.sampled(piece) in leg.forbid_ids or any(
                literal in text + piece for literal in leg.forbid_strings
            )
            if forbidden:
                yield from cut(said.otherwise, self._piece)
                break
            text += piece
            yield piece
        if said.fails is None and said.waits is None:
            yield self._end

    def _steps(self, said: Says, played: Played) -> Iterator[tuple[int, str, Stopped | None]]:
        """Each sampled id with the text it lets go and the stop it brings, in vLLM's order."""
        leg, sampled = played.leg, played.sampled
        text, sent = "", 0
        hold = max(map(len, leg.stop_strings), default=1) - 1
        for piece in self._wanted(said, leg):
            token = self.tokenizer.sampled(piece)
            sampled.append(token)
            stopped: Stopped | None = None
            if token == self.tokenizer.end:
                stopped = Stopped("end")
            elif token in leg.stop_ids:
                stopped = Stopped("stop_token", token)
            else:
                text += piece
                if len(sampled) >= leg.max_tokens:
                    stopped = Stopped("length")
                found = [(text.find(s), s) for s in leg.stop_strings if s in text]
                if found:
                    at, match = min(found)
                    text, stopped = text[:at], Stopped("stop_string", match)
            upto = len(text) if stopped else max(sent, len(text) - hold)
            yield token, text[sent:upto], stopped
            sent = upto
            if stopped:
                return

    def _chunks(self, said: Says, played: Played) -> Iterator[Chunk]:
        sizes = itertools.cycle(self.chunking.ids)
        widths = itertools.cycle(self.chunking.chars or (1 << 30,))
        steps = self._steps(said, played)
        while group := list(itertools.islice(steps, next(sizes))):
            ids = tuple(token for token, _, _ in group)
            text = "".join(text for _, text, _ in group)
            stop = group[-1][2]
            apart = stop is not None and self.chunking.stop_apart
            pieces = []
            while text:
                width = next(widths)
                pieces.append(text[:width])
                text = text[width:]
            for place, piece in enumerate(pieces or [""]):
                last = place == max(0, len(pieces) - 1)
                ending = stop if last and not apart else None
                yield Chunk(ids, piece, ending, self._cache_hit(played, ending))
                ids = ()
            if apart:
                yield Chunk((), "", stop, self._cache_hit(played, stop))

    def _cache_hit(self, played: Played, stop: Stopped | None) -> int | None:
        if stop is None or not self._cached:
            return None
        index = self.history.index(played)
        if not index:
            return 0
        return len(self.history[index - 1].leg.prompt)

    async def _reads(self, said: Says, played: Played) -> AsyncIterator[Sequence[Chunk]]:
        sizes = itertools.cycle(self.chunking.reads)
        chunks = self._chunks(said, played)
        while read := list(itertools.islice(chunks, next(sizes))):
            await asyncio.sleep(0)
            for chunk in read:
                played.output += chunk.ids
            yield read
            if read[-1].stop is not None:
                return
        if said.waits is not None:
            await said.waits.wait()
        if said.fails is not None:
            raise said.fails


class ScriptedReads:
    """The stream of one leg."""

    def __init__(self, played: Played, reads: AsyncIterator[Sequence[Chunk]], said: Says) -> None:
        self._played = played
        self._reads = reads

    async def pour(self, take: Take) -> bool:
        if self._played.closed:
            return False
        self._played.running = True
        try:
            async for read in self._reads:
                wanted = [take(chunk) for chunk in read]  # all are fed: they came together
                if not all(wanted):
                    return True
        except BaseException:
            self._played.running = False
            raise
        self._played.running = False
        return False

    async def aclose(self) -> None:
        self._played.closed, self._played.running = True, False
