"""Settings -> the engine: llama.cpp in this process, or a model server; and its tokens."""

import json
from contextlib import AsyncExitStack
from pathlib import Path

from app.engines.http_stream import Timeouts
from app.engines.llamacpp import LlamaCppEngine
from app.engines.vllm import VllmEngine
from app.settings import Settings
from model_server.embedded import EmbeddedServer, ModelMissing, bundled_model
from model_server.gguf_header import GgufError, GgufHeader, read_header

CONTEXT = 8192
"""Tokens of one sequence for a GGUF file of the user's. The trained window may be 32 times that,
and memory for all of it is taken at start, once for each answer under way."""

Server = VllmEngine | LlamaCppEngine


class StartError(Exception):
    """The settings can't be started with; the message says which variable to mend."""


async def opened_engine(
    settings: Settings, context: int | None, stack: AsyncExitStack
) -> tuple[Server, int | None]:
    """The engine, and how many answers it can be asked for at a time where it has a bound."""
    idle = settings.engine_idle_timeout
    timeouts = Timeouts(
        connect=settings.engine_connect_timeout, first_byte=idle, idle=idle, request=min(idle, 30.0)
    )
    key = settings.engine_api_key.get_secret_value() if settings.engine_api_key else None
    engine: Server
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


def header_of(settings: Settings) -> GgufHeader:
    """What the GGUF file to be served says of itself."""
    try:
        return read_header(Path(settings.model) if settings.model else bundled_model())
    except ModelMissing as error:
        raise StartError(f"{error}; ORSON_MODEL or ORSON_ENGINE_URL names another") from error
    except (GgufError, OSError) as error:
        named = f"'{settings.model}'" if settings.model else "the bundled model"
        raise StartError(f"ORSON_MODEL: {named} is no GGUF file: {error}") from error


def added_tokens(path: Path | None) -> tuple[str, ...]:
    """The added tokens that a `tokenizer.json` names."""
    if path is None:
        return ()
    try:
        added = json.loads(path.read_bytes())["added_tokens"]
        return tuple(token["content"] for token in added)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StartError(f"ORSON_TOKENIZER: {path} is no tokenizer.json: {error}") from error
