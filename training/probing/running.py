"""Probing: every question asked once greedily and k times with sampling, judged, written down.

Questions run side by side, their samples too, as many as the throttle lets through; each verdict is
written when it is there. So a run that is killed has lost only what was under way, and the next
one asks what is missing.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from training import jsonl
from training.probing import prompts
from training.probing.judge import Judge
from training.probing.verdicts import verdict
from training.records import Question, Verdict
from training.served.model import Refused, ServedModel
from training.served.together import together
from training.served.wire import Ask

LEAST_SAMPLES = 3
HOPELESS = 20
"""Refusals in a row, with nothing answered before, after which a run gives up."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How each question is asked."""

    samples: int = 5
    temperature: float = 0.7
    max_tokens: int = 48
    system: str | None = None
    """None: `prompts.BRIEF`."""
    wordings: bool = True
    """Whether samples go through the other wordings of a question."""
    seed: int = 0


@dataclass(slots=True)
class Progress:
    """How far a run is."""

    total: int
    done: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    """Questions that could not be asked, with the reason."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run is going to take, at most."""

    questions: int
    answers: int
    prompt_tokens: int
    """Estimated: four characters to a token."""
    output_tokens: int
    """If every answer is as long as it may be."""
    judged: int
    """Requests to the judge at most."""


def cost(questions: Sequence[Question], how: Settings, *, judge: bool) -> Cost:
    """What probing `questions` will take."""
    system = len(prompts.BRIEF if how.system is None else how.system)
    answers = how.samples + 1
    chars = sum(len(question.question) + system for question in questions) * answers
    labelled = sum(bool(question.answers) for question in questions)
    pairs = how.samples * (how.samples - 1) // 2
    return Cost(
        len(questions),
        len(questions) * answers,
        chars // 4 + 12 * len(questions) * answers,
        len(questions) * answers * how.max_tokens,
        (labelled * answers + len(questions) * pairs) if judge else 0,
    )


def missing(questions: Iterable[Question], out: Path) -> tuple[list[Question], Counter[str]]:
    """The questions without a verdict in `out`, and a count of the verdicts that are there."""
    there = {each.id: str(each.verdict) for each in jsonl.read_if_there(out, Verdict)}
    wanted = {question.id: question for question in questions}
    return [q for q in wanted.values() if q.id not in there], Counter(there.values())


async def probe(
    questions: Sequence[Question],
    model: ServedModel,
    journal: jsonl.Journal,
    how: Settings,
    *,
    judge: Judge | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    """Ask all `questions` and append their verdicts to `journal`.

    Raises:
        ModelError: the model can't be asked any more; what was answered is written.
    """
    state = Progress(len(questions))
    judge = judge or Judge()
    rest = iter(questions)

    async def work() -> None:
        for question in rest:
            try:
                found = await _one(question, model, how, judge)
            except Refused as error:
                state.failed.append(f"{question.id}: {error}")
                if error.fatal or (len(state.failed) >= HOPELESS and not state.counts):
                    raise
            else:
                journal.append(found)
                state.counts[str(found.verdict)] += 1
            state.done += 1
            progress(state)

    await together(work() for _ in range(min(model.throttle.most, len(questions))))
    return state


async def _one(question: Question, model: ServedModel, how: Settings, judge: Judge) -> Verdict:
    api, seed = model.server.api, _seed(question.id, how.seed)
    system = "" if how.system is None and model.is_orson else how.system

    def asked(wording: str, temperature: float, seed: int) -> Ask:
        return prompts.question(
            wording,
            api,
            system=system,
            max_tokens=how.max_tokens,
            temperature=temperature,
            seed=seed,
        )

    asks = [asked(question.question, 0.0, seed)]
    ways = prompts.wordings(question, how.samples) if how.wordings else ()
    if len(set(ways)) > 1:
        asks += (asked(way, how.temperature, seed + at) for at, way in enumerate(ways, 1))
    else:
        one = asked(question.question, how.temperature, seed + 1)
        asks.append(replace(one, count=how.samples))
    replies = await together(model.ask(ask) for ask in asks)
    said, *samples = [text for reply in replies for text in reply.texts]
    marks = await judge.marks(question, [said, *samples]) if question.answers else None
    return verdict(question, said, samples, marks, await judge.meanings(question, samples))


def _seed(id_: str, seed: int) -> int:
    """The same question draws the same samples in every run; different ones draw others."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{id_}".encode()).digest()[:3], "big") * 64
