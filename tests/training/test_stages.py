# ruff: noqa: E402
"""The stages of training from one end to the other, stopped and gone on with; and their feed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

torch = pytest.importorskip("torch")
np = pytest.importorskip("numpy")

from training import device, loop, pretrain
from training.feed import Beside, Here, Rows
from training.model import Llama, Shape
from training.pretrain import vocabulary
from training.recipe import Recipe, Texts

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--vocab", "600", "--width", "32", "--layers", "2", "--no-compile", "--device", "cpu")


@pytest.fixture(scope="module")
def recipe(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    words = vocabulary(data, 600, 1, tmp_path_factory.mktemp("words") / "tokenizer.json")
    return Recipe(data, words, documents=0.2, copies=0.03, early=5_000)


def rows(path: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_stage_goes_on_where_it_stopped(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tokens in ("20000", "40000"):
        argv = ["pretrain", "--data", data, "--out", tmp_path, "--tokens", tokens, *SMALL]
        monkeypatch.setattr(sys, "argv", list(map(str, argv)))
        pretrain.main()
    first, second = rows(tmp_path / "log.jsonl")
    assert 20_000 <= first["tokens"] < second["tokens"]
    assert second["tokens"] >= 40_000
    assert second["step"] > first["step"]
    assert second["loss"] < first["loss"]
    model, held = loop.restore(tmp_path / "checkpoint.pt")
    assert (model.shape.width, model.shape.layers) == (32, 2)
    assert held["tokens"] == second["tokens"]


def test_batches_made_here_hold_whole_conversations(recipe: Recipe) -> None:
    feed = Here(Texts(recipe, Random(2)))
    long, weights = feed.batch(0, 0)
    short, _ = feed.batch(1, 6_000)
    assert long.shape == (4, 1025)
    assert short.shape == (10, 385)
    assert weights[long == 0].sum() == 0
    assert (weights > 0).any(1).all()
    assert not feed.texts.warm


def test_workers_make_the_same_batches_for_the_same_seed(recipe: Recipe) -> None:
    plan = Rows(2, 257, 0.1)
    one = Beside(recipe, plan, 7, 2)
    drawn = [one.batch(at, 0) for at in range(4)]
    other = Beside(recipe, plan, 7, 2)
    for ids, weights in drawn:
        again, weights_again = other.batch(0, 0)
        assert torch.equal(ids, again)
        assert torch.equal(weights, weights_again)
        assert ids.shape == (2, 257)
        assert int(ids.max()) < 600
    assert not torch.equal(drawn[0][0], drawn[1][0])
    later = Beside(recipe, Rows(2, 257, 0.1, start=4), 7, 1)
    assert not torch.equal(later.batch(0, 0)[0], drawn[0][0])


def test_a_device_that_is_not_there_is_refused() -> None:
    assert device.chosen("cpu").type == "cpu"
    if not torch.cuda.is_available():
        assert device.chosen("auto").type == "cpu"
        with pytest.raises(RuntimeError, match="--device cpu"):
            device.chosen("cuda")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, when it loads its compiler
def test_a_gpu_compiles_blocks_and_a_cpu_the_whole() -> None:
    shape = Shape(vocab=64, width=32, layers=2, heads=1, hidden=48, context=64)
    one, other = Llama(shape), Llama(shape)
    device.compiled(one, torch.device("cuda"))
    assert all(block._compiled_call_impl is not None for block in one.blocks)
    assert "hidden" not in vars(one)
    device.compiled(other, torch.device("cpu"))
    assert all(block._compiled_call_impl is None for block in other.blocks)
    assert "hidden" in vars(other)


@pytest.mark.timeout(1500)
def test_the_whole_run_in_its_small_form(data: Path, tmp_path: Path) -> None:
    script, ready, out = (
        ROOT / "training/runs/from_nothing_gpu.sh",
        tmp_path / "ready",
        tmp_path / "out",
    )
    small = {"WIDTH": "32", "LAYERS": "2", "VOCAB": "600", "ROWS": "2", "LENGTH": "257"}
    small |= {"WORKERS": "1", "COMPILE": "no", "DEVICE": "cpu", "WARMUP": "5"}
    environment = os.environ | small | {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}

    def run(*arguments: object) -> str:
        done = subprocess.run(
            [str(script), *map(str, arguments)], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    run("--prepare", data, ready)
    assert (ready / "tokenizer.json").exists()
    run(ready, out, 16)
    before = rows(out / "pre" / "log.jsonl")[-1]
    shares = {"pre": 0.64, "sft": 0.26}  # of its time; a step that began in time goes on to its end
    taken = (60 * rows(out / n / "log.jsonl")[-1]["minutes"] / share for n, share in shares.items())
    run(ready, out, round(max(taken)) + 6)  # more time: both stages go on
    after = rows(out / "pre" / "log.jsonl")[-1]
    assert after["step"] > before["step"] > 0
    assert len(json.loads((out / "pre/verdicts.json").read_text(encoding="utf-8"))) > 100
    assert rows(out / "sft" / "log.jsonl")[-1]["step"] > 0
    sizes = {file.name: file.stat().st_size for file in (out / "parcel").iterdir()}
    assert set(sizes) == {"model.safetensors", "pretrained.safetensors", "rest.tar.gz"}
    config = json.loads((out / "release/config.json").read_text(encoding="utf-8"))
    assert config["torch_dtype"] == "float16"
    assert sizes["model.safetensors"] < 2.2 * (600 * 32 + 2 * (4 * 32 * 32 + 3 * 32 * 80))
