"""What the routes work with, put on the app by the composition root."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from fastapi import Request

from app.chat.ports import AnswerStore, Engine
from app.chat.service import ChatService
from app.errors import ModelNotFound, NotAuthenticated
from app.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts of a running gateway."""

    service: Callable[[], Awaitable[ChatService]]
    """Raises EngineUnavailable as long as the engine was never reached."""
    engine: Engine
    store: AnswerStore
    metrics: Metrics
    api_keys: tuple[str, ...]
    keepalive: float
    prime_timeout: float
    started_at: int
    """Unix seconds; `created` of the served model."""

    def check_model(self, name: str) -> None:
        """Raise ModelNotFound unless this is the served model."""
        if name != self.engine.model:
            raise ModelNotFound(
                f"The model '{name}' does not exist. This gateway serves '{self.engine.model}'.",
                param="model",
            )


async def gateway(request: Request) -> Gateway:
    """The running gateway, for a route. Async, or FastAPI would run it in a thread."""
    return cast(Gateway, request.app.state.gateway)


async def authenticated(request: Request) -> None:
    """Raise NotAuthenticated unless the client sent one of the configured keys."""
    keys = (await gateway(request)).api_keys
    if not keys:
        return
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    given = token.strip().encode()
    if scheme.casefold() != "bearer" or not given:
        raise NotAuthenticated("You didn't provide an API key: send 'Authorization: Bearer KEY'.")
    if not any(hmac.compare_digest(given, key.encode()) for key in keys):
        raise NotAuthenticated("Incorrect API key provided.")
