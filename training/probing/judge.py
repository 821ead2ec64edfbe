"""Marks and meanings of one question's answers: by words first, then by a judge model if given."""

from collections.abc import Sequence
from itertools import combinations

from training.probing import prompts
from training.probing.agreement import groups
from training.probing.judging import abstains, matches
from training.records import Question
from training.served.model import Refused, ServedModel
from training.served.together import together
from training.served.wire import Ask


class Judge:
    """Asks a model only what words leave open, and each thing once."""

    def __init__(self, model: ServedModel | None = None) -> None:
        self._model = model

    async def marks(self, question: Question, said: Sequence[str]) -> list[bool]:
        """For each answer whether it is right; what stays open is not."""
        distinct = list(dict.fromkeys(said))
        found = await together(self._mark(question, answer) for answer in distinct)
        by_answer = dict(zip(distinct, found, strict=True))
        return [by_answer[answer] for answer in said]

    async def meanings(self, question: Question, samples: Sequence[str]) -> list[list[int]]:
        """The samples by meaning, the largest group first."""
        found = groups(samples, question.question)
        if self._model is None or len(found) < 2:
            return found
        pairs = [
            (one, other)
            for one, other in combinations(range(len(found)), 2)
            if not abstains(samples[found[one][0]]) and not abstains(samples[found[other][0]])
        ]
        equal = await together(
            self._same(question.question, samples[found[one][0]], samples[found[other][0]])
            for one, other in pairs
        )
        return _joined(found, [pair for pair, same in zip(pairs, equal, strict=True) if same])

    async def _mark(self, question: Question, said: str) -> bool:
        mark = matches(said, question.answers)
        if mark is not None or self._model is None:
            return bool(mark)
        ask = prompts.judgement(question.question, question.answers, said)
        return bool(prompts.grade(await self._said(ask)))

    async def _same(self, question: str, one: str, other: str) -> bool:
        return bool(prompts.yes(await self._said(prompts.comparison(question, one, other))))

    async def _said(self, ask: Ask) -> str:
        assert self._model is not None
        try:
            return (await self._model.ask(ask)).texts[0]
        except Refused as error:
            if error.fatal:
                raise
            return ""


def _joined(found: list[list[int]], equal: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The groups with those put together that a judge finds equal."""
    home = list(range(len(found)))
    for one, other in equal:
        old, new = home[other], home[one]
        home = [new if at == old else at for at in home]
    merged: dict[int, list[int]] = {}
    for at, group in enumerate(found):
        merged.setdefault(home[at], []).extend(group)
    return sorted((sorted(group) for group in merged.values()), key=len, reverse=True)
