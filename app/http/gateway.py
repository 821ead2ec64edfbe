"""What the routes work with, put on the app by the composition root."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from app.chat.access.caller import Caller
from app.chat.ports import AnswerStore, Engine
from app.chat.service import ChatService
from app.chat.state import State
from app.errors import ModelNotFound
from app.http.background.answers import BackgroundAnswers
from app.http.background.under_way import UnderWay
from app.http.keyring import Keyring
from app.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts of a running gateway."""

    service: Callable[[], Awaitable[ChatService]]
    """Raises EngineUnavailable as long as the engine was never reached."""
    engine: Engine
    store: AnswerStore
    state: State
    under_way: UnderWay
    background: BackgroundAnswers
    metrics: Metrics
    keyring: Keyring
    keepalive: float
    prime_timeout: float
    traces: bool
    """Whether the trace of a stored answer is kept."""
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


_scheme = HTTPBearer(auto_error=False, description="A key; an open gateway takes none, or any.")
_anthropic_scheme = APIKeyHeader(
    name="x-api-key", auto_error=False, description="The same, as Anthropic's clients send it."
)


async def caller(request: Request) -> Caller:
    """Who asks, as the door has found out."""
    return cast(Caller, request.state.caller)


async def authenticated(
    _: Annotated[object, Security(_scheme)], __: Annotated[object, Security(_anthropic_scheme)]
) -> None:
    """Says in the API's description that a key is needed; who has none doesn't come this far."""
