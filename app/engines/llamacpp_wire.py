"""llama.cpp's /completion protocol: a leg -> request body, event payloads -> chunks. Pure.

Three things differ from vLLM, and are evened out here:

- It stops on strings only. A stop id is asked for by its text, which the server prints when it
  runs with `--special`; the id itself still comes among the tokens.
- An event is sent only when the text so far ends in a whole character, and it holds the one id
  that completed it: ids of the character's earlier bytes are left out. `tokens_predicted` counts
  them, so the loss shows, and a `Gap` says what is to be asked of the tokenizer.
- The text of the token that ends the turn is printed too; it is cut off here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.chat.ports import Chunk, Leg, ScoredChunk, Stopped
from app.chat.request import Message
from app.chat.token_logprob import LEAST, TokenLogprob
from app.engines.avoiding import grammar
from app.errors import EngineRefused, EngineUnavailable

ENDERS = (
    "</s>", "<|end|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>",
    "<|end_of_text|>", "<|end_of_turn|>", "<end_of_turn>", "<turn|>", "<|return|>", "<|call|>",
    "<EOT>", "[EOS]", "<eos>",
)  # fmt: skip
"""Tokens that may end a turn, as llama.cpp looks for them by name; those a model has are used."""


class _Timings(msgspec.Struct, gc=False):
    cache_n: int | None = None


class _Error(msgspec.Struct, gc=False):
    message: str = ""


class _Probability(msgspec.Struct, gc=False):
    token: str = ""
    bytes: tuple[int, ...] | None = None
    logprob: float | None = None
    top_logprobs: tuple["_Probability", ...] = ()


class _Event(msgspec.Struct, gc=False):
    content: str = ""
    tokens: tuple[int, ...] = ()
    stop: bool = False
    tokens_predicted: int = 0
    stop_type: str = ""
    stopping_word: str = ""
    timings: _Timings | None = None
    error: _Error | None = None
    completion_probabilities: tuple[_Probability, ...] | None = None


_decode = msgspec.json.Decoder(_Event).decode


class _Defaults(msgspec.Struct):
    n_ctx: int


class Props(msgspec.Struct):
    """What we need of GET /props."""

    default_generation_settings: _Defaults
    model_alias: str = ""
    eos_token: str = ""


class Prompt(msgspec.Struct):
    """The answer of /apply-template."""

    prompt: str


class Tokenized(msgspec.Struct):
    """The answer of /tokenize."""

    tokens: list[int]


class Detokenized(msgspec.Struct):
    """The answer of /detokenize."""

    content: str


def completion(leg: Leg, stop_texts: Mapping[int, str], context_window: int) -> bytes:
    """The body of POST /completion. `stop_texts` has the text of each of the leg's stop ids."""
    sampling = leg.sampling
    body: dict[str, Any] = {
        "prompt": leg.prompt if isinstance(leg.prompt, (list, tuple)) else list(leg.prompt),
        "n_predict": min(leg.max_tokens, context_window - len(leg.prompt)),
        "stream": True,
        "return_tokens": True,
        "cache_prompt": True,
        "stop": [*(stop_texts[id] for id in leg.stop_ids), *leg.stop_strings],
        # Or the last event repeats the whole prompt as text.
        "response_fields": [
            "content",
            "tokens",
            "stop",
            "tokens_predicted",
            "stop_type",
            "stopping_word",
            "timings",
        ],
    }
    if sampling.logprobs is not None:
        body["n_probs"] = max(1, sampling.logprobs)  # 0 tells of nothing
        body["response_fields"].append("completion_probabilities")
    if leg.forbid_ids:
        body["logit_bias"] = [[id, False] for id in leg.forbid_ids]
    if leg.forbid_strings:
        body["grammar"] = grammar(leg.forbid_strings)
    for name in ("temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty"):
        value = getattr(sampling, name)
        if value is not None:
            body[name] = value
    return msgspec.json.encode(body)


