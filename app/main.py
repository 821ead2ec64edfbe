"""The composition root: settings -> a running gateway. The one file that names concrete classes.

Settings -> engine (embedded or remote) + search chain + store -> ChatService -> FastAPI
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

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
from app.errors import OrsonError
from app.http.application import application
from app.http.gateway import Gateway
from app.metrics import Metrics
from app.settings import Settings, adapter_environment
from app.stores.embedded_redis import EmbeddedRedis, FolderInUse
from app.stores.redis import RedisAnswerStore
from model_server.embedded import EmbeddedServer, ModelMissing, bundled_model
from model_server.gguf_header import GgufError, GgufHeader, read_header
from search_adapters.chain import Chain
from search_adapters.protocol import SearchAdapter
from search_adapters.registry import load

logger = logging.getLogger(__name__)

BUNDLED_RESULTS = 3
"""Passages per search for the bundled model: what it was trained to read."""
BUNDLED_RESULTS_TOKENS = 400
BUNDLED_MAX_TOKENS = 200
"""Its answers are one or two sentences; past that a small model repeats itself."""
CONTEXT = 8192
"""Tokens of one sequence for a GGUF file of the user's. The trained window may be 32 times that,
and memory for all of it is taken at start, once for each answer under way."""
PATIENCE = 5.0
"""Seconds that a start waits for a remote engine; after them the gateway serves without it."""


class StartError(Exception):
    """The settings can't be started with; the message says which variable to mend."""


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
    if settings.dialect not in DIALECTS:
        raise StartError(f"ORSON_DIALECT must be one of {', '.join(DIALECTS)}")
    if settings.embedded and settings.model and not Path(settings.model).is_file():
        raise StartError(f"ORSON_MODEL: there is no GGUF file at '{settings.model}'")
    header = _header(settings) if settings.embedded else None
    literals = (*_added_tokens(settings.tokenizer), *(header.added_tokens if header else ()))
    context = settings.embedded_context
    if header and context is None and not settings.bundled:
        context = min(CONTEXT, header.context_length or CONTEXT)
    search = Chain(
        load(settings.search, environment) if adapters is None else adapters,
        deadline=settings.search_deadline,
        provider_timeout=settings.search_timeout,
    )

    @asynccontextmanager
    async def opened() -> AsyncIterator[Gateway]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(search.aclose)
            redis_url = settings.redis_url
            if redis_url is None:
                redis_url = await _embedded_redis(settings, stack)
            store = RedisAnswerStore(redis_url, days=settings.stored_days)
            stack.push_async_callback(store.aclose)
            engine, most = await _engine(settings, context, stack)
            if header is None and settings.tokenizer is None:
                logger.warning(
                    "The engine's added tokens are unknown: outside text is kept from becoming the "
                    "common ones only. ORSON_TOKENIZER=/path/to/tokenizer.json names them all."
                )
            await search.prepare()
            metrics = Metrics()
            max_concurrent = min(settings.max_concurrent, most or settings.max_concurrent)
            assembly = _Assembly(
                settings, engine, search, metrics, literals, max_concurrent=max_concurrent
            )
            stack.callback(assembly.close)
            try:
                async with asyncio.timeout(PATIENCE):
                    await assembly.service()
            except OrsonError as error:
                logger.warning("%s Answers get %d until it works.", error.message, error.status)
            except TimeoutError:
                logger.warning("The engine is silent. Answers get 503 until it speaks.")
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

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        search: Chain,
        metrics: Metrics,
        literals: Sequence[str],
        *,
        max_concurrent: int,
    ) -> None:
        self._settings, self._engine, self._search = settings, engine, search
        self._metrics = metrics
        self._literals = literals
        self._max_concurrent = max_concurrent
        self._service: ChatService | None = None
        self._attempt: asyncio.Task[ChatService] | None = None

    async def service(self) -> ChatService:
        """The service. Raises EngineUnavailable while the engine is down and was never up."""
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
        settings, engine = self._settings, self._engine
        await engine.ready()
        vocabulary = await learn(engine, DIALECTS[settings.dialect], self._literals)
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
                max_tokens=settings.max_tokens or (BUNDLED_MAX_TOKENS if bundled else None),
                adapters=self._search.names,
            ),
            self._metrics,
            max_concurrent=self._max_concurrent,
        )


async def _embedded_redis(settings: Settings, stack: AsyncExitStack) -> str:
    redis = EmbeddedRedis(settings.data_dir)
    stack.push_async_callback(redis.stop)
    try:
        await redis.start()
    except FolderInUse as error:
        raise StartError(f"{error}; set ORSON_DATA_DIR to another folder") from error
    except (RuntimeError, OSError) as error:
        raise StartError(f"{error} (ORSON_DATA_DIR, or use ORSON_REDIS_URL)") from error
    return redis.url


async def _engine(
    settings: Settings, context: int | None, stack: AsyncExitStack
) -> tuple[Engine, int | None]:
    """The engine, and how many answers it can be asked for at a time where it has a bound."""
    idle = settings.engine_idle_timeout
    timeouts = Timeouts(
        connect=settings.engine_connect_timeout, first_byte=idle, idle=idle, request=min(idle, 30.0)
    )
    key = settings.engine_api_key.get_secret_value() if settings.engine_api_key else None
    engine: Engine
    most: int | None = None
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
            context_window=context,
            parallel=settings.embedded_parallel,
        )
        stack.push_async_callback(server.stop)
        try:
            url = await server.start()
        except ImportError as error:
            raise StartError(
                f"llama.cpp can't be loaded: {error}. Where libgomp.so.1 is missing, "
                "'apt install libgomp1' brings it; ORSON_ENGINE_URL does without llama.cpp"
            ) from error
        except (RuntimeError, OSError) as error:
            raise StartError(f"the model {server.model} can't be loaded: {error}") from error
        engine = LlamaCppEngine(url, api_key=server.api_key, timeouts=timeouts)
        most = server.max_answers
    stack.push_async_callback(engine.aclose)
    return engine, most


def _header(settings: Settings) -> GgufHeader:
    """What the GGUF file to be served says of itself."""
    try:
        return read_header(Path(settings.model) if settings.model else bundled_model())
    except ModelMissing as error:
        raise StartError(f"{error}; ORSON_MODEL or ORSON_ENGINE_URL names another") from error
    except (GgufError, OSError) as error:
        named = f"'{settings.model}'" if settings.model else "the bundled model"
        raise StartError(f"ORSON_MODEL: {named} is no GGUF file: {error}") from error


def _added_tokens(path: Path | None) -> tuple[str, ...]:
    """The added tokens that a `tokenizer.json` names."""
    if path is None:
        return ()
    try:
        added = json.loads(path.read_bytes())["added_tokens"]
        return tuple(token["content"] for token in added)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StartError(f"ORSON_TOKENIZER: {path} is no tokenizer.json: {error}") from error
