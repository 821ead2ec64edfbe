"""Which questions of a model are fit for use: first by their words, then by asking a model again.

Each is thrown out for one reason, and the reason is kept:

    by words    too long, a yes-or-no question, the answer isn't in the passage, the question holds
                the answer or the other way round, it needs the text beside it ("according to the
                passage", "he")
    by reading  a model that sees the passage doesn't come to the same answer
    alone       a model that doesn't see it finds unclear what the question is about
"""

import re
from collections.abc import Sequence

from training.probing.judging import matches
from training.probing.prompts import yes
from training.probing.words import holds, numbers, spells_number, words
from training.questions.writing import Candidate
from training.records import Turn
from training.served.wire import Ask

MAX_QUESTION_WORDS = 40
MAX_ANSWER_WORDS = 8
_NEEDS_TEXT = re.compile(
    r"""\b(?:(?:in|according\s+to|from|by)\s+(?:the|this)\s+(?:\w+\s+)?
        (?:passage|text|article|document|excerpt|paragraph|section|above|author|story|page)
      | (?:this|the\s+(?:given|above|following))\s+(?:passage|text|article|document|excerpt)
      | mentioned|described\s+(?:here|above)|the\s+(?:speaker|narrator))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_YES_NO = re.compile(
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b", re.IGNORECASE
)
_POINTING = "he she it they him her them his its their this that these those"
_POINTS = frozenset(_POINTING.split())
_FORM = (
    "who whom whose what which when where why how is are was were do does did has have had "
    "the a an of in on at to for by from"
)
_ASKS = frozenset(_FORM.split())
"""The words of a question that don't say what it is about."""
_NAMES = re.compile(r"(?<!^)\b(?:[A-Z]|\d)")


def fault_in_words(candidate: Candidate, passage: str) -> str | None:
    """Why the question is no good, by its words alone; None when nothing speaks against it."""
    asked, answer = words(candidate.question), words(candidate.answer)
    if not answer or len(answer) > MAX_ANSWER_WORDS:
        return "the answer is no short answer"
    if not 3 <= len(asked) <= MAX_QUESTION_WORDS or "\n" in candidate.question:
        return "the question is no single question"
    if answer[0] in ("yes", "no") or (
        _YES_NO.match(candidate.question) and " or " not in candidate.question
    ):
        return "a yes-or-no question"
    if not _stands_in(candidate.answer, passage):
        return "the answer isn't in the passage"
    if holds(asked, answer) >= 0:
        return "the question holds the answer"
    if {*asked} - _ASKS <= {*answer}:
        return "the answer only says the question again"
    if _NEEDS_TEXT.search(candidate.question):
        return "needs the text beside it"
    if _POINTS & set(asked) and not _NAMES.search(candidate.question):
        return "doesn't say who or what it is about"
    return None


def statement(candidate: Candidate) -> str | None:
    """The sentence the model wrote, if it answers what was asked and stands by itself."""
    said = words(candidate.statement)
    about = {*words(candidate.question)} - _ASKS - {*words(candidate.answer)}
    fits = matches(candidate.statement, [candidate.answer]) and len(said) <= MAX_QUESTION_WORDS
    alone = (
        about & {*said} and said[0] not in _POINTS and not _NEEDS_TEXT.search(candidate.statement)
    )
    if not (fits and alone):
        return None
    text = candidate.statement
    return text if text[-1] in ".!" else f"{text}."


def _stands_in(answer: str, passage: str) -> bool:
    if holds(words(passage), words(answer)) >= 0:
        return True
    if not spells_number(answer):
        return False
    return numbers(answer)[0].value in {number.value for number in numbers(passage)}


_READING = (
    "Answer the question from the passage alone, with the answer alone, in one to six words. If "
    "the passage doesn't answer it, reply NONE."
)
_ALONE = (
    "Somebody is asked a question in a quiz, with nothing else to go by. Is it clear who or what "
    "it is about, and is there one right answer that could be looked up? Reply with YES or NO."
)


def reading(candidate: Candidate, passage: str) -> Ask:
    """Can it be answered from the passage?"""
    text = f"Passage:\n{passage}\n\nQuestion: {candidate.question}"
    return Ask((Turn("system", _READING), Turn("user", text)), max_tokens=32)


def alone(candidate: Candidate) -> Ask:
    """Is it clear without the passage?"""
    return Ask(
        (Turn("system", _ALONE), Turn("user", f"Question: {candidate.question}")), max_tokens=16
    )


def fault_in_replies(candidate: Candidate, replies: Sequence[str]) -> str | None:
    """Why the question is no good, by what was said to `reading` and `alone`."""
    read, clear = replies
    if not (matches(read, [candidate.answer]) or matches(candidate.answer, [read])):
        return "can't be answered from the passage"
    return None if yes(clear) else "unclear without the passage"
