"""Which flags of vLLM the settings of the model server become."""

import pytest
from pydantic import ValidationError

from model_server.flags import ENTRY_POINT, Command, command
from model_server.settings import ModelServerSettings


def made(*more: str, **given: object) -> Command:
    settings = ModelServerSettings(_env_file=None, **{"model": "org/m", **given})
    return command(settings, python="python3", more=more)


def flags(*more: str, **given: object) -> str:
    return " ".join(made(*more, **given).argv)


def test_what_is_there_whatever_is_set() -> None:
    assert made().argv[:3] == ("python3", "-m", ENTRY_POINT)
    for flag in ("--enable-prefix-caching", "--enable-prompt-tokens-details", "--model org/m"):
        assert flag in flags()
        assert flag in flags(device="cpu")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "mine"}, "--served-model-name mine"),
        ({"revision": "abc"}, "--revision abc"),
        ({"port": 9}, "--port 9"),
        ({"tensor_parallel": 2}, "--tensor-parallel-size 2"),
        ({"data_parallel": 4}, "--data-parallel-size 4"),
        ({"max_model_len": 8192}, "--max-model-len 8192"),
        ({"quantization": "fp8"}, "--quantization fp8"),
        ({"max_num_seqs": 64}, "--max-num-seqs 64"),
        ({"max_queued": 128}, "--max-num-queued-reqs 128"),
        ({"dtype": "float32"}, "--dtype float32"),
        ({"gpu_memory_utilization": 0.8}, "--gpu-memory-utilization 0.8"),
        ({"chat_template": "t.jinja"}, "--chat-template t.jinja"),
        ({"prefix_caching": False}, "--no-enable-prefix-caching"),
    ],
)
def test_a_setting_is_a_flag(given: dict[str, object], said: str) -> None:
    assert said in flags(**given)
    assert said not in flags()


def test_adapters() -> None:
    said = flags(lora="law=/adapters/law, tax = org/tax", max_lora_rank=32)
    assert "--enable-lora --max-lora-rank 32 --max-loras 2" in said
    assert "--lora-modules law=/adapters/law tax=org/tax" in said
    assert "lora" not in flags()


@pytest.mark.parametrize("wrong", ["law", "law=", "=x", "m=x,m=y", "org/m=x"])
def test_adapters_that_are_none(wrong: str) -> None:
    with pytest.raises(ValidationError):
        made(lora=wrong)


def test_a_key_is_not_on_the_command_line() -> None:
    run = made(api_key="sk-secret")
    assert "sk-secret" not in " ".join(run.argv)
    assert run.environment["VLLM_API_KEY"] == "sk-secret"
    assert "VLLM_API_KEY" not in made().environment


def test_the_gateways_key_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORSON_ENGINE_API_KEY", "sk-1")
    monkeypatch.setenv("MODEL_SERVER_MODEL", "m")
    settings = ModelServerSettings(_env_file=None)
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "sk-1"


def test_a_cpu() -> None:
    run = made(device="cpu", cpu_cache_gb=2)
    assert run.environment["VLLM_CPU_KVCACHE_SPACE"] == "2"
    assert "--gpu-memory-utilization" not in run.argv
    with pytest.raises(ValidationError, match="needs a GPU"):
        made(device="cpu", quantization="fp8")


def test_blank_is_unset() -> None:
    blank = dict.fromkeys(
        ("name", "quantization", "max_model_len", "api_key", "python", "lora"), ""
    )
    assert made(**blank) == made()


def test_the_last_word_is_the_callers() -> None:
    assert made("--enforce-eager", "--seed", "3").argv[-3:] == ("--enforce-eager", "--seed", "3")
