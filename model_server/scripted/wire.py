"""vLLM's JSON, written fast: a stream's frame is a prepared head, the token's part, a tail."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from model_server.scripted.generation import Step

encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Format:
    """How one request wants its events: text completions with ids, or chat deltas."""

    id: str
    model: str
    chat: bool = False
    token_ids: bool = False
    logprobs: int | None = None
    """Alternatives told of for each token; None tells of no log-probabilities."""
    usage: bool = False
    """A last event with the usage (`stream_options.include_usage`)."""


def events(form: Format) -> Callable[[Step], bytes]:
    """A function from a step to its SSE event."""
    created = int(time.time())
    kind = "chat.completion.chunk" if form.chat else "text_completion"
    head = (
        f'data: {{"id":"{form.id}","object":"{kind}","created":{created},'
        f'"model":{encode(form.model).decode()},"choices":[{{"index":0,'
    ).encode()

    def completion(step: Step) -> bytes:
        return b"".join(
            (
                head,
                b'"text":',
                encode(step.text),
                b',"logprobs":',
                b"null," if form.logprobs is None else _logprobs(step, form.logprobs),
                _finish(step),
                b',"prompt_token_ids":null,"token_ids":',
                encode(step.ids) if form.token_ids else b"null",
                b'}],"usage":null}\n\n',
            )
        )

    def chat(step: Step) -> bytes:
        return b"".join(
            (
                head,
                b'"delta":{"content":',
                encode(step.text),
                b'},"logprobs":null,',
                _finish(step),
                b',"token_ids":null}],"usage":null}\n\n',
            )
        )

    return chat if form.chat else completion


def _logprobs(step: Step, alternatives: int) -> bytes:
    """Made up, but the same for the same token: the longer, the less likely."""
    scores = [-len(piece) / 8 for piece in step.pieces]
    others = [{f"~{rank}": -2.0 - rank for rank in range(alternatives - 1)} for _ in scores]
    told = {
        "text_offset": [0] * len(scores),
        "tokens": step.pieces,
        "token_logprobs": scores,
        "top_logprobs": [
            {piece: score} | other
            for piece, score, other in zip(step.pieces, scores, others, strict=True)
        ],
    }
    return encode(told) + b","


def _finish(step: Step) -> bytes:
    if step.finish is None:
        return b'"finish_reason":null,"stop_reason":null'
    return b'"finish_reason":%b,"stop_reason":%b' % (encode(step.finish), encode(step.reason))


def usage(form: Format, prompt: int, generated: int, cached: int) -> dict[str, object]:
    """The usage object, with cached tokens as under --enable-prompt-tokens-details."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": generated,
        "total_tokens": prompt + generated,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def last_events(form: Format, counted: dict[str, object]) -> bytes:
    """What follows the event with the finish reason."""
    done = b"data: [DONE]\n\n"
    if not form.usage:
        return done
    kind = "chat.completion.chunk" if form.chat else "text_completion"
    body = {"id": form.id, "object": kind, "model": form.model, "choices": [], "usage": counted}
    return b"data: " + encode(body) + b"\n\n" + done


def whole(form: Format, steps: Sequence[Step], counted: dict[str, object]) -> bytes:
    """The answer of a request that does not stream."""
    last = steps[-1]
    said = "".join(step.text for step in steps)
    choice: dict[str, object] = {
        "index": 0,
        "finish_reason": last.finish,
        "stop_reason": last.reason,
        "token_ids": [id for step in steps for id in step.ids] if form.token_ids else None,
    }
    choice |= {"message": {"role": "assistant", "content": said}} if form.chat else {"text": said}
    kind = "chat.completion" if form.chat else "text_completion"
    body = {"id": form.id, "object": kind, "model": form.model, "choices": [choice]}
    return encode(body | {"created": int(time.time()), "usage": counted})


def error(status: int, message: str) -> bytes:
    """An error body in vLLM's shape."""
    kind = "BadRequestError" if status < 500 else "InternalServerError"
    return encode({"error": {"message": message, "type": kind, "param": None, "code": status}})


def joined(steps: Sequence[Step]) -> Step:
    """Several steps as one event holds them (`stream_interval`)."""
    if len(steps) == 1:
        return steps[0]
    last = steps[-1]
    ids = [id for step in steps for id in step.ids]
    pieces = [piece for step in steps for piece in step.pieces]
    return Step(ids, "".join(step.text for step in steps), last.finish, last.reason, pieces)
