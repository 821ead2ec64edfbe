"""The pipeline of one request: admission, defaults, rendering, the answer, its record.

Everything a public format needs passes through `ChatService.answer`; no route knows how to search.
"""

import datetime
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from app.chat.access.allowance import UNLIMITED, Allowance, Allowances, admitted
from app.chat.access.rationed import as_allowed, rationed
from app.chat.answer import answer
from app.chat.budget import Limits
from app.chat.events import Event, Failed, Finished, TextDelta
from app.chat.ledger import spent
from app.chat.means import Means
from app.chat.prompt import PromptRenderer
from app.chat.prose.logprobs import Claims
from app.chat.reading import Outlet
from app.chat.request import MAX_MESSAGES, ChatRequest, Message, SearchPolicy
from app.chat.transcript import Transcript
from app.chat.truncation import laid_out
from app.chat.vocabulary import Vocabulary
from app.chat.watch import Asked, Ended, Watch, Watcher, Watches
from app.dialect.instructions import Teaching, instructions
from app.dialect.markers import Lesson
from app.errors import (
    EngineUnfit,
    InvalidRequest,
    NotPermitted,
    OrsonError,
    Overloaded,
    PromptTooLong,
    TooManyMessages,
)
from app.metrics import Metrics, Outcome


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
        watchers: Sequence[Watcher] = (),
        allowances: Allowances | None = None,
        today: Callable[[], str] = lambda: datetime.date.today().isoformat(),
    ) -> None:
        self._means = means
        self._renderer = renderer
        self._defaults = defaults
        self._metrics = metrics
        self._max_concurrent = max_concurrent
        self._watchers = tuple(watchers)
        self._allowances = allowances
        self._today = today
        self._running = 0

    @property
    def model(self) -> str:
        """The name clients ask for."""
        return self._means.engine.model

    @property
    def vocabulary(self) -> Vocabulary:
        """The dialect that the model is served in, as its tokenizer has it."""
        return self._means.vocabulary

    @property
    def teaching(self) -> Teaching:
        """How the model is told of it."""
        return self._defaults.teaching

    @property
    def running(self) -> int:
        """Answers under way."""
        return self._running

    async def rehearse(self) -> None:
        """Lay a first question out, before anybody asks one.

        Raises:
            EngineUnfit: no question can be answered on this model; the message says what to change.
        """
        engine, reserve = self._means.engine, self._means.limits.answer_reserve
        mend = "Give the engine a larger window (vLLM: --max-model-len)"
        if engine.context_window <= reserve:
            raise EngineUnfit(
                f"The model's context window of {engine.context_window} tokens is no larger than "
                f"the {reserve} kept for the answer. {mend}, or lower ORSON_ANSWER_RESERVE."
            )
        request = self._with_defaults(ChatRequest((Message("user", "x"),)))
        try:
            await self._prompt(self._instructions(request), request)
        except PromptTooLong as error:
            raise EngineUnfit(
                f"The instructions alone take {error.prompt_tokens} tokens of the model's context "
                f"window of {error.context_window}. {mend}."
            ) from None
        except InvalidRequest as error:
            raise EngineUnfit(
                f"{error.message} Orson's instructions are a system message, before a question: "
                "give the engine a template that takes one (vLLM: --chat-template FILE)."
            ) from None

    @property
    def limits(self) -> Limits:
        """What bounds an answer, of the gateway's own."""
        return self._means.limits

    async def prompt_tokens(self, request: ChatRequest) -> int:
        """The length of a request's prompt, the gateway's own instructions among it.

        Raises:
            InvalidRequest, PromptTooLong: as `answer` would.
        """
        request = self._with_defaults(request)
        return len(await self._prompt(self._instructions(request), request))

    async def answer(
        self,
        request: ChatRequest,
        transcript: Transcript | None = None,
        outlet: Outlet | None = None,
        *,
        answer_id: str = "",
        watch: Watch | None = None,
        patient: bool = False,
    ) -> AsyncGenerator[Sequence[Event], None]:
        """One answer, as batches of events. Closing the generator stops the engine.

        Args:
            request: what is asked.
            transcript: filled as the answer grows, for callers that want its tokens.
            outlet: shows plain text as soon as it is here, in place of a batch.
            answer_id: under which its client knows the answer.
            watch: of this answer alone, beside the gateway's own.
            patient: asked again where it raises Overloaded, which is then no end: neither counted
                nor told to a watch.

        Raises:
            OrsonError: only before the first event; after it, failures are events.
        """
        asked_at = time.perf_counter()
        transcript = Transcript() if transcript is None else transcript
        watches = Watches(
            self._watchers, Asked(request, answer_id, self.model), *((watch,) if watch else ())
        )
        outcome: Outcome = "cancelled"
        allowance: Allowance = UNLIMITED
        first: float | None = None
        end: Finished | Failed | None = None
        error: BaseException | None = None
        waits = False
        self._running += 1
        self._metrics.running.inc()
        try:
            self._admit()
            request = self._with_defaults(request)
            allowance = await admitted(self._allowances, request)
            request = as_allowed(request, allowance)
            taught = self._instructions(request)
            request, prompt = await laid_out(
                request,
                partial(self._prompt, taught),
                window=self._means.engine.context_window,
                reserve=self._means.limits.answer_reserve,
            )
            watches.begun(request, prompt, taught)
            means = watches.made_with(rationed(self._means, allowance))
            claims = None if request.sampling.logprobs is None else Claims()
            way_out = None if claims else outlet  # tokens are told of behind their text
            batches = answer(request, prompt, means, transcript, way_out, claims)
            async with aclosing(batches) as events:
                async for batch in events:
                    if first is None:
                        first = time.perf_counter() - asked_at
                        self._metrics.started(first)
                    if claims is not None:
                        batch = claims.told(batch)
                    for event in batch:
                        if type(event) is TextDelta:
                            continue
                        if isinstance(event, Finished | Failed):
                            end = event
                        self._metrics.observe(event)
                        watches.observe(event)
                    yield batch
        except OrsonError as refused:
            outcome, error = "refused", refused
            waits = patient and isinstance(refused, Overloaded)
            raise
        except Exception as unforeseen:
            outcome, error = "error", unforeseen
            raise
        finally:
            allowance.settle(len(transcript))
            self._running -= 1
            self._metrics.running.dec()
            usage = spent(transcript) if first is not None else None
            match end:
                case Finished(reason, usage):
                    outcome = reason
                case Failed(error, usage):
                    outcome = "failed"
                case None if not waits:  # `observe` has counted the others
                    self._metrics.ended(outcome, usage)
            if not waits:
                seconds = time.perf_counter() - asked_at
                self._metrics.took(seconds)
                watches.ended(Ended(outcome, seconds, first, usage, error))

    def _admit(self) -> None:
        """Raise Overloaded where this one is one too many."""
        if self._running > self._max_concurrent:
            raise Overloaded(
                f"{self._running - 1} answers are under way, the most this gateway takes at a "
                "time. Try again shortly."
            )

    def _with_defaults(self, request: ChatRequest) -> ChatRequest:
        search, defaults = request.search, self._defaults
        unknown = [name for name in search.adapters if name not in defaults.adapters]
        if unknown:
            raise InvalidRequest(
                f"Search adapter '{unknown[0]}' is not configured here. "
                f"Configured: {', '.join(defaults.adapters) or 'none'}.",
                param="search.adapters",
            )
        if len(request.messages) > MAX_MESSAGES:
            raise TooManyMessages(len(request.messages), MAX_MESSAGES)
        policy = search.policy or defaults.policy
        if not request.caller.may("search"):
            if search.policy == "always":
                raise NotPermitted("This API key may not search: it lacks the scope 'search'.")
            policy = "never"
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

    async def _prompt(self, taught: str, request: ChatRequest) -> list[int]:
        return await self._renderer(request.messages, taught, self._lesson(request))

    def _may_search(self, request: ChatRequest) -> bool:
        searches = request.search.max_searches
        most = self._means.limits.max_searches if searches is None else searches
        return request.search.policy != "never" and most > 0

    def _instructions(self, request: ChatRequest) -> str:
        return instructions(
            self._means.vocabulary.dialect,
            self._defaults.teaching,
            may_search=self._may_search(request),
            today=self._today(),
        )

    def _lesson(self, request: ChatRequest) -> Lesson | None:
        return self._means.vocabulary.dialect.lesson if self._may_search(request) else None
