"""One model of an engine that may come to serve another: its ids mean nothing to the next one."""

from collections.abc import Mapping, Sequence

from app.chat.ports import Leg, Reads
from app.chat.request import Message
from app.engines.vllm import VllmEngine
from app.errors import EngineUnfit


class Pinned:
    """Implements `app.chat.ports.Engine` for as long as the engine serves what it does now.

    What was learned of a model (its markers' ids, its template) and the answers begun with it hold
    on to one of these; after a swap they fail instead of sending one model's ids to another.
    """

    def __init__(self, engine: VllmEngine) -> None:
        self._whole = engine
        self._served = engine.served
        self.model, self.context_window = engine.model, engine.context_window

    async def render(
        self, messages: Sequence[Message], template: Mapping[str, object] | None = None
    ) -> list[int]:
        """As the engine's; all of them raise EngineUnfit after a swap."""
        return await self._engine.render(messages, template)

    async def encode(self, text: str) -> list[int]:
        """As the engine's."""
        return await self._engine.encode(text)

    async def decode(self, ids: Sequence[int]) -> str:
        """As the engine's."""
        return await self._engine.decode(ids)

    def generate(self, leg: Leg) -> Reads:
        """As the engine's."""
        return self._engine.generate(leg)

    async def ready(self) -> None:
        """As the engine's."""
        await self._engine.ready()

    async def recovered(self, within: float) -> None:
        """As the engine's."""
        await self._engine.recovered(within)
        _ = self._engine  # another answer may have taken the swap for granted meanwhile

    async def aclose(self) -> None:
        """As the engine's."""
        await self._whole.aclose()

    @property
    def _engine(self) -> VllmEngine:
        if self._whole.served is not self._served:
            raise EngineUnfit(
                f"The engine at {self._whole.address} serves another model by now; "
                "what this answer was begun with is gone. Ask again."
            )
        return self._whole
