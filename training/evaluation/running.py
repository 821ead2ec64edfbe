"""One suite put to one target: documents in place, questions asked, answers marked.

    folder/NAME-DIGEST.part.jsonl    replies of a run that is not over; the next one goes on from it
    folder/NAME-DIGEST.jsonl         replies of the last complete run

The name tells suite and target apart. A complete run is never reused: asking again measures again.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from search_adapters.local_index import WrongVersion
from training.evaluation import placing
from training.evaluation.asking import Asker, Reply, Target, ask_all
from training.evaluation.judge import Judge
from training.evaluation.marks import Mark, mark, open_to_judgement
from training.evaluation.suite import Question, Suite

Seen = Callable[[Question, Reply], None]


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it."""

    suite: Suite
    target: Target
    model: str
    marks: tuple[Mark, ...]
    seconds: float
    resumed: int
    """Replies taken over from a run that had been cut short."""
    unseen: str = ""
    """Why the suite's files could not be put before the gateway."""


def told_apart(runs: Sequence[Run]) -> list[Run]:
    """The runs, named by their models where these differ: that says more than addresses."""
    if len({run.model for run in runs}) < max(2, len(runs)):
        return list(runs)
    return [replace(run, target=replace(run.target, name=run.model)) for run in runs]


@dataclass(frozen=True, slots=True)
class Place:
    """Folders on this machine."""

    replies: Path
    data_dir: Path
    index_file: Path


async def run(
    suite: Suite,
    target: Target,
    place: Place,
    *,
    concurrency: int = 4,
    fresh: bool = False,
    judge: Judge | None = None,
    seen: Seen = lambda question, reply: None,
) -> Run:
    """Ask everything and mark it.

    Raises:
        NoGateway: it can't be reached or refused; what was answered so far is kept.
    """
    began = time.monotonic()
    async with Asker(target, concurrency) as asker:
        part = place.replies / f"{suite.name}-{_digest(suite, target, asker.model)}.part.jsonl"
        if fresh:
            part.unlink(missing_ok=True)
        resumed = part.read_bytes().count(b"\n") if part.exists() else 0
        plain = [each for each in suite.questions if not each.indexed]
        indexed = [each for each in suite.questions if each.indexed]
        replies = await ask_all(asker, plain, part, seen)
        why = ""
        if indexed and not placing.is_here(target.url):
            why = "the gateway is on another machine, so its index can't be written"
        elif indexed:
            try:
                with placing.placed(suite.files, place.data_dir, place.index_file):
                    about = await ask_all(asker, indexed, part, seen)
                replies |= about
                why = placing.unseen(about.values())
            except (OSError, WrongVersion) as error:
                why = f"the suite's documents could not be indexed: {error}"
    asked = [each for each in suite.questions if each.id in replies]
    if why:
        asked = [each for each in asked if not each.indexed]
    verdicts = await _judged(judge, asked, replies)
    marks = tuple(
        mark(each, replies[each.id], verdicts.get(each.id), target.policy) for each in asked
    )
    part.replace(part.with_name(part.name.replace(".part.", ".")))
    return Run(suite, target, asker.model, marks, time.monotonic() - began, resumed, why)


async def _judged(
    judge: Judge | None, asked: list[Question], replies: dict[str, Reply]
) -> dict[str, bool]:
    if judge is None:
        return {}
    unclear = [each for each in asked if open_to_judgement(each, replies[each.id])]
    return await judge.verdicts([(each, replies[each.id]) for each in unclear])


def _digest(suite: Suite, target: Target, model: str) -> str:
    asked = (target.url, model, target.policy, target.max_searches, target.temperature)
    return hashlib.sha256(repr((suite.digest, asked)).encode()).hexdigest()[:12]
