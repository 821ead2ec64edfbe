"""The pipeline of one request: admission, defaults, rendering, the answer, its record.

Everything a public format needs passes through `ChatService.answer`; no route knows how to search.
"""

import datetime
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from app.chat.answer import answer
from app.chat.events import Event, Failed, Finished, TextDelta
from app.chat.ledger import spent
from app.chat.progress import Means
from app.chat.prompt import PromptRenderer
from app.chat.request import ChatRequest, SearchPolicy
from app.chat.transcript import Transcript
from app.dialect.instructions import Teaching, instructions
from app.errors import InvalidRequest, OrsonError, Overloaded
from app.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a request gets that doesn't say."""

    teaching: Teaching
    policy: SearchPolicy = "auto"
    temperature: float | None = None
    max_tokens: int | None = None
    adapters: tuple[str, ...] = ()
    """The configured adapters; a request may name some of these and no others."""


class ChatService:
    """Answers requests, a bounded number at a time."""

    def __init__(
        self,
        means: Means,
        renderer: PromptRenderer,
        defaults: Defaults,
        metrics: Metrics,
        *,
        max_concurrent: int,
        today: Callable[[], str] = lambda: datetime.date.today().isoformat(),
    ) -> None:
        self._means = means
        self._renderer = renderer
        self._defaults = defaults
        self._metrics = metrics
        self._max_concurrent = max_concurrent
        self._today = today
        self._running = 0

    @property
    def model(self) -> str:
        """The name clients ask for."""
        return self._means.engine.model

    @property
    def running(self) -> int:
        """Answers under way."""
        return self._running

    async def answer(
        self, request: ChatRequest, transcript: Transcript | None = None
    ) -> AsyncGenerator[Sequence[Event], None]:
        """One answer, as batches of events. Closing the generator stops the engine.

        Args:
            request: what is asked.
            transcript: filled as the answer grows, for callers that want its tokens.

        Raises:
            OrsonError: only before the first event; after it, failures are events.
        """
        if self._running >= self._max_concurrent:
            self._metrics.ended("refused", None)
            raise Overloaded(
                f"{self._running} answers are under way, the most this gateway takes at a time. "
                "Try again shortly."
            )
        asked_at = time.perf_counter()
        transcript = Transcript() if transcript is None else transcript
        outcome, started = "cancelled", False
        self._running += 1
        self._metrics.running.inc()
        try:
            request = self._with_defaults(request)
            prompt = await self._renderer(request.messages, self._instructions(request))
            async with aclosing(answer(request, prompt, self._means, transcript)) as events:
                async for batch in events:
                    if not started:
                        started = True
                        self._metrics.started(asked_at)
                    for event in batch:
                        if type(event) is TextDelta:
                            continue
                        if isinstance(event, Finished | Failed):
                            outcome = ""  # `observe` counts it
                        self._metrics.observe(event)
                    yield batch
        except OrsonError:
            outcome = "refused"
            raise
        except Exception:
            outcome = "error"
            raise
        finally:
            self._running -= 1
            self._metrics.running.dec()
            if outcome:
                self._metrics.ended(outcome, spent(transcript) if started else None)

    def _with_defaults(self, request: ChatRequest) -> ChatRequest:
        search, defaults = request.search, self._defaults
        unknown = [name for name in search.adapters if name not in defaults.adapters]
        if unknown:
            raise InvalidRequest(
                f"Search adapter '{unknown[0]}' is not configured here. "
                f"Configured: {', '.join(defaults.adapters) or 'none'}.",
                param="search.adapters",
            )
        policy = search.policy or defaults.policy
        if not defaults.adapters:
            if search.policy == "always":
                raise InvalidRequest("No search is configured here.", param="search.policy")
            policy = "never"
        if policy == "always" and search.max_searches == 0:
            raise InvalidRequest(
                "search.policy 'always' needs search.max_searches of 1 or more.",
                param="search.max_searches",
            )
        temperature = request.sampling.temperature
        return replace(
            request,
            search=replace(search, policy=policy),
            sampling=replace(
                request.sampling,
                temperature=defaults.temperature if temperature is None else temperature,
                max_tokens=request.sampling.max_tokens or defaults.max_tokens,
            ),
        )

    def _instructions(self, request: ChatRequest) -> str:
        searches = request.search.max_searches
        most = self._means.limits.max_searches if searches is None else searches
        return instructions(
            self._means.vocabulary.dialect,
            self._defaults.teaching,
            may_search=request.search.policy != "never" and most > 0,
            today=self._today(),
        )
