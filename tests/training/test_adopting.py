# ruff: noqa: E402
"""A model begun from another: layers and words kept, four bits a weight, unpacked again."""

import json
import os
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
gguf = pytest.importorskip("gguf")

from model_server import unpack
from training import adopt, chat, export, loop, quantise, tokenizer, warm
from training.model import Llama, Shape

TEXT = ["the lantern keeps its own counsel while the harbour sleeps and nobody asks it why"]


@pytest.fixture
def theirs(tmp_path: Path) -> tuple[Path, Llama]:
    """A Llama of three layers whose four query heads share two heads of keys, as a GGUF file."""
    torch.manual_seed(1)
    words = tmp_path / "tokenizer.json"
    made = tokenizer.train(iter(TEXT * 9), 330)
    made.save(str(words))
    shape = Shape(made.get_vocab_size(), 128, 3, 4, 160, 64, kv_heads=2)
    model = Llama(shape)
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.1)
    export.for_llamacpp(export.weights(model), shape, words, tmp_path / "theirs.gguf")
    return tmp_path / "theirs.gguf", model


def test_the_layers_kept_and_the_first_words_are_theirs(
    theirs: tuple[Path, Llama], tmp_path: Path
) -> None:
    path, model = theirs
    adopt.adopt(path, [0, 2], 300, tmp_path / "ours")
    ours, held = warm.start(tmp_path / "ours")
    assert not held
    assert (ours.shape.layers, ours.shape.vocab, ours.shape.shared) == (2, 300, 2)
    for mine, other in zip(ours.blocks, (model.blocks[0], model.blocks[2]), strict=True):
        for one, two in zip(mine.parameters(), other.parameters(), strict=True):
            assert torch.equal(one, two)
    known = json.loads((tmp_path / "tokenizer.json").read_text())["model"]["vocab"]
    mine = tokenizer.load(tmp_path / "ours" / "tokenizer.json")
    rows = {t: at for t, at in mine.get_vocab().items() if t in known and t not in adopt.NEAREST}
    assert len(rows) == 300 - len(chat.SPECIALS)
    for token, at in rows.items():
        assert torch.equal(ours.embed.weight[at], model.embed.weight[known[token]])


def test_an_adopted_vocabulary_splits_as_theirs_where_it_knows_the_words(
    theirs: tuple[Path, Llama], tmp_path: Path
) -> None:
    adopt.adopt(theirs[0], [0], 330, tmp_path / "ours")
    mine = tokenizer.load(tmp_path / "ours" / "tokenizer.json")
    original = tokenizer.load(tmp_path / "tokenizer.json")
    for text in (*TEXT, "unheard-of: 1984, naïve", f"{chat.SEARCH_START} x{chat.SEARCH_END}"):
        assert mine.encode(text).tokens == original.encode(text).tokens
    assert [mine.token_to_id(s) for s in chat.SPECIALS] == list(range(len(chat.SPECIALS)))


@pytest.mark.parametrize(("text", "layers"), [("0-3,8", [0, 1, 2, 3, 8]), ("5", [5])])
def test_layers_are_named_in_ranges(text: str, layers: list[int]) -> None:
    assert adopt.layers(text) == layers


def test_rounding_is_what_llamacpp_stores() -> None:
    torch.manual_seed(2)
    matrix = torch.randn(48, 96)
    matrix[5] = 0.0
    q4 = gguf.GGMLQuantizationType.Q4_0
    stored = gguf.dequantize(gguf.quantize(matrix.numpy(), q4), q4)
    assert torch.equal(quantise.rounded(matrix), torch.from_numpy(stored))


def test_training_sees_rounded_weights_and_changes_the_exact_ones(tmp_path: Path) -> None:
    torch.manual_seed(3)
    model = Llama(Shape(64, 32, 1, 1, 64, 64))
    exact = {name: p.detach().clone() for name, p in model.named_parameters()}
    with quantise.rounding(model):
        for name, p in model.named_parameters():
            kept = p.dim() != 2 or name.startswith("embed")
            assert torch.equal(p, exact[name] if kept else quantise.rounded(exact[name]))
    assert all(torch.equal(p, exact[name]) for name, p in model.named_parameters())

    class Same:
        def batch(self, step: int, tokens: int) -> tuple[torch.Tensor, torch.Tensor]:
            return torch.arange(1, 33).repeat(4, 1), torch.ones(4, 32)

    plan = loop.Plan(0, 2e-2, 2e-2, warmup=1, tokens=5120, muon=False, show_every=0.0)
    loop.run(model, Same(), plan, tmp_path, compiled=False, half=True, quantised=True)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < rows[0]["loss"] / 2


