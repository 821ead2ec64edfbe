"""One answer marked: right, wrong or not attempted, and what became of its searches and citations.

Pure. A mark needs the question, the reply, and the verdict; by default that of the words
(`training.probing.judging`), which a judge model may overrule where they leave it open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from training.evaluation.asking import Passage, Reply
from training.evaluation.suite import Question
from training.probing.judging import abstains, matches
from training.probing.words import holds, normal, words

_CITED = re.compile(r"\s*\[\d{1,3}\](?:\(\S*\))?")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


class Grade(StrEnum):
    """SimpleQA's three."""

    CORRECT = "correct"
    INCORRECT = "incorrect"
    NOT_ATTEMPTED = "not_attempted"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is counted of one answer."""

    question: Question
    reply: Reply
    grade: Grade
    abstained: bool
    """It ends in saying that it does not know."""
    found: bool
    """One of the passages shown holds the answer (and is from the right document, where known)."""
    quoted: bool
    """Every sentence stands word for word in a passage shown: if wrong, then not made up."""
    citations: int
    supporting: int
    """Citations of a passage that holds the answer."""
    free: bool = True
    """Whether the model was free to search or not."""

    @property
    def correct(self) -> bool:
        """Right."""
        return self.grade is Grade.CORRECT

    @property
    def attempted(self) -> bool:
        """It gave an answer, right or wrong."""
        return self.grade is not Grade.NOT_ATTEMPTED

    @property
    def searched(self) -> bool:
        """It looked something up."""
        return self.reply.searched


def open_to_judgement(question: Question, reply: Reply) -> bool:
    """Whether the words don't settle it, so that a judge model is worth asking."""
    said = plain(reply.text)
    return bool(question.answers) and bool(said) and matches(said, question.answers) is None


def mark(
    question: Question, reply: Reply, judged: bool | None = None, policy: str | None = None
) -> Mark:
    """The mark of a reply.

    Args:
        judged: a judge model's word on whether it is right.
        policy: the run's search policy, where the question has none of its own.
    """
    said = plain(reply.text)
    settled = matches(said, question.answers) if question.answers else None
    abstained = bool(said) and abstains(said)
    if settled or (settled is None and judged):
        grade = Grade.CORRECT
    else:
        grade = Grade.INCORRECT if said and not abstained else Grade.NOT_ATTEMPTED
    holding = {p.url for p in reply.passages if supports(question, p)}
    return Mark(
        question,
        reply,
        grade,
        abstained and grade is not Grade.CORRECT,
        bool(holding),
        _quoted(said, reply.passages),
        len(reply.cited),
        sum(url in holding for url in reply.cited),
        (question.policy or policy or "auto") == "auto",
    )


def plain(text: str) -> str:
    """The text without its citations, which are no part of what it claims."""
    return _CITED.sub("", text).strip()


def supports(question: Question, passage: Passage) -> bool:
    """Whether a passage holds an accepted answer, and is of the document that is to hold it."""
    if question.title and normal(passage.title) != normal(question.title):
        return False
    return any(matches(passage.text, (answer,)) for answer in question.answers)


def _quoted(said: str, passages: tuple[Passage, ...]) -> bool:
    texts = [words(passage.text) for passage in passages]
    sentences = [words(sentence) for sentence in _SENTENCE.split(said) if sentence]
    return bool(sentences) and all(
        any(holds(text, sentence) >= 0 for text in texts) for sentence in sentences
    )
