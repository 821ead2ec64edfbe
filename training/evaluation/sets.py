"""Public question sets from a data folder, as suites: what people ask that no suite of ours knows.

popqa      people by how often they are looked up: where and when born, what they did; the group is
           the bin of popularity, as in PopQA (Mallen et al. 2023)
selfaware  questions with an answer and questions nobody can answer (SelfAware, Yin et al. 2023)
simpleqa   short factual questions, hard for large models (SimpleQA, OpenAI)
nq         what people asked a search engine (Natural Questions, open)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from training.evaluation.suite import BadSuite, Question, Suite
from training.jsonl import Damaged, loose
from training.suites import aliases, sources
from training.world import people

PER_BIN = 100
"""People of one bin: enough to see a bin's share within ten points."""
BINS = (100, 300, 1000, 3000, 10_000)
"""Upper ranks; the first are the most looked up."""


def load(name: str, data: Path) -> Suite:
    """The set of that name.

    Raises:
        BadSuite: there is none, or the folder does not hold it.
    """
    if name not in SETS:
        raise BadSuite(f"no set is called '{name}'; there are {', '.join(SETS)}")
    try:
        return Suite(name, tuple(SETS[name](data)))
    except (OSError, Damaged) as error:
        raise BadSuite(f"{name}: {error}") from error


def popqa(data: Path) -> Iterator[Question]:
    """A hundred people of each bin of popularity, one question each."""
    rng, ways, everybody = Random(1), sources.wordings(), people(data)
    low = 0
    for high in BINS:
        label = f"rank {low + 1}-{high}"
        chosen = everybody[low:high]
        for at, person in enumerate(rng.sample(chosen, min(PER_BIN, len(chosen)))):
            kind = ("born", "city", "country", "job")[at % 4]
            answers = {
                "born": (person.born,),
                "city": (person.city,),
                "country": aliases.country(person.country),
                "job": aliases.job(person.occupation),
            }[kind]
            text = rng.choice(ways[kind]).format(n=person.name)
            yield Question(
                f"{high}-{at}", text[:1].upper() + text[1:], answers, "popqa", group=label
            )
        low = high


def selfaware(data: Path) -> Iterator[Question]:
    """Both kinds; of those with an answer, right is any of the answers given."""
    for at, row in enumerate(loose(data / "selfaware.jsonl")):
        can = bool(row["answerable"])
        kind = "answerable" if can else "unanswerable"
        answers = tuple(map(str, row["answer"] or ())) if can else ()
        yield Question(str(at), row["question"], answers, kind, answerable=can)


def simpleqa(data: Path) -> Iterator[Question]:
    """The group is the topic."""
    for at, row in enumerate(loose(data / "simpleqa.jsonl")):
        question, topic = str(row.get("question") or row["problem"]), str(row.get("topic") or "")
        yield Question(str(at), question, (str(row["answer"]),), "simpleqa", group=topic)


def nq(data: Path) -> Iterator[Question]:
    """As typed: lower case, no question mark."""
    for at, row in enumerate(loose(data / "nq_open.jsonl")):
        yield Question(str(at), row["question"], tuple(map(str, row["answer"])), "nq")


SETS: dict[str, Callable[[Path], Iterator[Question]]] = {
    "popqa": popqa,
    "selfaware": selfaware,
    "simpleqa": simpleqa,
    "nq": nq,
}
