"""How the model server runs vLLM: environment variables -> one frozen value.

Every variable is `MODEL_SERVER_` and the field's name in capitals, also from a `.env` file. They
describe the machine and the model; which flags of vLLM they become is `flags`' business.
"""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Adapters = Annotated[tuple[tuple[str, str], ...], NoDecode]
"""Name and folder (or repository) of each; written `name=folder,name=folder`."""


class ModelServerSettings(BaseSettings):
    """One vLLM server."""

    model_config = SettingsConfigDict(
        env_prefix="MODEL_SERVER_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    model: str = Field(min_length=1)
    """A folder, or the name of a repository on Hugging Face."""
    name: str | None = None
    """What clients ask for; None takes `model` as it stands."""
    revision: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(8001, ge=1, le=65535)
    api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("MODEL_SERVER_API_KEY", "ORSON_ENGINE_API_KEY")
    )
    """What clients must send; the gateway's `ORSON_ENGINE_API_KEY` is the same key."""

    device: Literal["gpu", "cpu"] = "gpu"
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = "auto"
    quantization: str | None = None
    """A method of vLLM's for weights that are not quantised yet (`fp8`, `bitsandbytes`). Weights
    that are (AWQ, GPTQ) say so themselves."""
    max_model_len: int | None = Field(None, ge=256)
    """Tokens of one sequence; None is what the model was trained on, which may not fit the GPU."""
    tensor_parallel: int = Field(1, ge=1)
    """GPUs over which one copy of the model is spread."""
    data_parallel: int = Field(1, ge=1)
    """Copies of the model, each with GPUs of its own."""
    max_num_seqs: int | None = Field(None, ge=1)
    """Answers decoded at a time; more wait."""
    max_queued: int | None = Field(None, ge=1)
    """Answers decoded or waiting; one more gets 503 at once. None: no bound but the gateway's.
    vLLM 0.32 and newer."""
    gpu_memory_utilization: float = Field(0.9, gt=0, le=1)
    cpu_cache_gb: int = Field(4, ge=1)
    """Memory for the prefix cache on the CPU."""
    prefix_caching: bool = True
    """Off makes every resume after a search read the whole conversation again."""
    lora: Adapters = ()
    max_lora_rank: int = Field(16, ge=1)
    chat_template: str | None = None
    """A Jinja file, for models that come without a template."""

    python: str | None = None
    """The interpreter that has vLLM; None is ours."""
    start_timeout: float = Field(1800.0, gt=0)
    """Seconds to readiness; the first start of a large model downloads it."""

    @field_validator("lora", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [part.strip().partition("=") for part in value.split(",") if part.strip()]
        if any(not (name and equals and path) for name, equals, path in pairs):
            raise ValueError("must be name=folder, with commas between several")
        return tuple((name.strip(), path.strip()) for name, _, path in pairs)

    @field_validator(
        "name", "revision", "api_key", "quantization", "max_model_len", "max_num_seqs",
        "max_queued", "chat_template", "python", mode="before",
    )  # fmt: skip
    @classmethod
    def _blank_is_unset(cls, value: Any) -> Any:
        return None if value == "" else value

    @model_validator(mode="after")
    def _fits_together(self) -> "ModelServerSettings":
        if self.device == "cpu" and self.quantization == "fp8":
            raise ValueError("MODEL_SERVER_QUANTIZATION=fp8 needs a GPU")
        names = [self.name or self.model, *(name for name, _ in self.lora)]
        if len(set(names)) < len(names):
            raise ValueError("MODEL_SERVER_LORA: two models would have the same name")
        return self
