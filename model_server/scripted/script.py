"""What the scripted model says: answers in legs, chosen by the prompt, continued where it stands.

A script is a function of the prompt alone, as a model is: which leg comes next, and from which
word on, is read off the assistant's part of the prompt. So a prompt that ends in the middle of
an answer is continued token by token, and concurrent requests never disturb each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from model_server.scripted.tokenizer import ASSISTANT, USER

Fault = Literal["die", "hang", "error", "cut", "refuse", "fail"]
"""Instead of finishing: drop the connection; say nothing more; send an error event; end without
a finish reason. Instead of starting: answer 400; answer 500."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: what is said in each leg, a leg being what stands between two injections."""

    legs: tuple[str, ...]
    when: str = ""
    """The last user message contains this; "" matches everything."""
    otherwise: str = " I can't say."
    """Said instead, and to the end, from the first token that is forbidden."""
    fault: Fault | None = None
    """What goes wrong once the last leg is said."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be said for one prompt: `text`, then the end of turn or a fault."""

    text: str
    otherwise: str
    fault: Fault | None = None
    endless: bool = False
    """Words without end follow: no answer matched."""


class Script:
    """Answers in order of preference; a prompt that matches none gets words without end."""

    def __init__(self, answers: Iterable[Answer] = ()) -> None:
        self.answers = tuple(answers)

    def line(self, prompt: str) -> Line:
        """What a model that knows this script says after `prompt`."""
        said = prompt.rpartition(ASSISTANT)[2]
        question = question_of(prompt)
        for answer in self.answers:
            if answer.when in question:
                return _continue(answer, said)
        return Line("", "", endless=True)


def question_of(prompt: str) -> str:
    """The last user message of a rendered conversation."""
    return prompt.rpartition(ASSISTANT)[0].rpartition(USER)[2]


def _continue(answer: Answer, said: str) -> Line:
    at = 0
    for number, leg in enumerate(answer.legs):
        last = number == len(answer.legs) - 1
        fault = answer.fault if last else None
        found = said.find(leg, at)
        if found < 0:
            rest = leg[_overlap(said[at:], leg) :]
            return Line(rest, answer.otherwise, fault)
        at = found + len(leg)
    return Line("", answer.otherwise, answer.fault)


def _overlap(said: str, leg: str) -> int:
    """How many characters at the end of `said` are the beginning of `leg`."""
    for length in range(min(len(said), len(leg)), 0, -1):
        if said.endswith(leg[:length]):
            return length
    return 0
