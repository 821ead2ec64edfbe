# ruff: noqa: E402
"""The network, its optimiser and its two exports agree with each other."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from training.generate import complete
from training.loop import Plan, rate
from training.model import Llama, Shape
from training.muon import Muon, orthogonal
from training.probe import entropy, verdict

SMALL = Shape(vocab=64, width=32, layers=2, heads=1, hidden=48, context=64)


def test_decoding_with_a_cache_equals_reading_at_once() -> None:
    torch.manual_seed(1)
    model, ids = Llama(SMALL), torch.randint(0, 64, (2, 9))
    whole = torch.nn.functional.linear(model.hidden(ids)[:, -1], model.embed.weight)
    _, past = model.step(ids[:, :6], None)
    for at in range(6, 9):
        logits, past = model.step(ids[:, at : at + 1], past)
    assert torch.allclose(whole, logits, atol=1e-5)


def test_loss_counts_only_weighted_positions() -> None:
    torch.manual_seed(1)
    model, ids = Llama(SMALL), torch.randint(0, 64, (1, 8))
    weights = torch.zeros(1, 8)
    weights[0, 5] = 1.0
    logits = torch.nn.functional.linear(model.hidden(ids)[:, 4], model.embed.weight)
    assert torch.allclose(
        model.loss(ids, weights), torch.nn.functional.cross_entropy(logits, ids[:, 5]), atol=1e-5
    )


def test_orthogonal_brings_singular_values_near_one() -> None:
    torch.manual_seed(1)
    values = torch.linalg.svdvals(orthogonal(torch.randn(3, 24, 40)))
    assert values.min() > 0.4
    assert values.max() < 1.4


def test_muon_lowers_a_loss() -> None:
    torch.manual_seed(1)
    weight, target = torch.nn.Parameter(torch.zeros(8, 8)), torch.randn(8, 8)
    optimizer = Muon([weight], 0.1)
    before = (weight - target).square().sum().item()
    for _ in range(40):
        loss = (weight - target).square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < before / 4


def test_batched_completion_equals_one_by_one() -> None:
    torch.manual_seed(1)
    model = Llama(SMALL)
    prompts = [[1, 2, 9], [4, 12, 30], [8, 8], [1, 2, 9]]
    together = complete(model, prompts, limit=6)
    assert together == [complete(model, [p], limit=6)[0] for p in prompts]
    assert together == complete(model, prompts, limit=6, pad=4)


def test_the_step_size_warms_up_and_falls() -> None:
    plan = Plan(1, warmup=10, fall_from=0.5)
    assert rate(plan, 0, 0.0) == pytest.approx(0.1)
    assert rate(plan, 50, 0.4) == 1.0
    assert rate(plan, 50, 1.0) == pytest.approx(plan.floor)


def test_verdicts() -> None:
    assert verdict([True] * 4 + [False], True) == "knows"
    assert verdict([True] * 5, False) == "unsure"
    assert verdict([False] * 5, False) == "doesn't"
    assert entropy(["Paris", " paris"]) == 0.0
    assert entropy(["a", "b"]) == pytest.approx(1.0)


def test_transformers_reads_the_export_alike(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("gguf")
    from training import export, tokenizer

    torch.manual_seed(1)
    words = tmp_path / "tokenizer.json"
    made = tokenizer.train(iter(["some words to learn from"] * 5), 300)
    made.save(str(words))
    model = Llama(
        Shape(vocab=made.get_vocab_size(), width=32, layers=2, heads=1, hidden=48, context=64)
    )
    arrays = export.weights(model)
    export.for_transformers(arrays, model.shape, words, tmp_path)
    export.for_llamacpp(arrays, model.shape, words, tmp_path / "x.gguf")
    theirs = transformers.LlamaForCausalLM.from_pretrained(tmp_path)
    ids = torch.randint(0, 200, (1, 12))
    ours = torch.nn.functional.linear(model.hidden(ids), model.embed.weight)
    assert torch.allclose(theirs(ids).logits, ours, atol=1e-4)


def test_an_export_goes_back_into_training_unchanged(tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    from training import export, tokenizer, warm

    torch.manual_seed(1)
    words = tmp_path / "tokenizer.json"
    made = tokenizer.train(iter(["some words to learn from"] * 5), 300)
    made.save(str(words))
    model = Llama(Shape(made.get_vocab_size(), 32, 2, 1, 48, 64))
    export.for_transformers(export.weights(model), model.shape, words, tmp_path)
    again, held = warm.start(tmp_path)
    assert not held
    theirs = again.state_dict()
    assert all(torch.equal(weight, theirs[name]) for name, weight in model.state_dict().items())


def test_an_export_in_half_the_bits_is_exported_again_alike(tmp_path: Path) -> None:
    gguf = pytest.importorskip("gguf")
    from training import export, tokenizer

    torch.manual_seed(2)
    words = tmp_path / "tokenizer.json"
    made = tokenizer.train(iter(["some words to learn from"] * 5), 300)
    made.save(str(words))
    model = Llama(Shape(made.get_vocab_size(), 32, 2, 1, 48, 64))
    torch.save(
        {"model": model.state_dict(), "shape": model.shape.as_dict()}, tmp_path / "checkpoint.pt"
    )
    export.export(tmp_path, tmp_path / "lent", half=True, gguf=False)
    export.export(tmp_path / "lent", tmp_path / "home", half=True)
    one, two = (tmp_path / name / "model.safetensors" for name in ("lent", "home"))
    assert one.read_bytes() == two.read_bytes()
    read = gguf.GGUFReader(tmp_path / "home" / "orson-nano.gguf")
    held = {tensor.name: tensor for tensor in read.tensors}
    embedding = torch.from_numpy(held["token_embd.weight"].data.copy()).float()
    assert torch.equal(embedding, model.embed.weight.detach().half().float())


def test_tokens_end_a_training_where_they_are_given(tmp_path: Path) -> None:
    from training import loop

    torch.manual_seed(1)

    class Same:
        def batch(self, step: int, tokens: int) -> tuple[torch.Tensor, torch.Tensor]:
            return torch.arange(1, 33).repeat(10, 1), torch.ones(10, 32)

    plan = Plan(minutes=0.0, tokens=400)
    loop.run(Llama(SMALL), Same(), plan, tmp_path, compiled=False)
    _, held = loop.restore(tmp_path / "checkpoint.pt")
    assert 400 <= held["tokens"] < 400 + 10 * 32
