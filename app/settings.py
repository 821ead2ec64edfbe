"""Environment and flags -> one frozen `Settings`. Read once, at start, by the composition root.

Every variable is `ORSON_` and the field's name in capitals, also from a `.env` file. Keys of search
providers are read by their adapters (see `docs/search.md`).
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Names = Annotated[tuple[str, ...], NoDecode]
"""Several values in one variable, with commas between."""


class Settings(BaseSettings):
    """How this gateway runs."""

    model_config = SettingsConfigDict(
        env_prefix="ORSON_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # some of it is secret
    )

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    data_dir: Path = Path("var")
    """Where the embedded Redis and the search index keep their files."""
    api_keys: Names = ()
    """Clients must send one of these as bearer token; none set means that anyone may ask."""
    cors_origins: Names = ()

    engine: Literal["llamacpp", "vllm"] = "llamacpp"
    engine_url: str | None = None
    """Address of the model server; without one, `llamacpp` runs in this process."""
    engine_api_key: SecretStr | None = None
    model: str | None = None
    """Served name (vllm), or a GGUF file (embedded llamacpp); None: what the server offers, or the
    bundled model."""
    tokenizer: Path | None = None
    """A `tokenizer.json`: names the added tokens that outside text must never become. A GGUF file
    served in this process names them itself."""
    embedded_parallel: int = Field(4, ge=1)
    """Answers the embedded engine works on at a time."""
    embedded_context: int | None = Field(None, ge=512)
    """Tokens of one sequence in the embedded engine. None takes what the model was trained on; of
    one in `model` 8,192 at most, as memory for all of them is taken at start."""

    dialect: str = "orson"
    teaching: Literal["auto", "trained", "prompted"] = "auto"
    """Whether the model knows the dialect or is taught it in the system prompt; `auto` takes the
    bundled model for trained and any other for untrained."""
    temperature: float | None = Field(None, ge=0, le=2)
    """For requests that give none; None leaves the engine's (bundled model: 0)."""
    max_tokens: int | None = Field(None, ge=1)
    """For requests that give none; None is what the context window leaves (bundled model: 200)."""

    search: Names = ("local",)
    """Search adapters, tried in this order."""
    search_policy: Literal["auto", "always", "never"] = "auto"
    search_deadline: float = Field(2.5, gt=0)
    """Seconds for one whole search, fallbacks included."""
    search_timeout: float = Field(2.0, gt=0)
    """Seconds for one provider."""
    max_searches: int = Field(3, ge=0, le=20)
    max_query_chars: int = Field(400, ge=16)
    results_per_query: int | None = Field(None, ge=1, le=50)
    """None: 3 for the bundled model, 5 for others."""
    results_tokens: int | None = Field(None, ge=32)
    """Tokens of one results block; None: 400 for the bundled model, 1,024 for others."""
    answer_reserve: int = Field(256, ge=16)

    redis_url: str | None = None
    """None starts the embedded Redis on a file in `data_dir`."""
    stored_days: int = Field(30, ge=1)
    """How long answers asked for with `store: true` are kept."""

    max_concurrent: int = Field(1024, ge=1)
    """Answers under way at a time; one more gets 429. The embedded engine takes no more than 8 for
    each of its `embedded_parallel` places, whatever this says."""
    keepalive: float = Field(10.0, gt=0)
    """Seconds of silence after which a comment is sent on a stream."""
    prime_timeout: float = Field(15.0, gt=0)
    """Seconds to wait for the engine's first token before the response's headers leave."""
    engine_connect_timeout: float = Field(5.0, gt=0)
    engine_idle_timeout: float = Field(120.0, gt=0)
    """Seconds of silence, before an answer or in it, after which the engine counts as dead."""
    log_level: Literal["critical", "error", "warning", "info", "debug"] = "info"

    @field_validator("api_keys", "cors_origins", "search", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("engine_url", "redis_url", "model", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: Any) -> Any:
        return value or None

    @field_validator("engine_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError(f"'{value}' is no address such as http://127.0.0.1:8001")
        return value

    @field_validator("engine_api_key")
    @classmethod
    def _fits_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            key = value.get_secret_value()
            if not key.isascii() or not key.isprintable():
                raise ValueError("must be printable ASCII: it is sent in a header")
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return value

    @property
    def embedded(self) -> bool:
        """Whether the model runs in this process."""
        return self.engine == "llamacpp" and self.engine_url is None

    @property
    def bundled(self) -> bool:
        """Whether the model is the one that comes with Orson."""
        return self.embedded and self.model is None


def adapter_environment(settings: Settings) -> dict[str, str]:
    """Where search adapters find their keys: `.env`, and the process' environment over it."""
    written = {name: value for name, value in dotenv_values(".env").items() if value}
    return {**written, **os.environ, "ORSON_DATA_DIR": str(settings.data_dir)}
