"""OpenAI's two completion endpoints: a question -> request body, reply -> texts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

import msgspec

from training.records import Turn

Api = Literal["chat", "completions"]


class NotAnAddress(ValueError):
    """The URL can't be one of a model server."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to the model, with how to answer it."""

    messages: tuple[Turn, ...]
    """For `completions` their contents are put under each other, and the model goes on."""
    max_tokens: int
    temperature: float = 0.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    count: int = 1
    """Answers wanted."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    texts: tuple[str, ...]
    prompt_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Server:
    """Where the model is and how it is spoken to."""

    root: str
    """Address up to and with `/v1`."""
    api: Api
    model: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of every body: Orson's `search`, a server's own switches."""

    @property
    def endpoint(self) -> str:
        """Path below the root where questions go."""
        return "/chat/completions" if self.api == "chat" else "/completions"

    @property
    def path(self) -> str:
        """The whole address of that."""
        return f"{self.root}{self.endpoint}"


def address(url: str, api: Api | None = None) -> tuple[str, Api]:
    """The root and the endpoint of what a user typed: a host, its `/v1`, or the whole path.

    Raises:
        NotAnAddress: it is no http address.
    """
    parts = urlsplit(url if "//" in url else f"http://{url}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotAnAddress(f"'{url}' is no address such as http://127.0.0.1:8000/v1")
    path = parts.path.rstrip("/")
    named: Api = "chat"
    if path.endswith("/chat/completions"):
        path = path.removesuffix("/chat/completions")
    elif path.endswith("/completions"):
        path, named = path.removesuffix("/completions"), "completions"
    elif not path:
        path = "/v1"
    return urlunsplit((parts.scheme, parts.netloc, path, "", "")), api or named


def body(ask: Ask, server: Server) -> bytes:
    """The request body."""
    fields: dict[str, Any] = {
        "model": server.model,
        "max_tokens": ask.max_tokens,
        "temperature": ask.temperature,
    }
    if server.api == "chat":
        fields["messages"] = [{"role": t.role, "content": t.content} for t in ask.messages]
    else:
        fields["prompt"] = "\n\n".join(turn.content for turn in ask.messages)
    if ask.seed is not None:
        fields["seed"] = ask.seed & 0x7FFFFFFF
    if ask.stop:
        fields["stop"] = list(ask.stop)
    if ask.count > 1:
        fields["n"] = ask.count
    return msgspec.json.encode({**fields, **server.extra})


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    text: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


class _Model(msgspec.Struct):
    id: str
    owned_by: str | None = None


class _Models(msgspec.Struct):
    data: list[_Model]


class Unreadable(ValueError):
    """The server's answer is no answer of this API."""


def reply(content: bytes) -> Reply:
    """The answer's texts, white space around them gone."""
    try:
        told = msgspec.json.decode(content, type=_Completion)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"not a completion: {error}") from None
    texts = (
        (choice.message.content if choice.message else choice.text) or "" for choice in told.choices
    )
    usage = told.usage or _Usage()
    return Reply(
        tuple(text.strip() for text in texts),
        usage.prompt_tokens or 0,
        usage.completion_tokens or 0,
    )


def models(content: bytes) -> Sequence[tuple[str, str]]:
    """The served models, each with whom the server says it belongs to."""
    try:
        listed = msgspec.json.decode(content, type=_Models).data
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"not a list of models: {error}") from None
    return [(model.id, model.owned_by or "") for model in listed]


class _Error(msgspec.Struct):
    message: str = ""


class _Refusal(msgspec.Struct):
    error: _Error | str | None = None
    message: str = ""
    detail: Any = None


def told(content: bytes) -> str:
    """What a refusal says for itself, on one line."""
    try:
        refusal = msgspec.json.decode(content, type=_Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return " ".join(content[:200].decode("utf-8", "replace").split())
    error = refusal.error
    said = (error.message if isinstance(error, _Error) else error) or refusal.message
    return " ".join((said or str(refusal.detail or ""))[:300].split())
