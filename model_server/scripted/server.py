"""vLLM's HTTP surface over a script: completions, chat, tokenizer, models, health, metrics."""

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from model_server.scripted import wire
from model_server.scripted.engine import Engine, Seen
from model_server.scripted.generation import Generation, limits_of
from model_server.scripted.http_server import Exchange
from model_server.scripted.pacer import Pacer
from model_server.scripted.script import Script, question_of
from model_server.scripted.stream import AnswerStream
from model_server.scripted.tokenizer import Tokenizer

PLAIN = "text/plain; version=0.0.4"
FULL = (
    "The engine is currently busy and cannot accept new requests. "
    "Please try again later or on a different instance."
)


class ScriptedServer(Engine):
    """Serves one script. `start()` gives the address; `running` counts answers under way.

    Args:
        script: what the model says.
        tokenizer: with other markers, or none.
        model: the name it is served under.
        context_window: `max_model_len`.
        rate: tokens (or events) a second for each stream; None is as fast as can be.
        stream_interval: tokens per event.
        api_key: asked for when set.
        max_queued: answers under way, past which one more gets vLLM's 503; None takes all.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        tokenizer: Tokenizer | None = None,
        model: str = "scripted",
        context_window: int = 8192,
        rate: float | None = None,
        stream_interval: int = 1,
        api_key: str | None = None,
        max_queued: int | None = None,
    ) -> None:
        super().__init__(Pacer(rate) if rate else None, stream_interval)
        self.script = script or Script()
        self.tokenizer = tokenizer or Tokenizer()
        self.model = model
        self.context_window = context_window
        self.refused = 0
        """Answers that there was no place for."""
        self.address = ""
        self._api_key = api_key
        self._max_queued = max_queued
        self._numbers = itertools.count(1)
        self._connections: set[Exchange] = set()
        self._server: asyncio.Server | None = None
        self._routes: dict[bytes, Callable[[Exchange], None]] = {
            b"/v1/completions": self._completions,
            b"/v1/chat/completions": self._chat,
            b"/v1/models": self._models,
            b"/tokenize": self._tokenize,
            b"/detokenize": self._detokenize,
            b"/health": lambda exchange: exchange.respond(200, b""),
            b"/metrics": self._metrics,
            b"/scripted/state": self._state,
            b"/scripted/rate": self._set_rate,
        }

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Listen, and return the address."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Exchange(self._handle, self._connections), host, port
        )
        self.address = f"http://{host}:{self._server.sockets[0].getsockname()[1]}"
        return self.address

    async def stop(self) -> None:
        """Close the port and every connection, in the middle of whatever they were doing."""
        if self._server is not None:
            self._server.close()
            for exchange in list(self._connections):
                exchange.drop()
            await self._server.wait_closed()
            await asyncio.sleep(0)  # lets the connections see that they are gone
            self._server = None

    def _handle(self, exchange: Exchange) -> None:
        path = exchange.path.partition(b"?")[0]
        route = self._routes.get(path)
        if route is None:
            exchange.respond(404, wire.error(404, "Not Found"))
        elif self._api_key and path.startswith(b"/v1") and not self._knows_key(exchange):
            exchange.respond(401, wire.error(401, "Unauthorized"))
        else:
            route(exchange)

    def _knows_key(self, exchange: Exchange) -> bool:
        return exchange.headers.get(b"authorization") == f"Bearer {self._api_key}".encode()

    def _completions(self, exchange: Exchange) -> None:
        body = _object(exchange.body)
        match body.get("prompt"):
            case str(text):
                prompt = self.tokenizer.encode(text)
            case [*ids] if all(isinstance(id, int) and 0 <= id < len(self.tokenizer) for id in ids):
                prompt = ids
            case _:
                raise ValueError("prompt must be a text or a list of token ids of the vocabulary.")
        self._answer(exchange, body, prompt, chat=False)

    def _chat(self, exchange: Exchange) -> None:
        body = _object(exchange.body)
        maximum = body.get("max_completion_tokens") or body.get("max_tokens")
        body = {**body, "max_tokens": maximum or self.context_window}
        self._answer(exchange, body, self._render(body), chat=True)

    def _answer(
        self, exchange: Exchange, body: Mapping[str, Any], prompt: list[int], *, chat: bool
    ) -> None:
        limits = limits_of(body, len(self.tokenizer))
        if len(prompt) + 1 > self.context_window:
            raise ValueError(
                f"This model's maximum context length is {self.context_window} tokens. "
                f"However, your request has {len(prompt)} input tokens."
            )
        if self._max_queued is not None and self.running >= self._max_queued:
            self.refused += 1
            exchange.respond(503, wire.error(503, FULL))
            return
        said = self.tokenizer.decode(prompt)
        line = self.script.line(said)
        if line.fault in ("refuse", "fail"):
            status = 400 if line.fault == "refuse" else 500
            exchange.respond(status, wire.error(status, "The script says so."))
            return
        generation = Generation(self.tokenizer, line, limits, prompt)
        seen = Seen(body, prompt, generation.ids, dict(exchange.headers), question_of(said))
        self.requests.append(seen)
        form = wire.Format(
            id=f"cmpl-{next(self._numbers)}",
            model=self.model,
            chat=chat,
            token_ids=bool(body.get("return_token_ids")),
            logprobs=body.get("logprobs"),
            usage=bool((body.get("stream_options") or {}).get("include_usage")),
        )
        stream = AnswerStream(self, exchange, generation, form, seen, line.fault)
        if body.get("stream"):
            stream.start()
        else:
            stream.send_whole()

    def _models(self, exchange: Exchange) -> None:
        model = {"id": self.model, "object": "model", "owned_by": "vllm", "root": self.model}
        data = [{**model, "max_model_len": self.context_window}]
        exchange.respond(200, wire.encode({"object": "list", "data": data}))

    def _tokenize(self, exchange: Exchange) -> None:
        body = _object(exchange.body)
        if "messages" in body:
            tokens = self._render(body)
        else:
            tokens = self.tokenizer.encode(str(body["prompt"]))
        found = {"count": len(tokens), "max_model_len": self.context_window, "tokens": tokens}
        exchange.respond(200, wire.encode({**found, "token_strs": None}))

    def _detokenize(self, exchange: Exchange) -> None:
        ids = _object(exchange.body)["tokens"]
        exchange.respond(200, wire.encode({"prompt": self.tokenizer.decode(ids)}))

    def _metrics(self, exchange: Exchange) -> None:
        name = "vllm:num_requests_running"
        labels = f'{{engine="0",model_name="{self.model}"}}'
        text = f"# TYPE {name} gauge\n{name}{labels} {float(self.running)}\n"
        exchange.respond(200, text.encode(), PLAIN)

    def _state(self, exchange: Exchange) -> None:
        """For benchmarks: tokens sent, and when each leg began and ended."""
        legs = [
            {"question": seen.question, "first_at": seen.first_at, "last_at": seen.last_at}
            for seen in self.requests
        ]
        state = {"tokens": self.tokens, "running": self.running, "legs": legs}
        exchange.respond(200, wire.encode(state))

    def _set_rate(self, exchange: Exchange) -> None:
        """For benchmarks: pace the streams that begin from now on."""
        rate = _object(exchange.body)["rate"]
        self.pacer = Pacer(rate) if rate else None
        exchange.respond(200, b"{}")

    def _render(self, body: Mapping[str, Any]) -> list[int]:
        turns = [(str(m["role"]), str(m["content"])) for m in body["messages"]]
        if body.get("continue_final_message"):
            return self.tokenizer.encode(self.tokenizer.chat(turns[:-1]) + turns[-1][1])
        open_answer = bool(body.get("add_generation_prompt", True))
        return self.tokenizer.encode(self.tokenizer.chat(turns, open_answer=open_answer))


def _object(body: bytes) -> dict[str, Any]:
    found = msgspec.json.decode(body)
    if not isinstance(found, dict):
        raise ValueError("the body must be a JSON object.")
    return found