def test_what_came_out_of_four_bits_is_spread_between_their_steps() -> None:
    torch.manual_seed(4)
    model = Llama(Shape(64, 32, 1, 1, 64, 64))
    exact = {name: p.detach().clone() for name, p in model.named_parameters()}
    quantise.unpacked(model, 1)
    assert all(torch.equal(p, exact[name]) for name, p in model.named_parameters())
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() == 2 and not name.startswith("embed"):
                p.copy_(quantise.rounded(p))
    four_bits = {name: p.detach().clone() for name, p in model.named_parameters()}
    quantise.unpacked(model, 1)
    for name, p in model.named_parameters():
        if p.dim() == 2 and not name.startswith("embed"):
            assert torch.equal(quantise.rounded(p), four_bits[name])
            assert (p != four_bits[name]).float().mean() > 0.9
        else:
            assert torch.equal(p, exact[name])


@pytest.mark.parametrize("bits", ["F32", "F16", "Q4_0"])
def test_unpacked_weights_are_those_that_llamacpp_computes_with(
    theirs: tuple[Path, Llama], tmp_path: Path, bits: str
) -> None:
    model, packed = theirs[1], tmp_path / "packed"
    torch.save(
        {"model": model.state_dict(), "shape": model.shape.as_dict()}, tmp_path / "checkpoint.pt"
    )
    export.export(tmp_path, packed, half=bits == "F16", quantised=bits == "Q4_0")
    (packed / "model.safetensors").unlink(missing_ok=True)
    assert unpack.unpack(packed, tmp_path / "out") == tmp_path / "out"
    again, _ = warm.start(tmp_path / "out")
    theirs_now = dict(again.named_parameters())
    for name, weight in model.named_parameters():
        assert torch.allclose(
            theirs_now[name], weight, atol={"F32": 0, "F16": 1e-3}.get(bits, 0.05)
        )
        if bits == "Q4_0" and weight.dim() == 2 and not name.startswith("embed"):
            assert torch.equal(theirs_now[name], quantise.rounded(weight))


def test_unpacking_is_done_once_and_again_for_new_weights(
    theirs: tuple[Path, Llama], tmp_path: Path
) -> None:
    packed, out = tmp_path / "packed", tmp_path / "out"
    packed.mkdir()
    theirs[0].rename(packed / "m.gguf")
    (packed / "config.json").write_text("{}")
    unpack.unpack(packed, out)
    written = (out / "model.safetensors").stat().st_mtime_ns
    unpack.unpack(packed, out)
    assert (out / "model.safetensors").stat().st_mtime_ns == written
    assert (out / "config.json").read_text() == "{}"
    os.utime(packed / "m.gguf", (written / 1e9 + 9, written / 1e9 + 9))
    unpack.unpack(packed, out)
    assert (out / "model.safetensors").stat().st_mtime_ns > written


def test_a_folder_with_other_weights_is_copied(tmp_path: Path) -> None:
    folder, out = tmp_path / "folder", tmp_path / "out"
    folder.mkdir()
    with pytest.raises(ValueError, match="neither"):
        unpack.unpack(folder, out)
    (folder / "m.gguf").write_bytes(b"")
    assert unpack.packed(folder) == folder / "m.gguf"
    (folder / "model.safetensors").write_bytes(b"weights")
    assert unpack.packed(folder) is None
    assert unpack.packed(tmp_path / "none") is None
    unpack.unpack(folder, out)
    assert [file.name for file in out.iterdir()] == ["model.safetensors"]
    assert (out / "model.safetensors").read_bytes() == b"weights"


def test_transformers_reads_shared_keys_alike(theirs: tuple[Path, Llama], tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    _, model = theirs
    export.for_transformers(
        export.weights(model), model.shape, tmp_path / "tokenizer.json", tmp_path
    )
    other = transformers.LlamaForCausalLM.from_pretrained(tmp_path)
    ids = torch.randint(0, 300, (1, 12))
    ours = torch.nn.functional.linear(model.hidden(ids), model.embed.weight)
    assert torch.allclose(other(ids).logits, ours, atol=1e-4)


def test_decoding_with_a_cache_of_shared_keys_equals_reading_at_once() -> None:
    torch.manual_seed(1)
    model, ids = Llama(Shape(64, 32, 2, 4, 48, 64, kv_heads=2)), torch.randint(0, 64, (2, 9))
    whole = torch.nn.functional.linear(model.hidden(ids)[:, -1], model.embed.weight)
    _, past = model.step(ids[:, :6], None)
    for at in range(6, 9):
        logits, past = model.step(ids[:, at : at + 1], past)
    assert torch.allclose(whole, logits, atol=1e-5)
