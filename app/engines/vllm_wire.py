"""vLLM's completions protocol: a leg -> request body, event payloads -> chunks. Pure.

The prompt is ids, and ids come back (`return_token_ids`). vLLM stops by itself, in three ways
that `finish_reason` and `stop_reason` tell apart: the end of turn ("stop", null), a stop id
("stop", the id: it is the last of `token_ids` but not in the text), a stop string ("stop", the
string: the text is cut before it, the ids are not).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.chat.ports import Chunk, Leg, ScoredChunk, Stopped
from app.chat.request import Message
from app.chat.token_logprob import LEAST, TokenLogprob
from app.errors import EngineRefused, EngineUnavailable, OrsonError

FORBIDDEN = -100
"""The lowest `logit_bias` vLLM takes; it adds to the logit, which no real model outweighs."""


class _Logprobs(msgspec.Struct, gc=False):
    tokens: tuple[str, ...] = ()
    token_logprobs: tuple[float | None, ...] = ()
    top_logprobs: tuple[dict[str, float] | None, ...] | None = None


class _Choice(msgspec.Struct, gc=False):
    text: str = ""
    token_ids: tuple[int, ...] | None = None
    finish_reason: str | None = None
    stop_reason: int | str | None = None
    logprobs: _Logprobs | None = None


class _Details(msgspec.Struct, gc=False):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens_details: _Details | None = None


class _Error(msgspec.Struct, gc=False):
    message: str = ""
    code: int | str | None = None


class _Event(msgspec.Struct, gc=False):
    choices: tuple[_Choice, ...] = ()
    usage: _Usage | None = None
    error: _Error | None = None


_decode = msgspec.json.Decoder(_Event).decode


class Model(msgspec.Struct):
    """One entry of /v1/models."""

    id: str
    root: str | None = None
    """Where it was loaded from."""
    parent: str | None = None
    """Of an adapter: the model it was made for."""
    max_model_len: int | None = None


class Models(msgspec.Struct):
    """The answer of /v1/models."""

    data: list[Model]


class Tokenized(msgspec.Struct):
    """The answer of /tokenize."""

    tokens: list[int]


class Detokenized(msgspec.Struct):
    """The answer of /detokenize."""

    prompt: str


def completion(leg: Leg, model: str, context_window: int) -> bytes:
    """The body of POST /v1/completions. `max_tokens` never asks for more than the window has."""
    sampling = leg.sampling
    body: dict[str, Any] = {
        "model": model,
        "prompt": leg.prompt if isinstance(leg.prompt, (list, tuple)) else list(leg.prompt),
        "max_tokens": min(leg.max_tokens, context_window - len(leg.prompt)),
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_token_ids": True,
        "skip_special_tokens": False,  # or markers vanish from the text
        "spaces_between_special_tokens": False,
    }
    if leg.salt:
        body["cache_salt"] = leg.salt
    if leg.stop_ids:
        body["stop_token_ids"] = leg.stop_ids
    if leg.stop_strings:
        body["stop"] = leg.stop_strings
    if leg.forbid_ids:
        body["logit_bias"] = {str(id): FORBIDDEN for id in leg.forbid_ids}
    if leg.forbid_strings:
        # Bans the spellings vLLM's tokenizer gives them, alone and after a space; a marker that
        # merges with the text before it can slip through.
        body["bad_words"] = leg.forbid_strings
    for name in ("temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty"):
        value = getattr(sampling, name)
        if value is not None:
            body[name] = value
    if sampling.logprobs is not None:
        body["logprobs"] = sampling.logprobs
    return msgspec.json.encode(body)


def conversation(
    messages: Sequence[Message], model: str, template: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """The body of POST /tokenize for messages under the chat template."""
    return {
        "model": model,
        "messages": [{"role": m.role, "content": m.content} for m in messages],
        "add_generation_prompt": True,
        "add_special_tokens": False,  # the template writes its own
        **(template or {}),
    }


def text(content: str, model: str) -> dict[str, Any]:
    """The body of POST /tokenize for bare text."""
    return {"model": model, "prompt": content, "add_special_tokens": False}


def ids(tokens: Sequence[int], model: str) -> dict[str, Any]:
    """The body of POST /detokenize."""
    return {"model": model, "tokens": tokens}


def _scored(logprobs: _Logprobs, most: int) -> tuple[TokenLogprob, ...]:
    """vLLM's columns -> tokens. The sampled token is among the likeliest, or behind them."""
    tops = logprobs.top_logprobs or (None,) * len(logprobs.tokens)
    columns = zip(logprobs.tokens, logprobs.token_logprobs, tops, strict=True)
    return tuple(
        _token(
            token,
            LEAST if score is None else score,
            tuple(_token(*each) for each in sorted((top or {}).items(), key=_likeliest)[:most]),
        )
        for token, score, top in columns
    )


