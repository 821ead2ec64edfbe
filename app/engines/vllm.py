"""The engine port over a vLLM server's HTTP API (or anything that speaks it)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from app.chat.ports import Leg
from app.chat.request import Message
from app.engines import vllm_wire
from app.engines.http_stream import HttpClient, Timeouts
from app.engines.recovery import Recovery
from app.engines.stream import Stream
from app.engines.template import laid_out
from app.engines.token_stream import TokenStream
from app.engines.vllm_served import Served, chosen, examine, look
from app.errors import EngineUnavailable, EngineUnfit, PromptTooLong


class VllmEngine:
    """Token ids in, token ids out, on one vLLM server.

    `model` and `context_window` are known after the first `ready()`, which the first call makes
    by itself when nobody did before.
    """

    def __init__(
        self,
        base_url: str,
        *,
        model: str | None = None,
        api_key: str | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._http = HttpClient(base_url, api_key=api_key, timeouts=timeouts)
        self._wanted = model
        self.model = model or ""
        self.context_window = 0
        self.served: Served | None = None
        """What `ready` found; stays as it is until `relearn`."""
        self.recovered = Recovery(self.ready)
        self._replaced = False
        self._losses = self._failures = 0  # of the client's, when we last looked

    @property
    def address(self) -> str:
        """Where the server is."""
        return self._http.address

    async def ready(self) -> None:
        """Return when the server can serve our model; find out once what it is and can do.

        Raises:
            EngineUnavailable: it can't be reached, or is ill.
            EngineUnfit: it can't do what we need, or serves another model than before.
        """
        health = await self._http.request("GET", "/health")
        if health.status != 200:
            raise EngineUnavailable(
                f"The engine at {self._http.address} is not ready ({health.status})."
            )
        if self.served is None:
            losses, failures = self._http.losses, self._http.failures
            served = await look(self._http, self._wanted)
            await examine(self._http, served)
            self.served = served
            self.model, self.context_window = served.model, served.context_window
            self._losses, self._failures = losses, failures
        elif self._http.losses != self._losses:
            await self._look_again()

    async def same(self) -> bool:
        """Whether the server serves what it did; asks it only after it could not be reached."""
        if self.served is not None and self._http.failures != self._failures:
            with suppress(EngineUnfit):
                await self._look_again()
        return not self._replaced

    def relearn(self) -> None:
        """Take what the server serves now for ours, at the next `ready`."""
        self.served, self._replaced = None, False
        self.context_window = 0

    async def render(
        self, messages: Sequence[Message], template: Mapping[str, object] | None = None
    ) -> list[int]:
        """The conversation under the model's chat template, open for the assistant's answer.

        Raises:
            InvalidRequest: the template refuses these messages.
        """
        body = vllm_wire.conversation(messages, await self._name(), template)
        return (await laid_out(self._http, "/tokenize", vllm_wire.Tokenized, body)).tokens

    async def encode(self, text: str) -> list[int]:
        """Ids of `text`, nothing added; text of added tokens becomes their ids."""
        return await self._tokenize(vllm_wire.text(text, await self._name()))

    async def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, markers and control tokens included."""
        body = vllm_wire.ids(ids, await self._name())
        return (await self._http.call("/detokenize", vllm_wire.Detokenized, body)).prompt

    def generate(self, leg: Leg) -> TokenStream:
        """Run the engine from `leg.prompt` to a stop; see the port."""
        return TokenStream(
            lambda: self._start(leg), vllm_wire.CompletionDecoder(leg), self._http.address
        )

    async def aclose(self) -> None:
        """Close all connections; the server stops what they were waiting for."""
        self.recovered.stop()
        await self._http.aclose()

    async def _start(self, leg: Leg) -> Stream:
        model = await self._name()
        if len(leg.prompt) + 1 > self.context_window:
            raise PromptTooLong(len(leg.prompt), self.context_window)
        body = vllm_wire.completion(leg, model, self.context_window)
        headers = {"X-Session-ID": leg.session} if leg.session else {}
        headers |= leg.trace
        stream = await self._http.stream("/v1/completions", body, headers)
        if self.served is not None and self._http.losses != self._losses:
            # A connection was lost since we looked: it may be another server. We ask while it
            # works on the prompt, so that nobody waits for this.
            try:
                await self._look_again()
            except BaseException:
                stream.abort()
                raise
        return stream

    async def _look_again(self) -> None:
        """Raises EngineUnfit when another model is served than `served`."""
        losses, failures = self._http.losses, self._http.failures
        if await look(self._http, self._wanted) != self.served:
            self._replaced = True
            raise EngineUnfit(
                f"The engine at {self._http.address} serves another model than before."
            )
        self._losses, self._failures = losses, failures

    async def _name(self) -> str:
        if not self.context_window:
            await self._learn_model()
        return self.model

    async def _learn_model(self) -> None:
        served = (await self._http.call("/v1/models", vllm_wire.Models)).data
        self.model, self.context_window = chosen(served, self._wanted, self._http.address)

    async def _tokenize(self, body: object) -> list[int]:
        return (await self._http.call("/tokenize", vllm_wire.Tokenized, body)).tokens
