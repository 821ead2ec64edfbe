"""One answer on its way out: takes steps from the generation and sends them, paced or not."""

import asyncio
import itertools
import time

from model_server.scripted import wire
from model_server.scripted.engine import Engine, Seen
from model_server.scripted.generation import Generation
from model_server.scripted.http_server import Exchange
from model_server.scripted.script import Fault


class AnswerStream:
    """Counts as running on its engine from `start` until the end, or until the client leaves."""

    def __init__(
        self,
        engine: Engine,
        exchange: Exchange,
        generation: Generation,
        form: wire.Format,
        seen: Seen,
        fault: Fault | None,
    ) -> None:
        self._engine = engine
        self._exchange = exchange
        self._generation = generation
        self._steps = iter(generation)
        self._form = form
        self._event = wire.events(form)
        self._seen = seen
        self._fault = fault
        self._cached = engine.cache.cached(seen.prompt)
        self._running = False

    def start(self) -> None:
        """Begin to stream."""
        self._engine.count(+1)
        self._running = True
        self._exchange.start_stream(self)
        if self._engine.pacer is not None:
            self._engine.pacer.add(self._turn)
        else:
            asyncio.get_running_loop().call_soon(self._next_turn)

    def stop(self) -> None:
        """The client has left."""
        if self._running:
            self._running = False
            self._engine.count(-1)
            self._engine.cache.add([*self._seen.prompt, *self._generation.ids])

    def send_whole(self) -> None:
        """Answer a request that does not stream."""
        steps = list(self._steps)
        if not steps or steps[-1].finish is None:
            self._exchange.drop()
            return
        self._engine.cache.add([*self._seen.prompt, *self._generation.ids])
        self._exchange.respond(200, wire.whole(self._form, steps, self._usage()))

    def _next_turn(self) -> None:
        if self._turn():
            # One event per turn of the loop; a client that reads slowly is waited for.
            loop = asyncio.get_running_loop()
            if self._exchange.writable:
                loop.call_soon(self._next_turn)
            else:
                loop.call_later(0.005, self._next_turn)

    def _turn(self) -> bool:
        """Send the next event; False when the stream is over or broken."""
        if not self._running:
            return False
        if not self._exchange.writable:
            return True
        steps = list(itertools.islice(self._steps, self._engine.stream_interval))
        if not steps:
            self._break()
            return False
        self._engine.tokens += len(steps)
        self._seen.last_at = time.monotonic()
        self._seen.first_at = self._seen.first_at or self._seen.last_at
        event = self._event(wire.joined(steps))
        if steps[-1].finish is None:
            self._exchange.send(event)
            return True
        self.stop()
        self._exchange.end_stream(event + wire.last_events(self._form, self._usage()))
        return False

    def _break(self) -> None:
        """The line is said and did not finish: do what the script wants to go wrong."""
        match self._fault:
            case "die":
                self._exchange.drop()
            case "error":
                message = wire.error(500, "The script says so.")
                self.stop()
                self._exchange.end_stream(b"data: " + message + b"\n\ndata: [DONE]\n\n")
            case "cut":
                self.stop()
                self._exchange.end_stream()
            case _:  # "hang": silence, while the request counts as running
                pass

    def _usage(self) -> dict[str, object]:
        generated = len(self._generation.ids)
        return wire.usage(self._form, len(self._seen.prompt), generated, self._cached)
