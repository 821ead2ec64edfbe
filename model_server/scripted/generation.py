"""One run of the scripted model: ids one by one, stopped the way vLLM stops.

Checked in vLLM's order: end of turn, stop ids, length, stop strings. The end of turn and a stop
id are among the ids but not in the text; a stop string cuts the text, not the ids. Text is held
back while a character is incomplete, and, when there are stop strings, by the length of the
longest less one.
"""

import codecs
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from model_server.scripted.script import Line
from model_server.scripted.tokenizer import Tokenizer

STORY = (
    "the a river town was built near old stone bridge and its people kept bees in clay hives "
    "until winter came over low hills where nobody had written down who lived there first"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request says about stopping and sampling."""

    max_tokens: int = 16
    stop_ids: frozenset[int] = frozenset()
    stop_strings: tuple[str, ...] = ()
    forbidden_ids: frozenset[int] = frozenset()
    forbidden_texts: tuple[str, ...] = ()
    temperature: float = 1.0
    seed: int | None = None


@dataclass(slots=True)
class Step:
    """What one sampled token adds. `finish` and `reason` are vLLM's finish and stop reasons."""

    ids: list[int] = field(default_factory=list)
    text: str = ""
    finish: str | None = None
    reason: int | str | None = None
    pieces: list[str] = field(default_factory=list)
    """The text of each id alone."""


class Generation:
    """Iterate for steps; ends after the step that carries `finish`, or where the line breaks off.

    `broken` tells the two apart: the line is said, and its fault is due.
    """

    def __init__(
        self, tokenizer: Tokenizer, line: Line, limits: Limits, prompt: Sequence[int]
    ) -> None:
        self._tokenizer = tokenizer
        self._line = line
        self._limits = limits
        self._last = prompt[-1] if prompt else 0
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._sent = 0
        self._hold = max((len(stop) for stop in limits.stop_strings), default=1) - 1
        self.ids: list[int] = []
        self.broken = False

    def __iter__(self) -> Iterator[Step]:
        for id in self._sampled():
            step = self._step(id)
            yield step
            if step.finish is not None:
                return
        self.broken = True

    def _sampled(self) -> Iterator[int]:
        """The ids the script wants, before anything stops them."""
        ids = self._tokenizer.encode(self._line.text)
        for place, id in enumerate(ids):
            if self._forbidden(id, ids[place : place + 16]):
                yield from self._tokenizer.encode(self._line.otherwise)
                yield self._tokenizer.end
                return
            yield id
        if self._line.endless:
            yield from self._babble()
        if self._line.fault is None:
            yield self._tokenizer.end

    def _babble(self) -> Iterator[int]:
        """Words without end: a Markov chain, in which temperature 0 takes the one next word."""
        words = [self._tokenizer.encode(" " + word)[0] for word in STORY.split()]
        place = {word: index for index, word in enumerate(words)}
        dice = random.Random(self._limits.seed)
        at = place.get(self._last, -1)
        while True:
            spread = 1 if self._limits.temperature == 0 else dice.randint(1, len(words))
            at = (at + spread) % len(words)
            for _ in words:
                if not self._forbidden(words[at], (words * 2)[at : at + 4]):
                    break
                at = (at + 1) % len(words)
            yield words[at]

    def _forbidden(self, id: int, ahead: Sequence[int]) -> bool:
        """Whether `id`, said before the rest of `ahead`, would begin what is forbidden."""
        limits = self._limits
        if not (limits.forbidden_ids or limits.forbidden_texts):
            return False
        if id in limits.forbidden_ids:
            return True
        text = self._tokenizer.decode(ahead)
        begins_in = len(self._tokenizer.piece(id))
        return any(0 <= text.find(bad) < begins_in for bad in limits.forbidden_texts)

    def _step(self, id: int) -> Step:
        limits = self._limits
        self.ids.append(id)
        step = Step([id], pieces=[self._tokenizer.piece(id).decode("utf-8", "replace")])
        if id == self._tokenizer.end:
            step.finish = "stop"
        elif id in limits.stop_ids:
            step.finish, step.reason = "stop", id
        else:
            seen = len(self._text)
            self._text += self._utf8.decode(self._tokenizer.piece(id))
            if len(self.ids) >= limits.max_tokens:
                step.finish = "length"
            self._find_stop_string(step, seen)
        if step.finish is None:
            upto = max(self._sent, len(self._text) - self._hold)
        else:
            upto = len(self._text)
        step.text = self._text[self._sent : upto]
        self._sent = upto
        return step

    def _find_stop_string(self, step: Step, seen: int) -> None:
        for stop in self._limits.stop_strings:
            at = self._text.find(stop, max(0, seen - len(stop) + 1))
            if at >= 0:
                self._text = self._text[:at]
                step.finish, step.reason = "stop", stop
                return


def limits_of(body: Mapping[str, object], vocabulary: int) -> Limits:
    """The part of a /v1/completions body that rules sampling and stopping.

    Raises:
        ValueError: something is not what vLLM takes; the text is for the 400.
    """
    match body:
        case {"max_tokens": int(max_tokens)}:
            if max_tokens < 1:
                raise ValueError(f"max_tokens must be at least 1, got {max_tokens}.")
        case _:
            max_tokens = 16
    stop = body.get("stop") or ()
    bias = body.get("logit_bias") or {}
    bad = body.get("bad_words") or ()
    stop_ids = body.get("stop_token_ids") or ()
    temperature, seed = body.get("temperature"), body.get("seed")
    if not isinstance(bias, dict) or not isinstance(bad, list | tuple):
        raise ValueError("logit_bias must be an object and bad_words a list.")
    if not isinstance(stop_ids, list | tuple) or not isinstance(stop, str | list | tuple):
        raise ValueError("stop_token_ids must be a list of ids, stop a string or a list of them.")
    forbidden = {int(id): float(value) for id, value in bias.items()}
    if any(not 0 <= id < vocabulary for id in forbidden):
        raise ValueError("token_id(s) in logit_bias contain out-of-vocab token ids.")
    return Limits(
        max_tokens=max_tokens,
        stop_ids=frozenset(int(id) for id in stop_ids),
        stop_strings=(stop,) if isinstance(stop, str) else tuple(map(str, stop)),
        forbidden_ids=frozenset(id for id, value in forbidden.items() if value <= -100),
        forbidden_texts=tuple(map(str, bad)),
        temperature=float(temperature) if isinstance(temperature, int | float) else 1.0,
        seed=seed if isinstance(seed, int) else None,
    )
