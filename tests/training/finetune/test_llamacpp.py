"""A GGUF written from a Hugging Face folder says the same as the folder."""

import json
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("trl")
pytest.importorskip("xllamacpp")

import torch
import xllamacpp

from tests.fakes.tiny_model import build
from training.finetune import llamacpp, markers
from training.pretrained import opened

pytestmark = pytest.mark.filterwarnings("default")


def decoded(gguf: Path, ids: list[int], count: int) -> list[int]:
    params = xllamacpp.CommonParams()
    params.model.path, params.hostnames, params.port = str(gguf), ["127.0.0.1"], 0
    params.n_ctx, params.warmup, params.verbosity = 256, False, -1
    params.cpuparams.n_threads = 1
    server = xllamacpp.Server(params)
    body = {"prompt": ids, "n_predict": count, "temperature": 0.0, "return_tokens": True,
            "ignore_eos": True}  # fmt: skip
    request = urllib.request.Request(
        f"{server.listening_address}/completion",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        return [int(i) for i in json.load(reply)["tokens"]]


@pytest.mark.parametrize(
    ("kind", "tied"), [("llama", True), ("llama", False), ("qwen2", True), ("qwen3", False)]
)
def test_llamacpp_and_transformers_decode_the_same(tmp_path: Path, kind: str, tied: bool) -> None:
    tokenizer, model = opened(str(build(tmp_path / "base", kind=kind, tied=tied)))
    with torch.no_grad():
        for weight in model.parameters():  # biases and gains begin at values that hide mistakes
            weight.add_(torch.randn_like(weight) * 0.2)
    markers.add(tokenizer, model)
    folder = tmp_path / "run" / "model"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    gguf = llamacpp.write(folder, folder / "run.gguf")
    ids = tokenizer.encode("Who is Ada Brankovic?[SEARCH_START]", add_special_tokens=False)
    theirs = model.generate(
        torch.tensor([ids]), max_new_tokens=12, do_sample=False, suppress_tokens=None,
        eos_token_id=-1,
    )[0, len(ids) :].tolist()  # fmt: skip
    assert decoded(gguf, ids, 12) == theirs


def test_other_models_are_refused_in_words() -> None:
    with pytest.raises(llamacpp.Unsupported, match="convert_hf_to_gguf"):
        llamacpp.sizes({"model_type": "gemma3"})
    with pytest.raises(llamacpp.Unsupported, match="byte-level"):
        llamacpp.split_name({"model": {"type": "Unigram"}})
    scaled = {"rope_scaling": {"rope_type": "llama3"}}
    with pytest.raises(llamacpp.Unsupported, match="scaled"):
        llamacpp.sizes({"model_type": "llama", **scaled})
