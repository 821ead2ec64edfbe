"""How a question is put to the model that is probed, and an answer to the model that judges."""

import re
from collections.abc import Sequence

from training.records import Question, Turn
from training.served.wire import Api, Ask

BRIEF = (
    "Answer with the answer alone: a name, a number, a date, a few words. No sentence, no "
    "explanation."
)
_SHOWN = (
    ("What is the chemical symbol of gold?", "Au"),
    ("In which year did the First World War begin?", "1914"),
    ("Who painted the Mona Lisa?", "Leonardo da Vinci"),
)
"""For a base model, which goes on with a text: what such a text looks like."""


def question(
    wording: str, api: Api, *, system: str | None, max_tokens: int, temperature: float, seed: int
) -> Ask:
    """A question as it is put to the model.

    Args:
        wording: the question.
        api: a chat model gets it as a message, a base model at the end of a few answered ones.
        system: instructions for a chat model; empty for none, None for BRIEF.
        max_tokens: for the answer.
        temperature: 0 is greedy.
        seed: of this sample.
    """
    if api == "completions":
        shown = "\n\n".join(f"Question: {q}\nAnswer: {a}" for q, a in _SHOWN)
        text = f"{shown}\n\nQuestion: {wording}\nAnswer:"
        return Ask((Turn("user", text),), max_tokens, temperature, seed, ("\n",))
    system = BRIEF if system is None else system
    opening = (Turn("system", system),) if system else ()
    return Ask((*opening, Turn("user", wording)), max_tokens, temperature, seed)


_JUDGE = """\
You grade answers to a question. Compare the answer with the right one and reply with one word:
CORRECT if it gives the right answer in any words and nothing that contradicts it,
INCORRECT if it gives another answer, or several of which not all are right,
NONE if it gives no answer, or says that it doesn't know.
Spelling, case, titles, and more or less detail than asked for don't matter."""


def judgement(question: str, answers: Sequence[str], said: str) -> Ask:
    """Is `said` right?"""
    text = f"Question: {question}\nRight answer: {' / '.join(answers)}\nAnswer: {said}\nGrade:"
    return Ask((Turn("system", _JUDGE), Turn("user", text)), max_tokens=16)


def grade(reply: str) -> bool | None:
    """What a judge said; None where it said neither."""
    found = re.findall(r"\b(?:IN)?CORRECT\b|\bNONE\b", reply.upper())
    return found[0] == "CORRECT" if found else None


_SAME = """\
You are given two answers to one question. Do they mean the same, so that both are right or both \
are wrong? Reply with YES or NO."""


def comparison(question: str, one: str, other: str) -> Ask:
    """Do two answers mean the same?"""
    text = f"Question: {question}\nFirst answer: {one}\nSecond answer: {other}\nThe same?"
    return Ask((Turn("system", _SAME), Turn("user", text)), max_tokens=16)


def yes(reply: str) -> bool | None:
    """What was said to a question for yes or no; None for neither."""
    found = re.search(r"\b(yes|no)\b", reply, re.IGNORECASE)
    return found[1].lower() == "yes" if found else None


def wordings(question: Question, samples: int) -> tuple[str, ...]:
    """How each sample asks: the ways that are known, in turn."""
    ways = (question.question, *question.wordings)
    return tuple(ways[at % len(ways)] for at in range(samples))
