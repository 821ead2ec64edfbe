"""Text <-> ids, without generating: what the serving code needs of an engine to lay out a sequence.

FolderReader    a Hugging Face tokenizer on disk (extra `train`)
ServedReader    the tokenizer of a served engine: vLLM, llama.cpp
PlainReader     no tokenizer at all: an id for each character; for texts alone
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from app.chat.ports import Engine, Leg, Reads
from app.chat.request import Message
from app.dialect.markers import ORSON
from app.errors import EngineRefused, InvalidRequest


class Reader(Engine, Protocol):
    """An engine that only reads, and can spell ids out."""

    added: tuple[str, ...]
    """The tokenizer's added tokens, where they are known."""

    async def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, control tokens included."""
        ...


class NoTokenizer(RuntimeError):
    """There is none where one was named, or what reads it is not installed."""


class _ReadsOnly:
    def generate(self, leg: Leg) -> Reads:
        """Refused: nothing here generates."""
        raise EngineRefused("a tokenizer doesn't generate")

    async def ready(self) -> None:
        """It always is."""

    async def aclose(self) -> None:
        """Nothing to close."""


class FolderReader(_ReadsOnly):
    """A tokenizer as `transformers` loads it.

    Args:
        folder: with `tokenizer.json` or its kind, and a chat template.
        add_markers: make the dialect's markers single tokens where they are not yet.
        context: tokens of the longest sequence; None takes the model's.
    """

    def __init__(
        self, folder: Path, *, add_markers: bool = False, context: int | None = None
    ) -> None:
        """Raises NoTokenizer."""
        try:
            from transformers import AddedToken, AutoTokenizer
        except ImportError:
            raise NoTokenizer(
                "a tokenizer needs the extra 'train': pip install 'orson[train]'"
            ) from None
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        except (OSError, ValueError) as error:
            raise NoTokenizer(f"{folder} is no tokenizer: {error}") from None
        if not getattr(self._tokenizer, "chat_template", None):
            raise NoTokenizer(f"the tokenizer in {folder} has no chat template")
        if add_markers:
            known = self._tokenizer.get_vocab()
            new = [marker for marker in ORSON.markers if marker not in known]
            # In the order of the dialect, so whoever adds them later gives them the same ids.
            self._tokenizer.add_tokens(
                [AddedToken(marker, special=True, normalized=False) for marker in new],
                special_tokens=True,
            )
        self.added = tuple(str(each) for each in self._tokenizer.get_added_vocab())
        self.model = folder.name
        self.context_window = context or _window(folder, self._tokenizer.model_max_length)

    async def render(
        self, messages: Sequence[Message], template: Mapping[str, object] | None = None
    ) -> list[int]:
        """The conversation under the chat template, open for the answer."""
        from jinja2 import TemplateError

        turns = [{"role": message.role, "content": message.content} for message in messages]
        try:
            given = dict(template or {})
            own: Any = given.pop("chat_template_kwargs", {})
            text = self._tokenizer.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=True, **given, **own
            )
        except TemplateError as error:
            raise InvalidRequest(f"The chat template refuses these messages: {error}") from None
        return await self.encode(str(text))

    async def encode(self, text: str) -> list[int]:
        """Ids of `text`, nothing added; text of added tokens becomes their ids."""
        return [int(id_) for id_ in self._tokenizer.encode(text, add_special_tokens=False)]

    async def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`."""
        text = self._tokenizer.decode(
            list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        return str(text)

    def save(self, folder: Path) -> None:
        """Write the tokenizer, added markers included."""
        self._tokenizer.save_pretrained(str(folder))


def _window(folder: Path, tokenizer_says: int) -> int:
    """Positions of the model beside the tokenizer; what the tokenizer says; else a usual number."""
    config = folder / "config.json"
    if config.exists():
        found = json.loads(config.read_text("utf-8")).get("max_position_embeddings")
        if isinstance(found, int):
            return found
    return tokenizer_says if tokenizer_says < 1 << 24 else 8192


class PlainReader(_ReadsOnly):
    """One id for each character, and for each control token one above them all."""

    CONTROL = (*ORSON.markers, "<|im_start|>", "<|im_end|>")
    FIRST = 0x110000

    def __init__(self, context: int = 400_000) -> None:
        self.model = "none"
        self.context_window = context
        self.added: tuple[str, ...] = self.CONTROL
        self._ids = {literal: self.FIRST + at for at, literal in enumerate(self.CONTROL)}

    async def render(
        self, messages: Sequence[Message], template: Mapping[str, object] | None = None
    ) -> list[int]:
        """The layout of ChatML, which many models use; a tokenizer's own template is better."""
        turns = "".join(f"<|im_start|>{m.role}\n{m.content}<|im_end|>\n" for m in messages)
        return await self.encode(f"{turns}<|im_start|>assistant\n")

    async def encode(self, text: str) -> list[int]:
        """A number for each character or control token."""
        ids: list[int] = []
        at = 0
        while at < len(text):
            literal = next((c for c in self.CONTROL if text.startswith(c, at)), None)
            ids.append(self._ids[literal] if literal else ord(text[at]))
            at += len(literal) if literal else 1
        return ids

    async def decode(self, ids: Sequence[int]) -> str:
        """The characters."""
        literals = dict(zip(self._ids.values(), self._ids, strict=True))
        return "".join(literals.get(id_) or chr(id_) for id_ in ids)


class ServedReader:
    """The tokenizer of a server that speaks vLLM's or llama.cpp's HTTP."""

    def __init__(
        self,
        url: str,
        kind: Literal["vllm", "llamacpp"],
        *,
        model: str | None = None,
        api_key: str | None = None,
    ) -> None:
        from app.engines.http_stream import HttpClient
        from app.engines.llamacpp import LlamaCppEngine
        from app.engines.vllm import VllmEngine

        make = VllmEngine if kind == "vllm" else LlamaCppEngine
        self._engine = make(url, model=model, api_key=api_key)
        self._http = HttpClient(url, api_key=api_key)
        self.added: tuple[str, ...] = ()
        self.model = ""
        self.context_window = 0

    async def ready(self) -> None:
        """Learn the model's name and window."""
        await self._engine.ready()
        self.model, self.context_window = self._engine.model, self._engine.context_window

    async def render(
        self, messages: Sequence[Message], template: Mapping[str, object] | None = None
    ) -> list[int]:
        """As the server lays it out."""
        return await self._engine.render(messages, template)

    async def encode(self, text: str) -> list[int]:
        """As the server encodes it."""
        return await self._engine.encode(text)

    async def decode(self, ids: Sequence[int]) -> str:
        """As the server spells it out."""
        body = {"model": self.model, "tokens": list(ids)}
        told = await self._http.call("/detokenize", dict[str, Any], body)
        return str(told.get("prompt", told.get("content", "")))

    def generate(self, leg: Leg) -> Reads:
        """Refused: composing never asks the model."""
        raise EngineRefused("composing doesn't generate")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._engine.aclose()
        await self._http.aclose()