def _token(text: str, score: float, top: tuple[TokenLogprob, ...] = ()) -> TokenLogprob:
    whole = "\N{REPLACEMENT CHARACTER}" not in text
    return TokenLogprob(text, max(score, LEAST), tuple(text.encode()) if whole else None, top)


def _likeliest(scored: tuple[str, float]) -> float:
    return -scored[1]


def _told(error: _Error) -> OrsonError:
    if isinstance(error.code, int) and 400 <= error.code < 500:
        return EngineRefused(f"The engine refused the request ({error.code}: {error.message}).")
    return EngineUnavailable(f"The engine failed: {error.message}")


class CompletionDecoder:
    """Events of one leg. The chunk with the stop waits for the usage event behind it."""

    __slots__ = ("_cached", "_last_id", "_leg", "_stop", "done")

    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._stop: Stopped | None = None
        self._cached: int | None = None
        self._last_id = -1
        self.done = False

    def feed(self, payloads: Sequence[bytes]) -> Chunk | None:
        """All ids and text of `payloads` as one chunk; the stop comes with the last.

        Raises:
            EngineUnavailable: the engine reports an error, or ends without a finish reason.
            EngineRefused: it finds the request wrong (some checks come after its 200), or it does
                not return ids: it is too old for us.
        """
        ids: tuple[int, ...] = ()
        said = ""
        scored: tuple[TokenLogprob, ...] = ()
        for payload in payloads:
            if payload == b"[DONE]":
                if self._stop is None:
                    raise EngineUnavailable("The engine ended its stream without a reason.")
                self.done = True
                break
            event = _decode(payload)
            if event.error is not None:
                raise _told(event.error)
            if event.usage is not None and event.usage.prompt_tokens_details is not None:
                self._cached = event.usage.prompt_tokens_details.cached_tokens
            for choice in event.choices:
                said += choice.text
                if choice.logprobs is not None:
                    scored += _scored(choice.logprobs, self._leg.sampling.logprobs or 0)
                if choice.token_ids:
                    ids += choice.token_ids
                elif choice.text and choice.token_ids is None:
                    raise EngineRefused("The engine returns no token ids (vLLM 0.10.2 does).")
                if choice.finish_reason is not None:
                    self._last_id = ids[-1] if ids else self._last_id
                    self._stop = self._stopped(choice.finish_reason, choice.stop_reason)
        if ids:
            self._last_id = ids[-1]
        if scored:
            stop, cached = (self._stop, self._cached) if self.done else (None, None)
            return ScoredChunk(ids, said, stop, cached, scored)
        if self.done:
            return Chunk(ids, said, self._stop, self._cached)
        return Chunk(ids, said) if ids or said else None

    def ending(self) -> Chunk | None:
        """The leg's last chunk, where the engine said how it ends and was lost before the rest."""
        return Chunk((), "", self._stop, self._cached) if self._stop else None

    def _stopped(self, finish: str, reason: int | str | None) -> Stopped:
        if finish == "length":
            return Stopped("length")
        if finish in ("abort", "error"):
            raise EngineUnavailable(f"The engine gave the answer up ({finish}).")
        if isinstance(reason, int):
            return Stopped("stop_token", reason)
        if isinstance(reason, str):
            return Stopped("stop_string", reason)
        if self._last_id in self._leg.stop_ids:  # a stop id that is an end of turn as well
            return Stopped("stop_token", self._last_id)
        return Stopped("end")
