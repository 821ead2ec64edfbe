"""The composition root: settings -> a running gateway. The one file that names concrete classes.

Settings -> engine (embedded or remote) + search chain + store -> ChatService -> FastAPI
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from app.access import access_of, reachable_by
from app.chat.budget import Limits
from app.chat.examination.recognise import spoken
from app.chat.means import Means
from app.chat.prompt import PromptRenderer
from app.chat.searching.injection import ResultsBlock
from app.chat.service import ChatService, Defaults
from app.chat.steady import Patience
from app.chat.vocabulary import learn
from app.chat.watch import Watcher
from app.dialect import registry
from app.dialect.markers import Dialect
from app.engine import CONTEXT, Server, added_tokens, header_of, opened_engine
from app.engine import StartError as StartError
from app.engines.pinned import Pinned
from app.engines.vllm import VllmEngine
from app.errors import EngineUnfit, OrsonError
from app.http.application import application
from app.http.background.answers import background_answers
from app.http.background.under_way import under_way
from app.http.gateway import Gateway
from app.http.keyring import Keyring
from app.http.transport.drain import Drain
from app.metrics import Metrics
from app.search import opened_search, ruled
from app.settings import Settings, adapter_environment
from app.stores.allowances import RedisAllowances
from app.stores.api_keys import RedisKeys
from app.stores.embedded_redis import EmbeddedRedis, FolderInUse
from app.stores.redis import RedisAnswerStore
from app.stores.state import redis_state
from app.telemetry.answer_log import AnswerLog
from app.tracing import around, tracing_of
from search_adapters.errors import Retired
from search_adapters.gateway_search import GatewaySearch
from search_adapters.protocol import SearchAdapter
from search_adapters.registry import load

logger = logging.getLogger(__name__)

BUNDLED_RESULTS = 1
"""Passages per search for the bundled model: the local index mostly puts the right one first,
and a second one misleads a model of this size more often than it helps."""
BUNDLED_RESULTS_TOKENS = 400
BUNDLED_MAX_TOKENS = 200
"""Its answers are one or two sentences; past that a small model repeats itself."""
PATIENCE = 5.0
"""Seconds that a start waits for a remote engine; after them the gateway serves without it."""


def create_app(
    settings: Settings | None = None,
    environment: Mapping[str, str] | None = None,
    *,
    adapters: Sequence[SearchAdapter] | None = None,
) -> FastAPI:
    """The gateway as an ASGI app; `uvicorn --factory app.main:create_app` serves it.

    Args:
        settings: read from the environment when not given.
        environment: where search adapters find their keys, on top of the process' own.
        adapters: searched with in place of those that the settings name; closed with the app.

    Raises:
        StartError, RegistryError, MissingSetting: the settings don't fit together. The app itself
            raises StartError when it is started and what comes along can't be.
    """
    settings = Settings() if settings is None else settings
    environment = {**adapter_environment(settings), **(environment or {})}
    if settings.engine == "vllm" and not settings.engine_url:
        raise StartError("ORSON_ENGINE=vllm needs ORSON_ENGINE_URL, such as http://127.0.0.1:8001")
    try:
        chosen = registry.named(settings.dialect)
    except registry.UnknownDialect as error:
        raise StartError(f"ORSON_DIALECT: {error}") from error
    if settings.embedded and settings.model and not Path(settings.model).is_file():
        raise StartError(f"ORSON_MODEL: there is no GGUF file at '{settings.model}'")
    header = header_of(settings) if settings.embedded else None
    literals = (*added_tokens(settings.tokenizer), *(header.added_tokens if header else ()))
    context = settings.embedded_context
    if header and context is None and not settings.bundled:
        context = min(CONTEXT, header.context_length or CONTEXT)
    tracing = tracing_of(settings)
    providers = load(settings.search, environment) if adapters is None else adapters

    drain = Drain(settings.drain_seconds)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Gateway]:
        async with AsyncExitStack() as stack:
            if tracing is not None:
                tracing.open()
                stack.push_async_callback(tracing.aclose)
            redis_url = settings.redis_url
            if redis_url is None:
                redis_url = await _embedded_redis(settings, stack)
            keys = RedisKeys(redis_url)
            stack.push_async_callback(keys.aclose)
            keyring = Keyring(
                keys, settings.api_keys, open_=settings.open, salted=settings.cache_salt
            )
            await reachable_by(settings, keyring)
            allowances = RedisAllowances(redis_url)
            stack.push_async_callback(allowances.aclose)
            store = RedisAnswerStore(redis_url, days=settings.stored_days)
            stack.push_async_callback(store.aclose)
            state = await stack.enter_async_context(
                redis_state(
                    redis_url,
                    days=settings.stored_days,
                    events_minutes=settings.events_minutes,
                    lease_seconds=settings.lease_seconds,
                )
            )
            chain = opened_search(settings, providers, redis_url, stack)
            engine, most = await opened_engine(settings, context, stack)
            if header is None and settings.tokenizer is None:
                logger.warning(
                    "The engine's added tokens are unknown: outside text is kept from becoming the "
                    "common ones only. ORSON_TOKENIZER=/path/to/tokenizer.json names them all."
                )
            try:
                await chain.prepare()
            except Retired as error:
                raise StartError(f"ORSON_SEARCH: {error}") from error
            search = await stack.enter_async_context(ruled(settings, chain, providers))
            metrics = Metrics()
            max_concurrent = min(settings.max_concurrent, most or settings.max_concurrent)
            assembly = _Assembly(
                settings,
                engine,
                search,
                metrics,
                literals,
                dialect=chosen,
                max_concurrent=max_concurrent,
                allowances=allowances,
                watchers=(AnswerLog, *((tracing.watch,) if tracing else ())),
            )
            stack.callback(assembly.close)
            try:
                async with asyncio.timeout(PATIENCE):
                    await assembly.service()
            except EngineUnfit as error:
                raise StartError(error.message) from error
            except OrsonError as error:
                logger.warning("%s Answers get %d until it works.", error.message, error.status)
            except TimeoutError:
                logger.warning("The engine is silent. Answers get 503 until it speaks.")
            answers = await stack.enter_async_context(under_way(state))
            background = await stack.enter_async_context(background_answers(state, answers, drain))
            yield Gateway(
                service=assembly.service,
                engine=engine,
                store=store,
                state=state,
                under_way=answers,
                background=background,
                metrics=metrics,
                keyring=keyring,
                keepalive=settings.keepalive,
                prime_timeout=settings.prime_timeout,
                traces=settings.stored_traces,
                started_at=int(time.time()),
            )

    app = application(opened, access_of(settings), around=around(tracing))
    app.state.drain = drain
    return app


class _Assembly:
    """Builds the service once the engine has said what its tokenizer makes of the markers."""

    def __init__(
        self,
        settings: Settings,
        engine: Server,
        search: GatewaySearch,
        metrics: Metrics,
        literals: Sequence[str],
        *,
        dialect: Dialect | None,
        max_concurrent: int,
        allowances: RedisAllowances,
        watchers: Sequence[Watcher],
    ) -> None:
        self._watchers = watchers
        self._settings, self._engine, self._search = settings, engine, search
        self._metrics = metrics
        self._literals = literals
        self._dialect = dialect
        self._max_concurrent = max_concurrent
        self._allowances = allowances
        self._service: ChatService | None = None
        self._attempt: asyncio.Task[ChatService] | None = None

    async def service(self) -> ChatService:
        """The service. Raises EngineUnavailable while the engine is down and was never up."""
        known, engine = self._service, self._engine
        if known and not await engine.same() and self._service is known:
            logger.warning("The engine serves another model than before: learning that one.")
            engine.relearn()
            self._service = None
        if self._service is None:
            # All who wait share one attempt: one after the other they would wait for ever.
            if self._attempt is None:
                self._attempt = asyncio.create_task(self._build(), name="learn the engine")
                self._attempt.add_done_callback(self._attempted)
            return await asyncio.shield(self._attempt)
        return self._service

    def close(self) -> None:
        """Stop trying."""
        if self._attempt is not None:
            self._attempt.cancel()

    def _attempted(self, attempt: asyncio.Task[ChatService]) -> None:
        self._attempt = None
        if not attempt.cancelled() and attempt.exception() is None:
            self._service = attempt.result()

    async def _build(self) -> ChatService:
        settings, served = self._settings, self._engine
        await served.ready()
        engine = Pinned(served) if isinstance(served, VllmEngine) else served
        seconds = 0.0 if settings.embedded else settings.engine_restart_patience
        patience = Patience(engine, seconds) if seconds else None
        dialect = self._dialect or await spoken(engine, settings.dialect, registry.every())
        logger.info("The model %s speaks %s.", engine.model, dialect.name)
        vocabulary = await learn(engine, dialect, self._literals)
        bundled = settings.bundled
        limits = Limits(
            max_searches=settings.max_searches,
            max_query_chars=settings.max_query_chars,
            results_per_query=settings.results_per_query or (BUNDLED_RESULTS if bundled else 5),
            results_tokens=settings.results_tokens or (BUNDLED_RESULTS_TOKENS if bundled else 1024),
            answer_reserve=settings.answer_reserve,
            links=settings.links,
        )
        teaching = settings.teaching
        if teaching == "auto":
            teaching = "trained" if bundled or vocabulary.single else "prompted"
        temperature = settings.temperature
        block = ResultsBlock(engine, vocabulary)
        foresee, price = self._search.foresee, self._search.price
        free = partial(foresee, paid=False)
        service = ChatService(
            Means(engine, self._search, vocabulary, limits, block, foresee, patience, price, free),
            PromptRenderer(engine, vocabulary),
            Defaults(
                teaching=teaching,
                policy=settings.search_policy,
                temperature=0.0 if temperature is None and bundled else temperature,
                max_tokens=settings.max_tokens or (BUNDLED_MAX_TOKENS if bundled else None),
                adapters=self._search.names,
            ),
            self._metrics,
            max_concurrent=self._max_concurrent,
            allowances=self._allowances,
            watchers=self._watchers,
        )
        await service.rehearse()
        return service


async def _embedded_redis(settings: Settings, stack: AsyncExitStack) -> str:
    redis = EmbeddedRedis(settings.data_dir, settings.redis_megabytes)
    stack.push_async_callback(redis.stop)
    try:
        await redis.start()
    except FolderInUse as error:
        raise StartError(f"{error}; set ORSON_DATA_DIR to another folder") from error
    except (RuntimeError, OSError) as error:
        raise StartError(f"{error} (ORSON_DATA_DIR, or use ORSON_REDIS_URL)") from error
    return redis.url
