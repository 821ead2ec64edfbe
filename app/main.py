"""The composition root: settings -> a running gateway. The one file that names concrete classes.

Settings -> engine (embedded or remote) + search chain + store -> ChatService -> FastAPI
"""

import asyncio
import json
import logging
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from model_server.embedded import EmbeddedServer, bundled_model

from app.chat.budget import Limits
from app.chat.injection import ResultsBlock
from app.chat.ports import Engine
from app.chat.progress import Means
from app.chat.prompt import PromptRenderer
from app.chat.service import ChatService, Defaults
from app.chat.vocabulary import learn
from app.dialect.markers import DIALECTS
from app.engines.http_stream import Timeouts
from app.engines.llamacpp import LlamaCppEngine
from app.engines.vllm import VllmEngine
from app.errors import EngineUnavailable
from app.http.application import application
from app.http.gateway import Gateway
from app.metrics import Metrics
from app.settings import Settings
from app.stores.embedded_redis import EmbeddedRedis
from app.stores.redis import AnswerStore
from search_adapters.chain import Chain
from search_adapters.registry import load

logger = logging.getLogger(__name__)

BUNDLED_RESULTS = 3
"""Passages per search for the bundled model: what it was trained to read."""
BUNDLED_RESULTS_TOKENS = 400


class StartError(Exception):
    """The settings can't be started with; the message says which variable to mend."""


def create_app(
    settings: Settings | None = None, environment: Mapping[str, str] | None = None
) -> FastAPI:
    """The gateway as an ASGI app; `uvicorn --factory app.main:create_app` serves it.

    Args:
        settings: read from the environment when not given.
        environment: where search adapters find their keys; the process' own by default.

    Raises:
        StartError, RegistryError, MissingSetting: the settings don't fit together.
    """
    settings = Settings() if settings is None else settings
    environment = {**os.environ, "ORSON_DATA_DIR": str(settings.data_dir), **(environment or {})}
    if settings.engine == "vllm" and not settings.engine_url:
        raise StartError("ORSON_ENGINE=vllm needs ORSON_ENGINE_URL, such as http://127.0.0.1:8001")
    if settings.dialect not in DIALECTS:
        raise StartError(f"ORSON_DIALECT must be one of {', '.join(DIALECTS)}")
    if settings.embedded and settings.model and not Path(settings.model).is_file():
        raise StartError(f"ORSON_MODEL: there is no GGUF file at '{settings.model}'")
    search = Chain(
        load(settings.search, environment),
        deadline=settings.search_deadline,
        provider_timeout=settings.search_timeout,
    )

    @asynccontextmanager
    async def opened() -> AsyncIterator[Gateway]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(search.aclose)
            await search.prepare()
            redis_url = settings.redis_url
            if redis_url is None:
                redis = EmbeddedRedis(settings.data_dir)
                stack.push_async_callback(redis.stop)
                await redis.start()
                redis_url = redis.url
            store = AnswerStore(redis_url, days=settings.stored_days)
            stack.push_async_callback(store.aclose)
            engine = await _engine(settings, stack)
            metrics = Metrics()
            assembly = _Assembly(settings, engine, search, metrics)
            try:
                await assembly.service()
            except EngineUnavailable as error:
                logger.warning("%s Answers get 503 until it is there.", error.message)
            yield Gateway(
                service=assembly.service,
                engine=engine,
                store=store,
                metrics=metrics,
                api_keys=settings.api_keys,
                keepalive=settings.keepalive,
                prime_timeout=settings.prime_timeout,
                started_at=int(time.time()),
            )

    return application(opened, cors_origins=settings.cors_origins)


class _Assembly:
    """Builds the service once the engine has said what its tokenizer makes of the markers."""

    def __init__(self, settings: Settings, engine: Engine, search: Chain, metrics: Metrics) -> None:
        self._settings, self._engine, self._search = settings, engine, search
        self._metrics = metrics
        self._service: ChatService | None = None
        self._lock = asyncio.Lock()

    async def service(self) -> ChatService:
        """The service. Raises EngineUnavailable while the engine is down and was never up."""
        if self._service is None:
            async with self._lock:
                if self._service is None:
                    self._service = await self._build()
        return self._service

    async def _build(self) -> ChatService:
        settings, engine = self._settings, self._engine
        await engine.ready()
        vocabulary = await learn(engine, DIALECTS[settings.dialect], _added_tokens(settings))
        bundled = settings.bundled
        limits = Limits(
            max_searches=settings.max_searches,
            max_query_chars=settings.max_query_chars,
            results_per_query=settings.results_per_query or (BUNDLED_RESULTS if bundled else 5),
            results_tokens=settings.results_tokens or (BUNDLED_RESULTS_TOKENS if bundled else 1024),
            answer_reserve=settings.answer_reserve,
        )
        teaching = settings.teaching
        if teaching == "auto":
            teaching = "trained" if bundled or vocabulary.single else "prompted"
        temperature = settings.temperature
        return ChatService(
            Means(engine, self._search, vocabulary, limits, ResultsBlock(engine, vocabulary)),
            PromptRenderer(engine, vocabulary),
            Defaults(
                teaching=teaching,
                policy=settings.search_policy,
                temperature=0.0 if temperature is None and bundled else temperature,
                adapters=self._search.names,
            ),
            self._metrics,
            max_concurrent=settings.max_concurrent,
        )


async def _engine(settings: Settings, stack: AsyncExitStack) -> Engine:
    timeouts = Timeouts(connect=settings.engine_connect_timeout, idle=settings.engine_idle_timeout)
    key = settings.engine_api_key.get_secret_value() if settings.engine_api_key else None
    engine: Engine
    if settings.engine == "vllm":
        assert settings.engine_url is not None
        engine = VllmEngine(
            settings.engine_url, model=settings.model, api_key=key, timeouts=timeouts
        )
    elif settings.engine_url is not None:
        engine = LlamaCppEngine(
            settings.engine_url, model=settings.model, api_key=key, timeouts=timeouts
        )
    else:
        server = EmbeddedServer(
            Path(settings.model) if settings.model else None,
            context_window=settings.embedded_context,
            parallel=settings.embedded_parallel,
        )
        url = await server.start()
        stack.push_async_callback(server.stop)
        engine = LlamaCppEngine(url, api_key=server.api_key, timeouts=timeouts)
    stack.push_async_callback(engine.aclose)
    return engine


def _added_tokens(settings: Settings) -> tuple[str, ...]:
    """The tokenizer's added tokens, from its `tokenizer.json` where there is one at hand."""
    path = settings.tokenizer
    if path is None and settings.bundled:
        path = bundled_model().parent / "tokenizer.json"
    if path is None:
        return ()
    try:
        added = json.loads(path.read_bytes())["added_tokens"]
        return tuple(token["content"] for token in added)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StartError(f"ORSON_TOKENIZER: {path} is no tokenizer.json: {error}") from error