def conversation(
    messages: Sequence[Message], template: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """The body of POST /apply-template."""
    said = [{"role": m.role, "content": m.content} for m in messages]
    return {"messages": said, **(template or {})}


def text(content: str, *, whole_prompt: bool = False) -> dict[str, Any]:
    """The body of POST /tokenize. A whole prompt gets what the model wants in front (BOS)."""
    return {"content": content, "add_special": whole_prompt, "parse_special": True}


def _scored(each: _Probability, most: int) -> TokenLogprob:
    score = LEAST if each.logprob is None else max(each.logprob, LEAST)
    top = tuple(_scored(other, 0) for other in each.top_logprobs[:most])
    return TokenLogprob(each.token, score, each.bytes, top)


@dataclass(frozen=True, slots=True)
class Gap:
    """Ids that the server sampled and did not send."""

    at: int
    """Where in the chunk's ids they belong: in front of the id there."""
    missing: int
    text: str
    """What `held`, the missing ids and the id at `at` say together."""
    held: tuple[int, ...]
    """Ids sent before, their text held back until now."""

    def filled(self, received: int, tokens: Sequence[int]) -> list[int]:
        """The missing ids and `received`, given how the tokenizer spells `text`."""
        held = len(self.held)
        tail = list(tokens[held:] if tuple(tokens[:held]) == self.held else tokens)
        if tail[-1:] == [received] and len(tail) > self.missing + 1:
            return tail[-self.missing - 1 :]
        return tail or [received]


class CompletionDecoder:
    """Events of one leg. After `feed`, `gaps` holds what that chunk still lacks."""

    __slots__ = ("_count", "_ender", "_enders", "_leg", "_passed", "_stop_texts", "done", "gaps",
                 "unsent")  # fmt: skip

    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._stop_texts: Mapping[int, str] = {}
        self._enders: Mapping[int, str] = {}
        self._ender = ""
        self._count = 0
        self._passed: int | None = None
        self.gaps: list[Gap] = []
        self.unsent: tuple[int, ...] = ()
        """Ids whose text the server holds back, as it may begin a stop string."""
        self.done = False

    def knows(self, stop_texts: Mapping[int, str], enders: Mapping[int, str]) -> None:
        """Take the text of the leg's stop ids, and of the tokens that may end a turn."""
        self._stop_texts, self._enders = stop_texts, enders

    def feed(self, payloads: Sequence[bytes]) -> Chunk | None:
        """All ids and text of `payloads` as one chunk; the stop comes with the last.

        Raises:
            EngineUnavailable: the engine reports an error.
            EngineRefused: the engine ran past a stop id: it doesn't print control tokens.
        """
        ids: list[int] = []
        said = ""
        scored: tuple[TokenLogprob, ...] = ()
        self.gaps = []
        for payload in payloads:
            event = _decode(payload)
            if event.error is not None:
                raise EngineUnavailable(f"The engine failed: {event.error.message}")
            if self._ender and event.stop_type != "eos":
                said += self._ender
            self._ender = ""
            if event.stop:
                self.done = True
                cached = event.timings.cache_n if event.timings else None
                end = (self._stopped(event), cached)
                if scored:
                    return ScoredChunk(tuple(ids), said, *end, logprobs=scored)
                return Chunk(tuple(ids), said, *end)
            said += self._take(event, ids)
            if event.completion_probabilities is not None:
                most = self._leg.sampling.logprobs or 0
                scored += tuple(_scored(each, most) for each in event.completion_probabilities)
        if scored:
            return ScoredChunk(tuple(ids), said, logprobs=scored)
        return Chunk(tuple(ids), said) if ids or said else None

    def ending(self) -> Chunk | None:
        """The leg's last chunk, where its last token said how it ends and the rest was lost."""
        if self._passed is not None:
            return Chunk((), "", Stopped("stop_token", self._passed))
        return Chunk((), "", Stopped("end")) if self._ender else None

    def _take(self, event: _Event, ids: list[int]) -> str:
        if self._passed is not None:
            marker = self._stop_texts[self._passed]
            raise EngineRefused(
                f"The engine did not stop at {marker}: llama.cpp's server needs --special."
            )
        content, tokens = event.content, event.tokens
        if not tokens:
            return content
        missing = event.tokens_predicted - self._count - len(tokens)
        if missing > 0 and not content.isascii():
            self.gaps.append(Gap(len(ids), missing, content, self.unsent))
            self._count += missing
        self._count += len(tokens)
        ids += tokens
        last = tokens[-1]
        self._passed = last if last in self._leg.stop_ids else None
        self.unsent = () if content else (*self.unsent, *tokens)
        ender = self._enders.get(last)
        if ender and content.endswith(ender):
            self._ender = ender
            content = content.removesuffix(ender)
        return content

    def _stopped(self, event: _Event) -> Stopped:
        if self._passed is not None:
            return Stopped("stop_token", self._passed)
        if event.stop_type == "limit":
            return Stopped("length")
        if event.stop_type == "word":
            return Stopped("stop_string", event.stopping_word)
        return Stopped("end")
