"""The engine port over llama.cpp's server: embedded in this process, or anywhere."""

import asyncio
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from app.chat.ports import Chunk, Leg
from app.chat.request import Message
from app.engines import llamacpp_wire as wire
from app.engines.http_stream import HttpClient, Timeouts
from app.engines.recovery import Recovery
from app.engines.stream import Stream
from app.engines.template import laid_out
from app.engines.token_stream import TokenStream
from app.errors import EngineUnavailable, PromptTooLong


class LlamaCppEngine:
    """Token ids in, token ids out, on one llama.cpp server started with `--special`.

    `model` and `context_window` (of one slot) are known after the first `ready()`, which the
    first call makes by itself when nobody did before.
    """

    def __init__(
        self,
        base_url: str,
        *,
        model: str | None = None,
        api_key: str | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        # Its server gives a thread to each connection, idle ones included, and has few.
        self._http = HttpClient(base_url, api_key=api_key, timeouts=timeouts, keep=0)
        self._wanted = model
        self.model = model or ""
        self.context_window = 0
        self._texts: dict[int, str] = {}
        self._enders: dict[int, str] = {}
        self.recovered = Recovery(self.ready)

    @property
    def address(self) -> str:
        """Where the server is."""
        return self._http.address

    async def ready(self) -> None:
        """Return when the server has loaded its model; learn name, window and end tokens once.

        Raises:
            EngineUnavailable: it can't be reached, or is still loading.
        """
        health = await self._http.request("GET", "/health")
        if health.status != 200:
            raise EngineUnavailable(
                f"The engine at {self._http.address} is not ready ({health.status})."
            )
        if not self.context_window:
            await self._learn_model()

    async def same(self) -> bool:
        """Whether the server serves what it did; taken for granted here."""
        return True

    def relearn(self) -> None:
        """Take what the server serves now for ours, at the next `ready`."""
        self.context_window = 0

    async def render(
        self, messages: Sequence[Message], template: Mapping[str, object] | None = None
    ) -> list[int]:
        """The conversation under the model's chat template, open for the assistant's answer.

        Raises:
            InvalidRequest: the template refuses these messages.
        """
        body = wire.conversation(messages, template)
        # All this call does is run the template; some builds answer 500 when that raises.
        path, refused = "/apply-template", (400, 500)
        prompt = (await laid_out(self._http, path, wire.Prompt, body, refused)).prompt
        return await self._tokenize(wire.text(prompt, whole_prompt=True))

    async def encode(self, text: str) -> list[int]:
        """Ids of `text`, nothing added; text of control tokens becomes their ids."""
        return await self._tokenize(wire.text(text))

    def generate(self, leg: Leg) -> "LlamaCppStream":
        """Run the engine from `leg.prompt` to a stop; see the port."""
        return LlamaCppStream(self, leg)

    async def aclose(self) -> None:
        """Close all connections; the server stops what they were waiting for."""
        self.recovered.stop()
        await self._http.aclose()

    # What the stream of one leg asks.

    async def start(self, leg: Leg, decoder: wire.CompletionDecoder) -> Stream:
        """Send the leg's request; `decoder` gets what it needs to know of the tokenizer."""
        if not self.context_window:
            await self._learn_model()
        if len(leg.prompt) + 1 > self.context_window:
            raise PromptTooLong(len(leg.prompt), self.context_window)
        for id in leg.stop_ids:
            if id not in self._texts:
                self._texts[id] = await self.decode((id,))
        decoder.knows(self._texts, self._enders)
        body = wire.completion(leg, self._texts, self.context_window)
        return await self._http.stream("/completion", body)

    async def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, control tokens included."""
        body = {"tokens": ids}
        return (await self._http.call("/detokenize", wire.Detokenized, body)).content

    async def _learn_model(self) -> None:
        props = await self._http.call("/props", wire.Props)
        literals = {*wire.ENDERS, props.eos_token} - {""}
        spelt = await asyncio.gather(*(self.encode(literal) for literal in literals))
        ids = zip(literals, spelt, strict=True)
        self._enders = {ids[0]: literal for literal, ids in ids if len(ids) == 1}
        alias = props.model_alias.rpartition("/")[2].removesuffix(".gguf")
        self.model = self._wanted or alias or "llama.cpp"
        self.context_window = props.default_generation_settings.n_ctx

    async def _tokenize(self, body: object) -> list[int]:
        return (await self._http.call("/tokenize", wire.Tokenized, body)).tokens


class LlamaCppStream(TokenStream):
    """A leg on llama.cpp: asks the tokenizer for ids and text that the server withheld."""

    __slots__ = ("_engine", "_events")

    def __init__(self, engine: LlamaCppEngine, leg: Leg) -> None:
        self._engine = engine
        self._events = wire.CompletionDecoder(leg)
        super().__init__(lambda: engine.start(leg, self._events), self._events, engine.address)

    def unsettled(self) -> bool:
        """Whether ids are missing."""
        return bool(self._events.gaps)

    async def settle(self, chunk: Chunk) -> Chunk:
        """Fill the gaps between ids; and at a cut by length, fetch the text never sent."""
        if self._events.gaps:
            ids = list(chunk.ids)
            for gap in reversed(self._events.gaps):
                tokens = await self._engine.encode(gap.text)
                ids[gap.at : gap.at + 1] = gap.filled(ids[gap.at], tokens)
            chunk = replace(chunk, ids=tuple(ids))
        if chunk.stop is not None and chunk.stop.reason == "length" and self._events.unsent:
            rest = await self._engine.decode(self._events.unsent)
            chunk = replace(chunk, text=chunk.text + rest)
        return chunk
