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
    """Clients must send one of these, or one made by `orson keys add`. With neither, anyone on this
    machine may ask, and no other address is served at."""
    open: bool = False
    """Answer those without a key too, from everywhere: for containers whose port is only published
    on loopback, or behind a proxy that asks for keys itself. Of no effect with `api_keys`."""
    allowed_hosts: Names = ()
    """Names under which a gateway may be asked without a key, beside addresses, `localhost` and the
    like; `*` for any."""
    cache_salt: bool = True
    """Keep prompts of different keys apart in vLLM's prefix cache, so that nobody can tell by the
    time whether another has asked the same."""
    cors_origins: Names = ()
    body_timeout: float = Field(20.0, gt=0)
    """Seconds for a request's body, beside what its bytes take at 16 KiB a second."""

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

    dialect: str = "auto"
    """How the model searches: `auto` asks its tokenizer and chat template what it was trained on,
    and takes `orson` where that shows nothing; `tool-call` does so among the forms of tool calls;
    or one by name (`orson dialects`)."""
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
    search_mode: Literal["first", "fuse"] = "first"
    """`first`: in order, until one finds something; `fuse`: all at once, their rankings joined."""
    search_concurrency: int = Field(16, ge=1)
    """Calls to one provider at a time."""
    search_hedge: Literal["off", "free", "all"] = "free"
    """Which providers are asked twice when they are slow; `all`: paid ones too."""
    search_early: Literal["off", "free", "all"] = "free"
    """Which providers are asked while the query is still being written; `all`: paid ones too."""
    search_cache_seconds: float = Field(900.0, ge=0)
    """How long results are used again, where the provider's terms allow; 0 keeps none."""
    search_cache_timely_seconds: float = Field(60.0, ge=0)
    """The same for queries about what is going on now."""
    search_cache_empty_seconds: float = Field(30.0, ge=0)
    """The same for "nothing found"."""
    search_cache_stale_seconds: float = Field(86_400.0, ge=0)
    """How long old results stand in for a provider that fails."""
    allowed_domains: Names = ()
    """Hosts (with sub-domains) or collections that results may come from; none set means any."""
    denied_domains: Names = ()
    """Hosts that no result may come from, and no page be fetched from."""
    log_queries: Literal["off", "hashed", "plain"] = "off"
    """Whether searches are logged at `info`, with the query's hash or its text."""
    pages: bool = True
    """Read the pages behind results of adapters that bring only snippets."""
    pages_count: int = Field(4, ge=1, le=10)
    """Results of a search whose pages are read."""
    pages_timeout: float = Field(1.2, gt=0)
    """Seconds for the pages of a search, within `search_deadline`."""
    pages_workers: int = Field(2, ge=1, le=64)
    """Processes that take pages apart."""
    max_searches: int = Field(3, ge=0, le=20)
    max_query_chars: int = Field(400, ge=16)
    results_per_query: int | None = Field(None, ge=1, le=50)
    """None: 1 for the bundled model, 5 for others."""
    results_tokens: int | None = Field(None, ge=32)
    """Tokens of one results block; None: 400 for the bundled model, 1,024 for others."""
    links: Literal["known", "any"] = "known"
    """`known`: a link in an answer is made dead that is no result's and not in the conversation."""
    answer_reserve: int = Field(256, ge=16)

    redis_url: str | None = None
    """None starts the embedded Redis on a file in `data_dir`."""
    stored_traces: bool = True
    """Keep with a stored answer what it was made of, for `orson replay`."""
    redis_megabytes: int = Field(1024, ge=16)
    """Memory of the embedded Redis; when it is full, what would expire soonest makes room."""
    stored_days: int = Field(30, ge=1)
    """How long stored answers and conversations are kept after they were last written."""
    events_minutes: int = Field(60, ge=1)
    """How long the events of a background answer can be read again after its end."""

    max_concurrent: int = Field(1024, ge=1)
    """Answers under way at a time; one more gets 429. The embedded engine takes no more than 8 for
    each of its `embedded_parallel` places, whatever this says."""
    lease_seconds: float = Field(15.0, ge=1)
    """How long a gateway may be silent before another ends its answers as failed."""
    drain_seconds: int = Field(20, ge=0)
    """How long answers under way may still take when the gateway is told to stop."""
    keepalive: float = Field(10.0, gt=0)
    """Seconds of silence after which a comment is sent on a stream."""
    prime_timeout: float = Field(15.0, gt=0)
    """Seconds to wait for the engine's first token before the response's headers leave."""
    engine_connect_timeout: float = Field(5.0, gt=0)
    engine_idle_timeout: float = Field(120.0, gt=0)
    """Seconds of silence, before an answer or in it, after which the engine counts as dead."""
    engine_restart_patience: float = Field(120.0, ge=0)
    """Seconds that an answer under way waits for an engine that went away, to go on where it was;
    0 fails it at once."""
    log_level: Literal["critical", "error", "warning", "info", "debug"] = "info"
    log_format: Literal["text", "json"] = "text"
    """`json`: one object a line, with the id of the request and the cost of each answer."""
    otel: bool = False
    """Traces in OpenTelemetry's form, over OTLP/HTTP; needs `pip install 'orson[otel]'`. The SDK's
    own `OTEL_*` variables hold as well."""
    otel_endpoint: str | None = None
    """The collector, such as http://127.0.0.1:4318, which it is where nothing says otherwise."""
    otel_content: bool = False
    """Whether what is asked, said and found is in the spans."""
    access_log: bool = False
    """One line for each response, whatever it answers; at log level `debug` there is one anyway."""

    @field_validator(
        "api_keys",
        "allowed_hosts",
        "cors_origins",
        "search",
        "allowed_domains",
        "denied_domains",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("engine_url", "redis_url", "model", "otel_endpoint", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: Any) -> Any:
        return value or None

    @field_validator("engine_url", "otel_endpoint")
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
