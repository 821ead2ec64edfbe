"""Questions by a model: written from each passage, checked, and kept with what was thrown out.

A passage is the unit of work. What became of it is one line of a journal beside the output, so a
run that is killed goes on with the next passage.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from training import jsonl
from training.questions import checking, writing
from training.questions.duplicates import Passages
from training.questions.sources import Document
from training.questions.splitting import Shares
from training.questions.writing import Candidate
from training.records import Question, Source
from training.served.model import Refused, ServedModel
from training.served.together import together

HOPELESS = 20
"""Passages refused in a row, with nothing done before, after which a run gives up."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage to ask about."""

    key: str
    document: Source
    text: str


class Thrown(msgspec.Struct, frozen=True):
    """A question that is not used."""

    question: str
    answer: str
    reason: str


class Done(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a passage."""

    key: str
    kept: tuple[Question, ...] = ()
    thrown: tuple[Thrown, ...] = ()
    refused: str | None = None
    """Why the model could not be asked about it."""
    silent: str | None = None
    """What it replied where no question could be read in that."""


@dataclass(slots=True)
class Progress:
    """How far a run is."""

    total: int
    done: int = 0
    kept: int = 0
    thrown: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    silent: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run is going to take, at most."""

    passages: int
    requests: int
    prompt_tokens: int
    """Estimated: four characters to a token."""
    output_tokens: int


def work_file(out: Path) -> Path:
    """The journal of passages beside the file of questions."""
    return out.with_name(f"{out.name}.passages.jsonl")


def passages(documents: Iterable[Document], target: int) -> Iterator[Passage]:
    """The passages of all documents; what mostly stood in one before is left out."""
    seen = Passages()
    for document in documents:
        for text in document.passages(target):
            if seen.is_new(text):
                told = f"{document.source.id}|{text}"
                key = hashlib.sha256(told.encode()).hexdigest()[:16]
                yield Passage(key, document.source, text)


def cost(todo: Sequence[Passage], count: int) -> Cost:
    """What asking about `todo` takes if every question gets to the second pass."""
    chars = sum(len(passage.text) for passage in todo)
    requests = len(todo) * (1 + 2 * count)
    return Cost(
        len(todo),
        requests,
        (chars * (1 + count) + 800 * len(todo) + 300 * len(todo) * count) // 4,
        len(todo) * count * (writing.TOKENS_EACH + 48),
    )


async def write(
    todo: Sequence[Passage],
    writer: ServedModel,
    checker: ServedModel,
    journal: jsonl.Journal,
    *,
    count: int,
    shares: Shares,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    """Write and check questions for all of `todo`; each passage is a line of `journal`.

    Raises:
        ModelError: the model can't be asked any more; what was done is written.
    """
    state = Progress(len(todo))
    rest = iter(todo)

    async def work() -> None:
        for passage in rest:
            try:
                done = await _one(passage, writer, checker, count, shares)
            except Refused as error:
                state.refused += 1
                if error.fatal or (state.refused >= HOPELESS and state.refused > state.done):
                    raise
                done = Done(passage.key, refused=str(error))
            journal.append(done)
            state.done += 1
            state.kept += len(done.kept)
            state.thrown.update(thrown.reason for thrown in done.thrown)
            state.silent += done.silent is not None
            progress(state)

    await together(work() for _ in range(min(writer.throttle.most, len(todo))))
    return state


async def _one(
    passage: Passage, writer: ServedModel, checker: ServedModel, count: int, shares: Shares
) -> Done:
    reply = await writer.ask(writing.ask(passage.text, passage.document.title, count))
    candidates = writing.read(reply.texts[0], count)
    if not candidates:
        return Done(passage.key, silent=reply.texts[0])
    faults = await together(_fault(candidate, passage, checker) for candidate in candidates)
    kept, thrown = [], []
    for candidate, fault in zip(candidates, faults, strict=True):
        if fault is None:
            kept.append(_question(candidate, passage, shares))
        else:
            thrown.append(Thrown(candidate.question, candidate.answer, fault))
    return Done(passage.key, tuple(kept), tuple(thrown))


async def _fault(candidate: Candidate, passage: Passage, checker: ServedModel) -> str | None:
    if fault := checking.fault_in_words(candidate, passage.text):
        return fault
    asks = (checking.reading(candidate, passage.text), checking.alone(candidate))
    replies = await together(checker.ask(ask) for ask in asks)
    return checking.fault_in_replies(candidate, [reply.texts[0] for reply in replies])


def _question(candidate: Candidate, passage: Passage, shares: Shares) -> Question:
    told = f"{passage.key}|{candidate.question}"
    return Question(
        id="m-" + hashlib.sha256(told.encode()).hexdigest()[:16],
        question=candidate.question,
        answers=(candidate.answer,),
        statement=checking.statement(candidate),
        split=shares.split(passage.document.id),
        source="model",
        document=passage.document,
        passage=passage.text,
    )
