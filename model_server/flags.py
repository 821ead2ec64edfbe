"""Settings -> the command that runs vLLM, and its environment. Pure.

Two flags are there whatever the settings say: `--enable-prompt-tokens-details`, or vLLM would not
tell how much of a resumed leg it had in its cache, and `--enable-prefix-caching`, which is only
turned off on purpose. The key goes by the environment: a command line is everybody's to read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from model_server.settings import ModelServerSettings

ENTRY_POINT = "vllm.entrypoints.openai.api_server"


@dataclass(frozen=True, slots=True)
class Command:
    """What is run."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """On top of the process' own; holds the key."""


def command(settings: ModelServerSettings, *, python: str, more: Sequence[str] = ()) -> Command:
    """The command for these settings.

    Args:
        settings: what is wanted.
        python: an interpreter that has vLLM.
        more: flags of vLLM's that no setting knows; the last word is theirs.
    """
    environment = {"VLLM_NO_USAGE_STATS": "1"}
    if settings.api_key is not None:
        environment["VLLM_API_KEY"] = settings.api_key.get_secret_value()
    if settings.device == "cpu":
        environment["VLLM_CPU_KVCACHE_SPACE"] = str(settings.cpu_cache_gb)
    argv = [python, "-m", ENTRY_POINT]
    for flag, value in _flags(settings).items():
        if value is True:
            argv.append(flag)
        elif value is not None:
            argv += (flag, str(value))
    if settings.lora:
        argv += ("--enable-lora", "--max-lora-rank", str(settings.max_lora_rank))
        argv += ("--max-loras", str(len(settings.lora)), "--lora-modules")
        argv += (f"{name}={path}" for name, path in settings.lora)
    return Command((*argv, *more), environment)


def _flags(settings: ModelServerSettings) -> dict[str, object]:
    """Flags and their values; True for one without, None for one that is left out."""
    gpu = settings.device == "gpu"
    caching = "" if settings.prefix_caching else "no-"
    return {
        "--model": settings.model,
        "--served-model-name": settings.name,
        "--revision": settings.revision,
        "--host": settings.host,
        "--port": settings.port,
        "--dtype": settings.dtype,
        "--quantization": settings.quantization,
        "--max-model-len": settings.max_model_len,
        "--tensor-parallel-size": _beyond_one(settings.tensor_parallel),
        "--data-parallel-size": _beyond_one(settings.data_parallel),
        "--max-num-seqs": settings.max_num_seqs,
        "--max-num-queued-reqs": settings.max_queued,
        "--gpu-memory-utilization": settings.gpu_memory_utilization if gpu else None,
        "--chat-template": settings.chat_template,
        f"--{caching}enable-prefix-caching": True,
        "--enable-prompt-tokens-details": True,
    }


def _beyond_one(count: int) -> int | None:
    return count if count > 1 else None
