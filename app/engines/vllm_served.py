"""What one vLLM server is and can do, found out before it is relied on.

    /version            within the range we support, where the server says
    /v1/models          our model among its own, and its window
    /tokenize           there, and able to render a conversation: the model has a chat template
    /v1/completions     gives ids back; says what its prefix cache held

A server that lacks what we need is refused with the flag or the version that would mend it.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from app.chat.ports import Leg
from app.chat.request import Sampling
from app.engines import vllm_wire
from app.engines.http_stream import HttpClient
from app.engines.refusal import message
from app.engines.token_stream import TokenStream
from app.errors import EngineRefused, EngineUnavailable, EngineUnfit

logger = logging.getLogger(__name__)

OLDEST, NEWEST = (0, 20), (1, 0)
"""Versions of vLLM that we take: from the first up to, not including, the second."""

PROBE = (
    '<s></s><|im_start|><|im_end|><|eot_id|><think>[INST][SEARCH_START][SEARCH_END] "Naïve"  42\n'
)
"""Text that no two tokenizers are likely to read alike."""


@dataclass(frozen=True, slots=True)
class Served:
    """A model on a server. Equal for two servers whose ids and templates mean the same to us."""

    model: str
    root: str
    context_window: int
    reads: tuple[int, ...]
    """How it renders a probe conversation, in ids."""


async def look(http: HttpClient, wanted: str | None) -> Served:
    """What the server serves to us.

    Args:
        http: where it is.
        wanted: the model, or a LoRA adapter; None takes the first.

    Raises:
        EngineUnfit: it has no such model, or no tokenizer or chat template for us.
        EngineUnavailable: it can't be reached, or is ill.
    """
    served = (await http.call("/v1/models", vllm_wire.Models)).data
    model, window = chosen(served, wanted, http.address)
    root = next(one.root for one in served if one.id == model)
    return Served(model, root or "", window, await _reading(http, model))


def chosen(served: Sequence[vllm_wire.Model], wanted: str | None, address: str) -> tuple[str, int]:
    """Name and window of the model that is `wanted`, or of the first. Raises EngineUnfit."""
    windows = {model.id: model.max_model_len for model in served}
    for model in served:
        # An adapter's window is that of the model it was made for.
        window = model.max_model_len or windows.get(model.parent or "")
        if wanted in (None, model.id) and window:
            return model.id, window
    names = ", ".join(windows) or "none"
    raise EngineUnfit(
        f"The engine at {address} does not serve {wanted!r}; it has {names}. "
        "Set ORSON_MODEL to one of them, or leave it unset."
    )


async def _reading(http: HttpClient, model: str) -> tuple[int, ...]:
    """The ids of the probe conversation, or of the bare text where the template refuses it."""
    conversation = {"messages": [{"role": "user", "content": PROBE}]}
    for body in (conversation, {"prompt": PROBE}):
        sent = msgspec.json.encode({"model": model, "add_special_tokens": False, **body})
        reply = await http.request("POST", "/tokenize", sent)
        if reply.status == 404:
            raise EngineUnfit(
                f"The engine at {http.address} has no /tokenize. Point ORSON_ENGINE_URL at vLLM "
                "itself, or have what stands in front of it pass /tokenize and /detokenize on."
            )
        if reply.status == 200:
            return tuple(msgspec.json.decode(reply.body, type=vllm_wire.Tokenized).tokens)
        said = message(reply.body)
        if "chat template" in said:
            raise EngineUnfit(
                f"The model {model!r} has no chat template ({said}). Start vLLM with "
                "--chat-template FILE, or serve the instruct model of the same name."
            )
        if reply.status >= 500:
            raise EngineUnavailable(f"The engine at {http.address} failed ({reply.status}).")
    raise EngineUnfit(f"The engine at {http.address} refuses to tokenize: {said}")


async def examine(http: HttpClient, served: Served) -> None:
    """Return when the server can do what we need of it.

    Raises:
        EngineUnfit: it can't, and the message says what would.
        EngineUnavailable: it can't be reached, or is ill.
    """
    version = await _version(http)
    if version and not OLDEST <= version < NEWEST:
        raise EngineUnfit(
            f"The engine at {http.address} is vLLM {_dotted(version)}; Orson supports "
            f"{_dotted(OLDEST)} and newer, below {_dotted(NEWEST)}."
        )
    prompt = served.reads[: served.context_window - 1]
    leg = Leg(prompt, 1, Sampling(temperature=0.0))
    body = vllm_wire.completion(leg, served.model, served.context_window)
    stream = TokenStream(
        lambda: http.stream("/v1/completions", body), vllm_wire.CompletionDecoder(leg), http.address
    )
    try:
        chunks = [chunk async for chunks in stream for chunk in chunks]
    except EngineRefused as error:
        raise EngineUnfit(error.message) from None
    if not any(chunk.ids for chunk in chunks):
        raise EngineUnfit(
            f"The engine at {http.address} gives no token ids back (return_token_ids)."
        )
    if all(chunk.cached_tokens is None for chunk in chunks):
        logger.warning(
            "The engine does not say what its prefix cache holds: start vLLM with "
            "--enable-prompt-tokens-details to see how warm resumes are."
        )


async def _version(http: HttpClient) -> tuple[int, int] | None:
    """Major and minor; None where the server, or what stands in front of it, does not say."""
    reply = await http.request("GET", "/version")
    said = re.search(rb'"version"\s*:\s*"v?(\d+)\.(\d+)', reply.body)
    return (int(said[1]), int(said[2])) if reply.status == 200 and said else None


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
