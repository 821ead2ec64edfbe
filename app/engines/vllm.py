"""The engine port over a vLLM server's HTTP API (or anything that speaks it)."""

from collections.abc import Sequence

from app.chat.ports import Leg
from app.chat.request import Message
from app.engines import vllm_wire
from app.engines.http_stream import HttpClient, Timeouts
from app.engines.stream import Stream
from app.engines.template import laid_out
from app.engines.token_stream import TokenStream
from app.errors import EngineUnavailable, PromptTooLong


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

    @property
    def address(self) -> str:
        """Where the server is."""
        return self._http.address

    async def ready(self) -> None:
        """Return when the server can serve our model; learn its name and window once.

        Raises:
            EngineUnavailable: it can't be reached, is ill, or serves no such model.
        """
        health = await self._http.request("GET", "/health")
        if health.status != 200:
            raise EngineUnavailable(
                f"The engine at {self._http.address} is not ready ({health.status})."
            )
        if not self.context_window:
            await self._learn_model()

    async def render(self, messages: Sequence[Message]) -> list[int]:
        """The conversation under the model's chat template, open for the assistant's answer.

        Raises:
            InvalidRequest: the template refuses these messages.
        """
        body = vllm_wire.conversation(messages, await self._name())
        return (await laid_out(self._http, "/tokenize", vllm_wire.Tokenized, body)).tokens

    async def encode(self, text: str) -> list[int]:
        """Ids of `text`, nothing added; text of added tokens becomes their ids."""
        return await self._tokenize(vllm_wire.text(text, await self._name()))

    def generate(self, leg: Leg) -> TokenStream:
        """Run the engine from `leg.prompt` to a stop; see the port."""
        return TokenStream(
            lambda: self._start(leg), vllm_wire.CompletionDecoder(leg), self._http.address
        )

    async def aclose(self) -> None:
        """Close all connections; the server stops what they were waiting for."""
        await self._http.aclose()

    async def _start(self, leg: Leg) -> Stream:
        model = await self._name()
        if len(leg.prompt) + 1 > self.context_window:
            raise PromptTooLong(len(leg.prompt), self.context_window)
        body = vllm_wire.completion(leg, model, self.context_window)
        headers = {"X-Session-ID": leg.session} if leg.session else {}
        return await self._http.stream("/v1/completions", body, headers)

    async def _name(self) -> str:
        if not self.context_window:
            await self._learn_model()
        return self.model

    async def _learn_model(self) -> None:
        served = (await self._http.call("/v1/models", vllm_wire.Models)).data
        for model in served:
            if self._wanted in (None, model.id) and model.max_model_len:
                self.model, self.context_window = model.id, model.max_model_len
                return
        names = ", ".join(model.id for model in served) or "none"
        raise EngineUnavailable(
            f"The engine at {self._http.address} does not serve {self._wanted!r}; it has {names}."
        )

    async def _tokenize(self, body: object) -> list[int]:
        return (await self._http.call("/tokenize", vllm_wire.Tokenized, body)).tokens
