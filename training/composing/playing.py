"""An exchange, played through the loop that serves -> ids, origins, mask.

prompt      `app.chat.prompt`, under the reader's chat template
words       a `Teacher` in the model's place
results     `app.chat.answer` puts them in: numbered, fitted, made harmless, as when serving
mask        `app.chat.transcript`: where the model spoke, its end of turn included
"""

import hashlib
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from app.chat.answer import answer
from app.chat.budget import Limits
from app.chat.events import Failed, Finished, SearchFinished
from app.chat.means import Means
from app.chat.prompt import PromptRenderer
from app.chat.request import ChatRequest, Message, SearchOptions
from app.chat.searching.injection import ResultsBlock
from app.chat.transcript import Transcript
from app.chat.vocabulary import Vocabulary, learn
from app.dialect.instructions import Teaching, instructions
from app.dialect.markers import ORSON
from app.dialect.results import Numbered
from search_adapters.protocol import Query
from training.composing.exchanges import Exchange, Found, Said, Searched
from training.composing.reader import NoTokenizer, PlainReader, Reader
from training.composing.teacher import CantSay, Teacher
from training.probing.words import normal
from training.records import Conversation, Piece, Turn


@dataclass(frozen=True, slots=True)
class Stage:
    """What exchanges are played with; the same for all of a file."""

    reader: Reader
    vocabulary: Vocabulary
    prompts: PromptRenderer
    block: ResultsBlock
    limits: Limits
    teaching: Teaching
    opening: str
    """What the template puts before an answer's first word."""
    end: int
    """The id that ends a turn."""
    today: str


async def stage(
    reader: Reader,
    *,
    limits: Limits,
    teaching: Teaching | None,
    today: str,
    end_token: str | None = None,
) -> Stage:
    """Learn from the reader what the gateway learns from an engine.

    `teaching` None: a model whose tokenizer has the markers as single tokens is trained, as the
    gateway sees it; any other is taught in its prompt.

    Raises:
        NoTokenizer: it doesn't show which token ends a turn.
    """
    await reader.ready()
    vocabulary = await learn(reader, ORSON, reader.added)
    if teaching is None:
        teaching = "trained" if vocabulary.single else "prompted"
    opening, end = await _manners(reader, vocabulary, end_token)
    return Stage(
        reader,
        vocabulary,
        PromptRenderer(reader, vocabulary),
        ResultsBlock(reader, vocabulary),
        limits,
        teaching,
        opening,
        end,
        today,
    )


async def _manners(
    reader: Reader, vocabulary: Vocabulary, end_token: str | None
) -> tuple[str, int]:
    """How the chat template begins and ends an answer: what stands around one in a history."""
    question, reply = Message("user", "x"), Message("assistant", "yes")
    begun = await reader.render([question])
    told = await reader.render([question, reply, question])
    same = next(
        (at for at, (one, two) in enumerate(zip(begun, told, strict=False)) if one != two),
        len(begun),
    )
    rest = told[same:]
    bare, spaced = await reader.encode("yes"), await reader.encode(" yes")
    opening = " " if rest[: len(spaced)] == spaced and rest[: len(bare)] != bare else ""
    if end_token is not None:
        ids = await reader.encode(end_token)
        if len(ids) != 1:
            raise NoTokenizer(f"'{end_token}' is not one token of this tokenizer")
        return opening, ids[0]
    end = next((id_ for id_ in rest if id_ in vocabulary.control), None)
    if end is None:
        raise NoTokenizer("can't tell which token ends a turn; name it with --end-token")
    return opening, end


async def play(exchange: Exchange, on: Stage) -> Conversation:
    """The exchange as a conversation.

    Raises:
        CantSay: the loop would not let a model say this, or what it cites was cut away.
        InvalidRequest: a message can't be made harmless, or the prompt is too long.
    """
    taught = instructions(ORSON, on.teaching, may_search=exchange.may_search, today=on.today)
    prompt = await on.prompts(exchange.messages, taught)
    teacher = Teacher(on.reader, on.vocabulary, exchange.parts, on.opening, on.end)
    means = Means(teacher, _Script(exchange), on.vocabulary, on.limits, on.block)
    policy = SearchOptions(policy="auto" if exchange.may_search else "never")
    request = ChatRequest(exchange.messages, search=policy)
    transcript = Transcript()
    async with aclosing(answer(request, prompt, means, transcript)) as batches:
        async for batch in batches:
            for event in batch:
                match event:
                    case SearchFinished():
                        teacher.shown = (*teacher.shown, *event.passages)
                    case Failed(error=error):
                        raise CantSay(str(error))
                    case Finished(reason=reason, usage=usage):
                        if reason != "stop" or usage.dropped_citations or usage.stray_markers:
                            raise CantSay(f"the loop ended it otherwise ({reason})")
    if teacher.said != len(exchange.parts):
        raise CantSay("the loop ended it early")
    _see_grounded(exchange, teacher.shown)
    return await _record(exchange, taught, transcript, on)


class _Script:
    """A search that brings what the exchange says, in its order."""

    def __init__(self, exchange: Exchange) -> None:
        self._found = [part.found for part in exchange.parts if isinstance(part, Searched)]

    async def __call__(self, query: Query, adapters: tuple[str, ...] = ()) -> Found:
        return self._found.pop(0)


def _see_grounded(exchange: Exchange, shown: Sequence[Numbered]) -> None:
    """What is cited must still say so in the passages as they were shown."""
    cited = {
        (passage.url, passage.text)
        for part in exchange.parts
        if isinstance(part, Said)
        for passage in part.cites
    }
    text = normal(
        " ".join(
            f"{each.passage.title} {each.passage.text}"
            for each in shown
            if (each.passage.url, each.passage.text) in cited
        )
    )
    for wanted in exchange.must_say:
        if normal(wanted) not in text:
            raise CantSay("what is cited was cut away")


async def _record(
    exchange: Exchange, taught: str, transcript: Transcript, on: Stage
) -> Conversation:
    plain = isinstance(on.reader, PlainReader)
    pieces: list[Piece] = []
    segments = transcript.segments
    for segment in segments:
        ids = transcript.ids[segment.start : segment.end]
        # Which literal ends a turn is a tokenizer's to say.
        unsaid = plain and segment is segments[-1] and ids[-1] == on.end
        text = await on.reader.decode(ids[:-1] if unsaid else ids)
        pieces.append(Piece(segment.origin, text, None if plain else tuple(ids)))
    system = "\n".join(
        [taught, *(m.content for m in exchange.messages if m.role == "system" and m.content)]
    )
    turns = (m for m in exchange.messages if m.role != "system")
    told = "".join(piece.text for piece in pieces)
    return Conversation(
        id="c-" + hashlib.sha256(f"{exchange.kind}|{told}".encode()).hexdigest()[:16],
        kind=exchange.kind,
        split=exchange.split,
        messages=(Turn("system", system), *(Turn(m.role, m.content) for m in turns)),
        segments=tuple(pieces),
        ids=None if plain else tuple(transcript.ids),
        mask=None if plain else tuple(map(int, transcript.mask())),
        questions=exchange.questions,
    )
