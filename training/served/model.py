"""A served model: asked many things at a time, patient with a server that is full or restarting.

429, 503        asked again when `Retry-After` says so, else after a growing pause; meanwhile
                fewer requests are under way (`throttle`)
500, 502, 504,  asked again after a growing pause, until `patience` is over
no connection
other 4xx       `Refused`: this question can't be asked; asking again would not help
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

from app.engines.http_stream import HttpClient, Timeouts
from app.errors import EngineUnavailable
from training.served import wire
from training.served.throttle import Throttle
from training.served.together import together
from training.served.wire import Api, Ask, Reply, Server

PATIENCE = 600.0
"""Seconds of failures in a row before a server is given up: a large model loads for minutes."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
FULL = (429, 503)
TROUBLE = (408, 500, 502, 504)
CLOSED = (401, 403, 404)
"""Wrong key or wrong address: nothing that follows would fare better."""


class ModelError(Exception):
    """A model could not be asked; the message is fit for the user's eyes."""


class Unreachable(ModelError):
    """The server is down, or was full for too long."""


class Refused(ModelError):
    """The server finds the request wrong."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status

    @property
    def fatal(self) -> bool:
        """Whether every further request would be refused too."""
        return self.status in CLOSED


@dataclass(slots=True)
class Spent:
    """What a run has cost so far."""

    requests: int = 0
    prompt_tokens: int = 0
    output_tokens: int = 0
    retries: int = 0


class ServedModel:
    """One model at one address.

    Args:
        url: a host, its `/v1`, or the whole path of either endpoint.
        model: its name there; None takes the first one served.
        api_key: sent as a bearer token.
        api: `chat` or `completions`; None goes by the URL.
        concurrency: requests under way at a time.
        extra: further fields of every request body.
        timeout: seconds for one answer.
        patience: seconds of trouble to sit out.
        sleep: waits; tests give another one.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str | None = None,
        api_key: str | None = None,
        api: Api | None = None,
        concurrency: int = 64,
        extra: Mapping[str, Any] | None = None,
        timeout: float = 300.0,
        patience: float = PATIENCE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        root, api = wire.address(url, api)
        self.server = Server(root, api, model or "", extra or {})
        self.is_orson = False
        """An Orson gateway: it is told not to search."""
        self.throttle = Throttle(concurrency)
        self.spent = Spent()
        self._gives_many: bool | None = None
        self._patience, self._sleep = patience, sleep
        # The gateway's own client: a pool that looks at every connection for every request, as
        # httpx's does, makes 310 requests a second on 128 connections and fewer on more.
        limits = Timeouts(connect=10.0, first_byte=timeout, idle=timeout, request=timeout)
        self._http = HttpClient(root, api_key=api_key, timeouts=limits, keep=concurrency)

    @property
    def name(self) -> str:
        """The model's name, known after `connect`."""
        return self.server.model

    async def connect(self) -> None:
        """See that the server is there and learn which model it serves.

        Raises:
            ModelError: it is not, or doesn't serve the model asked for.
        """
        try:
            answer = await self._http.request("GET", "/models")
        except EngineUnavailable as error:
            raise Unreachable(f"there is no model server: {error.message}") from None
        if answer.status in (401, 403):
            raise Refused(f"{self.server.root} wants an API key, or another one", answer.status)
        try:
            served = wire.models(answer.body) if answer.status == 200 else []
        except wire.Unreadable:
            served = []
        names = [name for name, _ in served]
        wanted = self.server.model or (names[0] if names else "")
        if not wanted:
            raise Refused(f"{self.server.root} lists no models; name one", answer.status)
        if names and wanted not in names:
            raise Refused(f"'{wanted}' is not served there; it has {', '.join(names)}", 404)
        self.is_orson = dict(served).get(wanted) == "orson"
        extra = dict(self.server.extra)
        if self.is_orson:
            extra.setdefault("search", {"policy": "never"})
        self.server = replace(self.server, model=wanted, extra=extra)

    async def ask(self, ask: Ask) -> Reply:
        """Answers to one question, `ask.count` of them.

        Raises:
            Refused: the server finds the request wrong.
            Unreachable: it did not answer for as long as we are patient.
        """
        if ask.count == 1:
            return await self._post(ask)
        replies: list[Reply] = []
        if self._gives_many is not False:
            try:
                replies.append(await self._post(ask))
            except Refused as error:
                if error.fatal or self._gives_many:
                    raise
            self._gives_many = bool(replies) and len(replies[0].texts) >= ask.count
        have = sum(len(reply.texts) for reply in replies)
        replies += await together(
            self._post(replace(ask, count=1, seed=None if ask.seed is None else ask.seed + at))
            for at in range(have, ask.count)
        )
        return Reply(
            tuple(text for reply in replies for text in reply.texts)[: ask.count],
            sum(reply.prompt_tokens for reply in replies),
            sum(reply.output_tokens for reply in replies),
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _post(self, ask: Ask) -> Reply:
        content = wire.body(ask, self.server)
        tries = 0
        since = monotonic()
        while True:
            async with self.throttle:
                status, answer, wait = await self._once(content)
                if status == 200:
                    self.throttle.served()
                elif status in FULL:
                    self.throttle.refused()
            if status == 200:
                return self._count(answer)
            said = wire.told(answer)
            if status not in (*FULL, *TROUBLE, 0):
                raise Refused(f"{self.server.path} answers {status}: {said}", status)
            if monotonic() - since > self._patience:
                raise Unreachable(
                    f"{self.server.path} answers {status}: {said}" if status else said
                )
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**tries) * random.uniform(0.5, 1.0)
            tries += 1
            self.spent.retries += 1
            await self._sleep(pause if wait is None else wait)

    async def _once(self, content: bytes) -> tuple[int, bytes, float | None]:
        """Status (0 without an answer), body, and the seconds after which to ask again."""
        try:
            answer = await self._http.request("POST", self.server.endpoint, content)
        except EngineUnavailable as error:
            return 0, error.message.encode(), None
        told = answer.headers.get(b"retry-after")
        return answer.status, answer.body, retry_after(told.decode("latin-1") if told else None)

    def _count(self, content: bytes) -> Reply:
        try:
            reply = wire.reply(content)
        except wire.Unreadable as error:
            raise Refused(f"{self.server.path} answers unreadably: {error}", 404) from None
        self.spent.requests += 1
        self.spent.prompt_tokens += reply.prompt_tokens
        self.spent.output_tokens += reply.output_tokens
        return reply


def retry_after(value: str | None) -> float | None:
    """Seconds to wait by a `Retry-After` header, a number or a date; None where it says nothing."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(0.0, seconds), PATIENCE)
